-- ffi.lua: what a foreign call, an access and a callback cost, as ratios to C functions written by
-- hand, with the project's bars. CPU time, the best of five rounds that take turns.
--   gilt run bench/cases/ffi.lua LIBRARY [calls]     LIBRARY: ffi_native.so of the build
-- Prints a table; exits 1 where a bar is missed and the number of calls is the default.
local ffi = require "ffi"
local thread = require "gilt.thread"
local path, calls = arg[1], tonumber(arg[2])
local n = calls or 2000000
local hand = assert(package.loadlib(path, "luaopen_ffi_native"))()

ffi.cdef [[
  int abs(int); double sqrt(double); size_t strlen(const char *);
  struct bench_point { double x, y; };
  int bench_six(int, int, int, int, int, int);
  struct bench_point bench_add(struct bench_point, struct bench_point);
  uint64_t bench_spin_us(unsigned);
  void qsort(void *base, size_t n, size_t size, int (*cmp)(const int *, const int *));
  typedef struct { int i; double d; } bench_record;
  int clock_gettime(int, struct { long s, ns; } *);
]]
local C = ffi.C
local held = ffi.load(path, { gil = "hold" })

local rows = {}
-- what, the function measured and its yardstick (each called with a number of rounds), the bar
local function row(what, f, yardstick, bar, at_least)
  rows[#rows + 1] = { what = what, f = f, yardstick = yardstick, bar = bar, at_least = at_least,
    best = math.huge, base = math.huge }
end
local function cpu(f, rounds)
  local t = os.clock()
  f(rounds)
  return (os.clock() - t) / rounds
end

local function empty(k) local f = hand.empty for i = 1, k do f(i) end end
local function unary(f, v) return function(k) local g, x = f, v for _ = 1, k do g(x) end end end

local abs_hold = ffi.gil(ffi.cast("int (*)(int)", C.abs), "hold")
local abs_auto = ffi.gil(ffi.cast("int (*)(int)", C.abs), "auto")
row("abs(int), cached, hold", unary(abs_hold, -5), empty, 2.4)
row("abs(int), cached, release", unary(C.abs, -5), empty, 3.0)
row("abs(int), cached, auto", unary(abs_auto, -5), empty)
row("lib.abs(i) / cached", function(k) for _ = 1, k do C.abs(-5) end end, unary(C.abs, -5), 1.3)
row("sqrt", unary(ffi.gil(ffi.cast("double (*)(double)", C.sqrt), "hold"), 2.5), unary(hand.sqrt, 2.5), 3.0)
row("strlen(string)", unary(ffi.gil(ffi.cast("size_t (*)(const char *)", C.strlen), "hold"), "sixteen letters!"),
  unary(hand.strlen, "sixteen letters!"), 3.0)
row("six ints", function(k) local f = held.bench_six for _ = 1, k do f(1, 2, 3, 4, 5, 6) end end,
  function(k) local f = hand.six for _ = 1, k do f(1, 2, 3, 4, 5, 6) end end, 3.0)
local p, q = ffi.new("struct bench_point", 1, 2), hand.point(1, 2)
row("two doubles by value", function(k) local f = held.bench_add for _ = 1, k do f(p, p) end end,
  function(k) local f = hand.add for _ = 1, k do f(q, q) end end, 3.0)
local r, a = ffi.new "bench_record", ffi.new "int[16]"
row("field get", function(k) local s = r for _ = 1, k do local _ = s.i end end, empty, 2.0)
row("field set", function(k) local s = r for i = 1, k do s.i = i end end, empty, 2.0)
row("element get", function(k) local s = a for _ = 1, k do local _ = s[3] end end, empty, 2.0)
row("element set", function(k) local s = a for i = 1, k do s[3] = i end end, empty, 2.0)

-- A sort of m numbers: time for each comparison.
local function numbers(m)
  local x, t = 1, {}
  for i = 1, m do
    x = (x * 1103515245 + 12345) & 0x7fffffff
    t[i] = x
  end
  return t
end
local function sort_c(mode)
  return function(k)
    local m = math.max(100, k // 20)
    local data = numbers(m)
    local array = ffi.new("int[?]", m, data)
    local count = 0
    local cb = ffi.gil(ffi.cast("int (*)(const int *, const int *)", function(x, y)
      count = count + 1
      return x[0] < y[0] and -1 or 1
    end), mode)
    C.qsort(array, m, 4, cb)
    cb:free()
    return count
  end
end
local function sort_lua(k)
  local count = 0
  table.sort(numbers(math.max(100, k // 20)), function(x, y)
    count = count + 1
    return x < y
  end)
  return count
end
local function per_compare(f)
  return function(k)
    local t = os.clock()
    local count = f(k)
    return (os.clock() - t) / count
  end
end
for _, mode in ipairs { "release", "hold" } do
  rows[#rows + 1] = { what = "qsort, per compare, " .. mode, timed = per_compare(sort_c(mode)),
    timed_base = per_compare(sort_lua), bar = 4.0, best = math.huge, base = math.huge }
end

for _ = 1, 5 do
  for _, t in ipairs(rows) do
    t.best = math.min(t.best, t.timed and t.timed(n) or cpu(t.f, n))
    t.base = math.min(t.base, t.timed_base and t.timed_base(n) or cpu(t.yardstick, n))
  end
end

-- Two threads, wall time: how much faster than one after the other.
local clock = ffi.new "struct { long s, ns; }[1]"
local function wall()
  C.clock_gettime(1, ffi.cast("void *", clock))
  return clock[0].s + clock[0].ns * 1e-9
end
local function speedup(f)
  local best = 0
  for _ = 1, 3 do
    local t = wall()
    f()
    f()
    local serial = wall() - t
    t = wall()
    local x, y = thread.spawn(f), thread.spawn(f)
    x:join()
    y:join()
    best = math.max(best, serial / (wall() - t))
  end
  return best
end
local released = ffi.load(path)
local rounds = calls and 2 or 40
local function spin(lib) return function() for _ = 1, rounds do lib.bench_spin_us(5000) end end end
local pairs_ = {
  { "5 ms call on 2 threads, release", speedup(spin(released)), 1.95 },
  { "5 ms call on 2 threads, hold", speedup(spin(held)) },
  { "tiny calls on 2 threads, auto", speedup(function() unary(abs_auto, -5)(n) end), 0.95 },
}

local missed = 0
local function line(what, value, unit, bar, ok)
  if not ok then missed = missed + 1 end
  print(("%-36s %8s  %5.2f x  %s"):format(what, unit, value, bar and ("bar %.2f %s"):format(bar, ok and "" or "MISSED") or ""))
end
for _, t in ipairs(rows) do
  local ratio = t.best / t.base
  line(t.what, ratio, ("%.1f ns"):format(t.best * 1e9), t.bar, not t.bar or ratio <= t.bar)
end
for _, t in ipairs(pairs_) do line(t[1], t[2], "", t[3], not t[3] or t[2] >= t[3]) end
os.exit((calls or missed == 0) and 0 or 1)
