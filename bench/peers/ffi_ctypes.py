"""ns of CPU time for each call, access and callback by ctypes, loop included: "name ns" lines.
ffi_ctypes.py LIBRARY N release|hold: as ctypes.CDLL (gives Python's lock up) or ctypes.PyDLL."""
import ctypes
import sys
import time
from itertools import repeat

path, n, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
kind = ctypes.CDLL if mode == "release" else ctypes.PyDLL
callback = ctypes.CFUNCTYPE if mode == "release" else ctypes.PYFUNCTYPE
libc, libm, lib = kind("libc.so.6"), kind("libm.so.6"), kind(path)
c_int, c_double = ctypes.c_int, ctypes.c_double


class Point(ctypes.Structure):
    _fields_ = [("x", c_double), ("y", c_double)]


class Record(ctypes.Structure):
    _fields_ = [("i", c_int), ("d", c_double)]


def declare(f, result, *args):
    f.restype, f.argtypes = result, args
    return f


def timed(body):
    best = float("inf")
    for _ in range(5):
        t = time.process_time()
        body()
        best = min(best, (time.process_time() - t) / n)
    return best


def report(name, seconds):
    print("%s %.1f" % (name, seconds * 1e9))


def calls():
    f = declare(libc.abs, c_int, c_int)
    assert f(-5) == 5

    def run_abs():
        for _ in repeat(None, n):
            f(-5)
    report("abs", timed(run_abs))
    g = declare(libm.sqrt, c_double, c_double)

    def run_sqrt():
        for _ in repeat(None, n):
            g(2.5)
    report("sqrt", timed(run_sqrt))
    h, s = declare(libc.strlen, ctypes.c_size_t, ctypes.c_char_p), b"sixteen letters!"

    def run_strlen():
        for _ in repeat(None, n):
            h(s)
    report("strlen", timed(run_strlen))
    six = declare(lib.bench_six, c_int, *[c_int] * 6)

    def run_six():
        for _ in repeat(None, n):
            six(1, 2, 3, 4, 5, 6)
    report("six-ints", timed(run_six))
    add, p = declare(lib.bench_add, Point, Point, Point), Point(1, 2)

    def run_add():
        for _ in repeat(None, n):
            add(p, p)
    report("struct-by-value", timed(run_add))


def accesses():
    r, a = Record(), (c_int * 16)()

    def field_get():
        for _ in repeat(None, n):
            r.i

    def field_set():
        for i in range(n):
            r.i = i

    def element_get():
        for _ in repeat(None, n):
            a[3]

    def element_set():
        for i in range(n):
            a[3] = i
    report("field-get", timed(field_get))
    report("field-set", timed(field_set))
    report("element-get", timed(element_get))
    report("element-set", timed(element_set))


def sort():
    m, best = max(100, n // 10), float("inf")
    pointer = ctypes.POINTER(c_int)
    compare = callback(c_int, pointer, pointer)
    qsort = declare(libc.qsort, None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, compare)
    for _ in range(3):
        array, x, count = (c_int * m)(), 1, 0
        for i in range(m):
            x = x * 16807 % 2147483647
            array[i] = x

        def less(u, v):
            nonlocal count
            count += 1
            return -1 if u[0] < v[0] else 1
        f = compare(less)
        t = time.process_time()
        qsort(array, m, 4, f)
        best = min(best, (time.process_time() - t) / count)
        assert list(array) == sorted(array)
    report("qsort-compare", best)


calls()
accesses()
sort()
