-- ffi_calls.lua: ns of CPU time for each call, access and callback, loop included; for gilt and for
-- LuaJIT, whose interface it is. Prints "name ns" lines, the best of five rounds.
--   gilt run ffi_calls.lua LIBRARY N release|hold      luajit -joff ffi_calls.lua LIBRARY N
local ffi = require "ffi"
local path, n, mode = arg[1], tonumber(arg[2]), arg[3]
ffi.cdef [[
  int abs(int); double sqrt(double); size_t strlen(const char *);
  struct bench_point { double x, y; };
  int bench_six(int, int, int, int, int, int);
  struct bench_point bench_add(struct bench_point, struct bench_point);
  void qsort(void *base, size_t n, size_t size, int (*cmp)(const int *, const int *));
  typedef struct { int i; double d; } bench_record;
]]
local function open(name)
  if mode then return ffi.load(name, { gil = mode }) end
  return ffi.load(name)
end
local libc, libm, lib = open "libc.so.6", open "libm.so.6", open(path)

local function each(f)
  local best = math.huge
  for _ = 1, 5 do
    local t = os.clock()
    f(n)
    best = math.min(best, (os.clock() - t) / n)
  end
  return best
end
local function report(name, seconds) print(("%s %.1f"):format(name, seconds * 1e9)) end

local abs, sqrt, strlen, six, add = libc.abs, libm.sqrt, libc.strlen, lib.bench_six, lib.bench_add
local p, r, a = ffi.new("struct bench_point", 1, 2), ffi.new "bench_record", ffi.new "int[16]"
local text = "sixteen letters!"
assert(abs(-5) == 5 and sqrt(4) == 2 and tonumber(strlen(text)) == 16 and six(1, 2, 3, 4, 5, 6) == 21)
assert(add(p, p).y == 4)
report("abs", each(function(k) local f = abs for _ = 1, k do f(-5) end end))
report("sqrt", each(function(k) local f = sqrt for _ = 1, k do f(2.5) end end))
report("strlen", each(function(k) local f, s = strlen, text for _ = 1, k do f(s) end end))
report("six-ints", each(function(k) local f = six for _ = 1, k do f(1, 2, 3, 4, 5, 6) end end))
report("struct-by-value", each(function(k) local f, v = add, p for _ = 1, k do f(v, v) end end))
report("field-get", each(function(k) local s = r for _ = 1, k do local _ = s.i end end))
report("field-set", each(function(k) local s = r for i = 1, k do s.i = i end end))
report("element-get", each(function(k) local s = a for _ = 1, k do local _ = s[3] end end))
report("element-set", each(function(k) local s = a for i = 1, k do s[3] = i end end))

-- A sort of m numbers by a comparator in the language, for each comparison.
local m = math.max(100, math.floor(n / 10))
local best = math.huge
for _ = 1, 3 do
  local array, x, count = ffi.new("int[?]", m), 1, 0
  for i = 0, m - 1 do
    x = (x * 16807) % 2147483647
    array[i] = x
  end
  local cb = ffi.cast("int (*)(const int *, const int *)", function(u, v)
    count = count + 1
    return u[0] < v[0] and -1 or 1
  end)
  if mode then ffi.gil(cb, mode) end
  local t = os.clock()
  libc.qsort(array, m, 4, cb)
  best = math.min(best, (os.clock() - t) / count)
  cb:free()
  for i = 1, m - 1 do assert(array[i - 1] <= array[i]) end
end
report("qsort-compare", best)
