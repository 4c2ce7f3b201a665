-- Declarations: what is understood, what is refused and with which words, declaring again, headers.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local case, eq, fails = check.case, check.eq, check.fails

local function shows(text, want) eq(tostring(ffi.typeof(text)), "ctype<" .. want .. ">", text) end

case("types and how they print", function()
  shows("int", "int")
  shows("long long unsigned int", "unsigned long long")
  shows("short signed", "short")
  shows("char", "char")
  shows("const char * const *", "const char *const *")
  shows("int (*)[3]", "int (*)[3]")
  shows("int *[3]", "int *[3]")
  shows("int (*(*)(void))(char, ...)", "int (*(*)())(char, ...)")
  shows("int (*(*[2])(int (*)(int)))[4]", "int (*(*[2])(int (*)(int)))[4]")
  shows("double _Complex", "complex")
  shows("int[?]", "int [?]")
  shows("int[2][3]", "int [2][3]")
  shows("int32_t volatile *restrict", "volatile int *")
  shows("struct undefined_yet *", "struct undefined_yet *")
  shows("va_list *", "struct __va_list_tag (*)[1]")
  shows("unsigned", "unsigned int")
  shows("_Bool", "bool")
  shows("__int128", "__int128")
  shows("int (*)(int a, int b[], int c(void), const int d)", "int (*)(int, int *, int (*)(), int)")
end)

case("sizes", function()
  for text, size in pairs {
    ["char"] = 1, ["short"] = 2, ["int"] = 4, ["long"] = 8, ["long long"] = 8, ["float"] = 4,
    ["double"] = 8, ["long double"] = 16, ["void *"] = 8, ["int[7]"] = 28, ["size_t"] = 8,
    ["wchar_t"] = 4, ["int8_t"] = 1, ["uint16_t"] = 2, ["intptr_t"] = 8, ["complex float"] = 8,
    ["struct { char c; int i; }"] = 8, ["union { char c[5]; short s; }"] = 6, ["enum { A1 }"] = 4,
    ["struct { int n; char d[]; }"] = 4, ["char[3 + 2 * 4 - (7 & 3)]"] = 8, ["_Float32"] = 4,
    ["char[sizeof(int) + _Alignof(double)]"] = 12, ["char['a' == 97 ? 2 : 3]"] = 2,
    ["struct { char c; } __attribute__((aligned(8)))"] = 8, ["struct __attribute__((packed)) { char c; int i; }"] = 5,
    ["struct { _Alignas(16) char c; }"] = 16, ["int __attribute__((mode(HI)))"] = 2, ["__typeof__(1.5)"] = 8,
  } do
    eq(ffi.sizeof(text), size, text)
  end
  eq(ffi.sizeof "int[?]", nil)
  eq(ffi.sizeof("int[?]", 5), 20)
  eq(ffi.sizeof "void", nil)
  eq(ffi.sizeof "struct undefined_yet", nil)
  eq(ffi.sizeof("struct { int n; short v[?]; }", 3), 12 - 2)
  eq(ffi.alignof "double", 8)
  eq(ffi.alignof "struct { char c[3]; }", 1)
end)

case("offsets", function()
  ffi.cdef [[ struct off { char c; union { int i; struct { short s, t; }; }; unsigned a : 3, b : 7;
    struct { double d; } n; }; ]]
  eq(ffi.offsetof("struct off", "i"), 4)
  eq(ffi.offsetof("struct off", "t"), 6)
  eq(ffi.offsetof("struct off", "n"), 16)
  eq(select("#", ffi.offsetof("struct off", "b")), 3)
  eq(select(2, ffi.offsetof("struct off", "b")), 3)
  eq(select(3, ffi.offsetof("struct off", "b")), 7)
  eq(ffi.offsetof("struct off", "nothing"), nil)
end)

case("constants", function()
  ffi.cdef [[
    enum numbers { N_A, N_B = 5, N_C, N_D = -1, N_E = N_C << 2, N_F = sizeof(int), N_BIG = 0x100000000 };
    static const int SC = 42, SNEG = -7;
    static const double SD = 2.5;
    static const unsigned char SUC = 300;
    enum { N_TRAILING = 'A', };
    enum fixed : unsigned char { N_FIXED = 200 };
  ]]
  local C = ffi.C
  fails("constant", function() C.SC = 1 end)
  eq(C.N_A, 0)
  eq(C.N_C, 6)
  eq(C.N_D, -1)
  eq(C.N_E, 24)
  eq(C.N_F, 4)
  eq(C.N_BIG, 1 << 32)
  eq(C.SC, 42)
  eq(C.SNEG, -7)
  eq(C.SD, 2.5)
  eq(C.SUC, 44)
  eq(C.N_TRAILING, 65)
  eq(ffi.sizeof "enum fixed", 1)
  eq(ffi.sizeof "enum numbers", 8)
end)

