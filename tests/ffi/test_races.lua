-- Eight threads on the same types, libraries, callbacks and finalizers: with the lock at the shortest
-- switch interval, and in mode free without it.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local thread = require "gilt.thread"
local gil = require "gilt.gil"
local lib = check.native()
local case, eq, fails = check.case, check.eq, check.fails

if not check.shared() then check.skip "threads here have an interpreter each" end
if gil.enabled() then gil.interval(20e-6) end
local rounds = check.quick and 1 or 4
local N = 8

-- f(i) in N threads; their results.
local function threads(f)
  local list, results = {}, {}
  for i = 1, N do list[i] = thread.spawn(function() return true, f(i) end) end
  for i = 1, N do
    local ok, r = list[i]:join()
    if not ok then error(r, 0) end
    results[i] = r
  end
  return results
end

ffi.cdef "void qsort(void *, size_t, size_t, int (*)(const int *, const int *)); void free(void *); void *malloc(size_t);"
local function numbers(n, seed)
  local a = ffi.new("int[?]", n)
  for i = 0, n - 1 do
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    a[i] = seed
  end
  return a
end
local function sorted(a, n)
  for i = 1, n - 1 do
    if a[i - 1] > a[i] then return false end
  end
  return true
end

case("one comparator in all threads, set to another meanwhile", function()
  local cb = ffi.cast("int (*)(const int *, const int *)", function(a, b) return a[0] < b[0] and -1 or a[0] > b[0] and 1 or 0 end)
  local kept = {}
  local function keeps(a, b) -- not of the kind that gets the same objects each time
    kept[1], kept[2] = a, b
    local x, y = a[0], b[0]
    return x < y and -1 or x > y and 1 or 0
  end
  local done = false
  local setter = thread.spawn(function()
    local k = 0
    while not done do
      k = k + 1
      cb:set(k % 2 == 0 and keeps or function(a, b) return a[0] < b[0] and -1 or a[0] > b[0] and 1 or 0 end)
    end
    return true
  end)
  local ok, err = pcall(threads, function(i)
    for k = 1, rounds do
      local n = 2000
      local a = numbers(n, i * 100 + k)
      ffi.C.qsort(a, n, 4, cb)
      assert(sorted(a, n), "not sorted")
    end
  end)
  done = true
  assert(setter:join())
  assert(ok, err)
  cb:free()
end)

case("callbacks made, called and freed", function()
  threads(function(i)
    for k = 1, 100 * rounds do
      local cb = ffi.cast("int (*)(int)", function(v) return v + i * k end)
      eq(cb(5), 5 + i * k)
      eq(lib.t_call(cb, 7), 7 + i * k)
      cb:free()
      fails("callback", cb.free, cb)
    end
  end)
end)

case("new types, names and members", function()
  for round = 1, rounds do
    local sizes = threads(function(i)
      local sum = 0
      for k = 1, 40 do
        local name = ("struct race_%d_%d"):format(round, k)
        ffi.cdef(("%s { int id; struct { double d; char c; } in; int f%d : 5; };"):format(name, k))
        local o = ffi.new(name, { id = i, ["in"] = { d = k } })
        o["f" .. k] = -3
        assert(o.id == i and o["in"].d == k and o["f" .. k] == -3)
        local p = ffi.new(("%s *[%d]"):format(name, k))
        p[k - 1] = o
        assert(p[k - 1].id == i)
        sum = sum + ffi.sizeof(p) + ffi.offsetof(name, "in")
        ffi.typeof(("int (*)(%s *, %s)"):format(name, name))
      end
      return sum
    end)
    for i = 2, N do eq(sizes[i], sizes[1]) end
  end
end)

case("a metatype is set by one", function()
  for k = 1, 5 * rounds do
    local name = ("struct race_meta_%d"):format(k)
    ffi.cdef(name .. " { int x; };")
    local o = ffi.new(name, 20)
    local won = threads(function(i)
      return pcall(ffi.metatype, name, { __index = { who = i }, __add = function(a, b) return a.x + b + i end,
        __gc = function() end })
    end)
    local count = 0
    for i = 1, N do count = count + (won[i] and 1 or 0) end
    eq(count, 1)
    eq(o + 1, 21 + o.who)
    eq(ffi.gc(ffi.new(name, 5), nil) + 1, 6 + o.who)
  end
end)

case("finalizers run once each", function()
  lib.t_counted()
  local per = 300 * rounds
  local count = lib.t_count
  threads(function(i)
    for k = 1, per do
      local o = ffi.gc(ffi.new("int[4]", i), count)
      assert(o[3] == 0 or o[3] == i)
      if k % 3 == 0 then ffi.gc(o, nil) end
    end
  end)
  for _ = 1, 4 do collectgarbage() end
  eq(lib.t_counted(), N * (per - per // 3))
end)

case("hold: one at a time, but for callbacks", function()
  local hold = ffi.load(arg[1], { gil = "hold" })
  lib.t_alone(0, nil)
  local other = thread.spawn(function() return true end)
  threads(function(i)
    for _ = 1, 20 * rounds do hold.t_alone(20000, nil) end
    eq(hold.t_alone(10, function(v)
      eq(hold.t_alone(50, nil), 0)
      local nested = thread.spawn(function() return hold.t_alone(50, nil) + i end)
      return (nested:join()) -- a thread that makes such a call itself
    end), i)
    fails("from within", hold.t_alone, 10, function() error "from within" end)
  end)
  assert(other:join())
  eq(lib.t_alone(0, nil), 1)
end)

case("libraries, functions and modes", function()
  local shared = ffi.load(arg[1])
  local modes = { "release", "hold", "auto" }
  threads(function(i)
    for k = 1, 50 * rounds do
      local own = ffi.load(arg[1], { gil = modes[k % 3 + 1] })
      eq(own.t_i32(k), k + 1)
      eq(shared.t_i32(k), k + 1)
      ffi.gil(shared, modes[(k + i) % 3 + 1])
      eq(shared["t_u8"](k % 100), own.t_u8(k % 100))
      lib.t_set_errno(i * 1000 + k)
      eq(ffi.errno(), i * 1000 + k)
    end
  end)
end)

case("calls of many shapes at once", function()
  ffi.cdef "int snprintf(char *, size_t, const char *, ...);"
  threads(function(i)
    local buf = ffi.new "char[64]"
    for k = 1, 100 * rounds do
      eq(ffi.C.snprintf(buf, 64, "%d %s %.1f", ffi.new("int", k), "x" .. i, i + 0.5), #("%d x%d %.1f"):format(k, i, i + 0.5))
      eq(ffi.string(buf), ("%d x%d %.1f"):format(k, i, i + 0.5))
      local p = lib.t_add({ i, k }, { k, i })
      eq(p.x, i + k + 0.0)
      eq(lib.t_repeat(function(v) return v + i end, 10), 45 + 10 * i)
    end
  end)
end)

case("threads of C beside", function()
  local cb = ffi.cast("int (*)(int)", function(v) return #tostring(v) > 0 and 1 or 0 end)
  local per = 200 * rounds
  lib.t_crew_start(cb, 4, per)
  threads(function(i)
    for k = 1, per do eq(cb(k), 1) end
  end)
  eq(lib.t_crew_join(4), 4 * per)
  cb:free()
end)

check.done()