case("expressions on types: members of no object, addresses, sizes", function()
  ffi.cdef [[
    struct ex { int a; struct { short b[4]; char c; } in; double d; unsigned bf:3; union { long u; float v; }; };
    extern struct ex ex_object; int ex_function(double); extern int ex_array[10][3];
    enum {
      EX_SIZE = sizeof(((struct ex *)0)->in.b), EX_ADDRESS = (long)&((struct ex *)0)->in.b[2],
      EX_OFFSET = __builtin_offsetof(struct ex, in.b[3]), EX_OFFSET2 = offsetof(struct ex, v),
      EX_OBJECT = sizeof ex_object, EX_MEMBER = sizeof(ex_object).in.c, EX_CALL = sizeof(ex_function(1.0)),
      EX_ROW = sizeof(ex_array[0]), EX_COUNT = sizeof(ex_array) / sizeof(ex_array[0][0]),
      EX_POINTER = sizeof(&ex_object), EX_BACK = sizeof(*&ex_object),
      EX_ELEMENT = (long)(&((int *)0)[5]), EX_PLUS = (long)((char *)0 + 3), EX_MINUS = &((int *)0)[7] - (int *)0,
      EX_CHAR = sizeof((char)1), EX_PROMOTED = sizeof(+(char)1), EX_FLOAT = sizeof(1.0f), EX_DOUBLE = sizeof(1.0f * 2.0),
      EX_STRING = sizeof("abc\x41\101\n" "de"),
      EX_UNTAKEN = 1 ? 2 : 1 / 0, EX_SHORT = 0 && 1 / 0, EX_COMMON = (1 ? -1 : 0u) > 0,
      EX_SAME = __builtin_types_compatible_p(int, const signed), EX_OTHER = __builtin_types_compatible_p(int, long),
      EX_SMALL = -1 < (unsigned char)1
    };
    typedef typeof(ex_object.in.b) ex_type; typedef __typeof__(&ex_object) ex_pointer;
    _Static_assert(sizeof(struct ex) == sizeof(((struct ex *)((void *)0))->in) - 10 + 46 - 6, "");
  ]]
  local want = { SIZE = 8, ADDRESS = 8, OFFSET = 10, OFFSET2 = 32, OBJECT = 40, MEMBER = 1, CALL = 4, ROW = 12, COUNT = 30,
    POINTER = 8, BACK = 40, ELEMENT = 20, PLUS = 3, MINUS = 7, CHAR = 1, PROMOTED = 4, FLOAT = 4, DOUBLE = 8, STRING = 9,
    UNTAKEN = 2, SHORT = 0, COMMON = 1, SAME = 1, OTHER = 0, SMALL = 1 }
  for name, value in pairs(want) do eq(ffi.C["EX_" .. name], value, name) end
  shows("ex_type", "short [4]")
  shows("ex_pointer", "struct ex *")
  local function bad(expression, ...) fails({ ... }, ffi.cdef, "enum { EX_BAD = " .. expression .. " };") end
  bad("&ex_object", "'ex_object' is no constant")
  bad("((struct ex *)0)->a", "1:37:", "the value of an object is no constant")
  bad("sizeof(ex_object.bf)", "bit-field")
  bad("((struct ex *)0)->nothing", "'struct ex' has no member 'nothing'")
  bad("((struct ex_unknown *)0)->x", "no member")
  bad("(char *)0", "1:17:", "not a pointer")
  bad("*3", "pointer is needed")
  bad("&3", "no address")
  bad("(char *)0 + 1.5", "floating-point")
  bad("(struct ex_unknown *)0 + 1", "incomplete")
  bad("sizeof(ex_array(4))", "no function")
  bad("1 ? ((struct ex *)0)->a : 2", "no constant")
end)

case("the same again is fine, another is not", function()
  local text = [[
    typedef struct again { int x; struct again *next; struct { char c; } in; } again;
    typedef struct { int y; } anonymous_again;
    enum again_e { AG_ONE = 1, AG_TWO };
    typedef int (*again_f)(const char *);
    int again_function(int, double);
    extern int again_array[];
    static const int AGAIN = 3;
  ]]
  ffi.cdef(text)
  ffi.cdef(text)
  ffi.cdef "extern int again_array[4]; int again_function(int named, double too);"
  ffi.cdef "typedef long long int64_t; typedef unsigned long size_t;"
  local here = "test_declarations.lua:"
  fails({ "again", here, "line 1", "struct" }, ffi.cdef, "struct again { int x; };")
  fails({ "again_f", "typedef", here, "line 4" }, ffi.cdef, "typedef int (*again_f)(char *);")
  fails({ "again_function", "double", "line 5" }, ffi.cdef, "int again_function(int);")
  fails({ "AG_TWO", "constant", "2" }, ffi.cdef, "enum other { AG_TWO = 7 };")
  fails({ "AGAIN", "3" }, ffi.cdef, "static const int AGAIN = 4;")
  fails({ "again", "is a struct" }, ffi.cdef, "union again;")
  fails({ "anonymous_again" }, ffi.cdef, "typedef struct { long y; } anonymous_again;")
end)

case("errors have line, column and what was expected", function()
  local function bad(text, ...) fails({ ... }, ffi.cdef, text) end
  bad("int f(int;", "1:10:", "expected", "')'")
  bad("\n\n  struct q { int a int b; };", "3:20:", "';'")
  bad("unknown_t x;", "1:1:", "unknown type 'unknown_t'")
  bad("int a[-1];", "-1")
  bad("int a[1/0];", "division by zero")
  bad("int a[x];", "constant")
  bad("struct s1 { struct s1 s; };", "incomplete")
  bad("struct s2 { void v; };", "incomplete", "void")
  bad("struct s3 { int a, a; };", "'a'", "already")
  bad("struct s4 { int a : 33; };", "33")
  bad("struct s5 { float a : 3; };", "bit-field")
  bad("int f(void)(int);", "function")
  bad("int f(void)[3];", "array")
  bad("int a[](int);", "size")
  bad("unsigned float x;", "no type")
  bad("long long long x;", "no type")
  bad("short double x;", "no type")
  bad("#define X 1", "#define", "preprocess")
  bad("int x; /* open", "1:8:", "comment")
  bad('int x __asm__("abc', "string")
  bad("int @;", "'@'")
  bad("int \1;", "0x01")
  bad("struct { int a;", "'}'")
  bad("int a[0x];", "malformed")
  bad("int a[99999999999999999999999];", "large")
  bad("char a[0x7fffffffffffffff];", "large")
  bad("int (((x);", "never closed")
  bad("_Static_assert(1 == 2, \"no\");", "_Static_assert")
  bad("enum e9 { A9 = 1.5 };", "integer")
  bad("struct s6 { int n; int v[]; int m; };", "last")
  bad("int __attribute__((aligned(3))) x;", "power of two")
  bad("typedef static int x;", "storage")
  bad("void v;", "void")
  bad("int f(void, int);", "void")
  bad(("("):rep(500), "expected")
  bad("int " .. ("("):rep(500) .. "x" .. (")"):rep(500) .. ";", "nested too deeply")
  bad("int a[" .. ("("):rep(500) .. "1" .. (")"):rep(500) .. "];", "nested too deeply")
  bad(("struct { "):rep(300), "nested too deeply")
  bad("int a[" .. ("-"):rep(10000) .. "1];", "nested too deeply")
  fails({ "int [", "1:" }, ffi.typeof, "int [")
  fails("storage class", ffi.typeof, "static int")
  fails("expected", ffi.typeof, "")
  fails("the end", ffi.typeof, "int int_name")
end)

case("parameters", function()
  local S = ffi.typeof("struct { int a; $ b; }", ffi.typeof "double")
  eq(ffi.sizeof(S), 16)
  eq(ffi.sizeof(ffi.typeof("int[$][$]", 3, 4)), 48)
  ffi.cdef("typedef struct $ { $ v; } $;", "param_tag", ffi.typeof "short", "param_name")
  eq(ffi.sizeof "param_name", 2)
  eq(ffi.sizeof "struct param_tag", 2)
  fails("parameter", ffi.typeof, "$")
  fails("parameter", ffi.typeof, "$ *", {})
end)

case("what headers hold besides", function()
  ffi.cdef [[
    # 1 "header.h" 1
    #pragma once
    extern "C" {
    __extension__ typedef struct { int quot_; } hdr_t;
    static inline int hdr_inline(int x) { return x ? (x + 1) : '}'; }
    extern __inline __attribute__ ((__always_inline__)) int hdr_gnu(void) { return 0; }
    extern int hdr_printf (const char *__restrict __format, ...) __attribute__ ((__format__ (__printf__, 1, 2)));
    void hdr_exit(int) __attribute__((noreturn, cold));
    _Noreturn void hdr_exit2(int);
    int hdr_exec(int __nmatch, hdr_t __pmatch[__restrict __nmatch], char *const argv[static 1]);
    register int hdr_r;
    extern _Thread_local int hdr_tls;
    _Atomic(int) hdr_atomic;
    _Atomic int hdr_atomic2;
    typedef int hdr_fn(int), *hdr_ptr, hdr_arr[2];
    hdr_fn hdr_f1, hdr_f2;
    __attribute__((visibility("default"))) int hdr_visible __attribute__((unused));
    int __cdecl hdr_cdecl(int); int (__stdcall *hdr_std)(int);
    extern long double hdr_ld (long double) __asm__ ("" "hdr_ld_alias") __attribute__ ((__nothrow__ , __leaf__));
    int hdr_vla(int n, const char (a)[(n + 1)], int b[][sizeof(struct hdr_s *)]), hdr_soft(int bool, double complex, float *complex);
    struct hdr_soft { int bool; float *complex; };
    struct hdr_flex { int n; struct { int k; char v[]; } list[]; };
    typedef struct __attribute__((aligned(4))) { char c; } hdr_packed; typedef struct hdr_soft hdr_aligned __attribute__((aligned(64)));
    int hdr_takes(hdr_aligned *); int hdr_takes(struct hdr_soft *);
    _Float16 hdr_half; __bf16 hdr_brain; _Complex _Float16 hdr_ch; _Complex _Float128 hdr_cq; __uint128_t hdr_u;
    typedef float hdr_tf __attribute__((mode(TF))), hdr_xf __attribute__((mode(XF)));
    typedef unsigned hdr_ti __attribute__((mode(TI))); typedef _Complex float hdr_dc __attribute__((mode(DC)));
    struct hdr_bits { unsigned : 4; unsigned x : 4; int : 0; };
    typedef float hdr_v4 __attribute__((vector_size(16)));
    ;
    }
  ]]
  eq(ffi.sizeof "hdr_v4", 16)
  eq(ffi.sizeof "hdr_arr", 8)
  eq(ffi.alignof "hdr_aligned", 64)
  eq(ffi.istype("struct hdr_soft", ffi.new "hdr_aligned"), true)
  eq(ffi.offsetof("struct hdr_soft", "bool"), 0)
  eq(ffi.new("struct hdr_soft", { bool = 3 }).bool, 3)
  eq(ffi.sizeof "_Float16", 2)
  eq(ffi.sizeof "_Complex _Float128", 32)
  shows("hdr_xf", "long double")
  shows("hdr_ti", "unsigned __int128")
  shows("hdr_dc", "complex")
  if ffi.arch == "x64" then shows("hdr_tf", "_Float128") end
  fails("unknown mode", ffi.cdef, "typedef int hdr_no __attribute__((mode(V4SF)));")
  fails("mode", ffi.cdef, "typedef int hdr_no __attribute__((mode(TF)));")
  shows("hdr_fn *", "int (*)(int)")
  shows("hdr_ptr", "int *")
end)

-- Real headers, as the preprocessor gives them.
for _, header in ipairs { "stdio.h", "stdlib.h", "string.h", "math.h", "pthread.h", "sys/socket.h", "regex.h",
  "signal.h", "time.h", "complex.h", "zlib.h", "sqlite3.h", "curl/curl.h", "openssl/evp.h", "curses.h", "SDL2/SDL.h", "png.h",
  "link.h", "linux/virtio_ring.h", "linux/igmp.h", "immintrin.h" } do
  case("header " .. header, function()
    local source = os.tmpname()
    local f = assert(io.open(source, "w"))
    f:write("#include <stddef.h>\n#include <", header, ">\n")
    f:close()
    local p = assert(io.popen("cc -E -x c " .. source .. " 2>/dev/null"))
    local text = p:read "a"
    local ok = p:close()
    os.remove(source)
    if not ok then
      print("skipped: no " .. header)
      return
    end
    ffi.cdef(text)
    ffi.cdef(text)
  end)
end

check.done()
