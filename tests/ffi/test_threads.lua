-- Threads: the lock modes, memory of released calls, errno, callbacks from threads of C beside
-- running Lua threads at the shortest switch interval, names and types made by many threads.
-- Second argument: how many callbacks (100000).
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local thread = require "gilt.thread"
local gil = require "gilt.gil"
local lib = check.native()
local case, eq, fails = check.case, check.eq, check.fails

if not check.shared() then check.skip "threads here have an interpreter each" end
gil.interval(20e-6)

local function threads(n, f)
  local list = {}
  for i = 1, n do
    list[i] = thread.spawn(function()
      f(i)
      return true
    end)
  end
  for i = 1, n do assert(list[i]:join()) end
end

case("release: two threads are in C at once; hold: never", function()
  local met = {}
  threads(2, function(i) met[i] = lib.t_meet(20000) end)
  eq(met[1] + met[2], 2, "release")
  local hold = ffi.load(arg[1], { gil = "hold" })
  threads(2, function(i) met[i] = hold.t_meet(50) end)
  eq(met[1] + met[2], 0, "hold")
end)

case("auto learns", function()
  local auto = ffi.load(arg[1], { gil = "auto" })
  local i32, spin = auto.t_i32, auto.t_spin
  for i = 1, 2000 do i32(i) end
  local mode, now, mean = ffi.gil(i32)
  eq(mode, "auto")
  eq(math.type(mean), "float")
  for _ = 1, 50 do spin(200000) end
  mode, now = ffi.gil(spin)
  eq(now, "release", "a long call")
  eq(select(2, ffi.gil(ffi.gil(lib.t_u8, "auto"))), "release", "before it knows")
  ffi.gil(lib.t_u8, "release")
  eq((ffi.gil(lib.t_u8)), "release")
  eq((ffi.gil(lib)), "release")
  eq((ffi.gil(auto)), "auto")
  ffi.gil(auto, "hold")
  eq((ffi.gil(i32)), "hold")
end)

case("memory of a released call stays", function()
  local spin = check.quick and 20 or 100
  threads(4, function(i)
    for round = 1, 10 do
      local text = ("%d-%d-"):format(i, round):rep(2000)
      local want = lib.t_checksum(text, #text, 1)
      local got = lib.t_checksum(("%d-%d-"):format(i, round):rep(2000), #text, 1)
      eq(got, want)
      local copy = ffi.new("unsigned char[?]", #text)
      ffi.copy(copy, text, #text)
      local many = lib.t_checksum(copy, #text, spin)
      collectgarbage "step"
      eq(lib.t_checksum(copy, #text, spin), many)
    end
  end)
end)

case("errno of each thread", function()
  threads(4, function(i)
    for k = 1, 2000 do
      lib.t_set_errno(i * 100000 + k)
      local x = 0
      for j = 1, 10 do x = x + j end
      eq(ffi.errno(), i * 100000 + k)
    end
  end)
end)

case("callbacks of threads that Lua has never seen, beside Lua threads", function()
  local total = tonumber(arg[2]) or (check.quick and 4000 or 100000)
  local crews, per = 4, total // 4
  local cb = ffi.cast("int (*)(int)", function(i)
    local t = { i, tostring(i) }
    return #t
  end)
  local stop = false
  local workers = {}
  for w = 1, 2 do
    workers[w] = thread.spawn(function()
      local n = 0
      while not stop do
        local t = {}
        for k = 1, 50 do t[k] = { k } end
        n = n + #t
        lib.t_i32(n)
      end
      return n
    end)
  end
  lib.t_crew_start(cb, crews, per)
  local sum = lib.t_crew_join(crews)
  stop = true
  for w = 1, 2 do assert(workers[w]:join()) end
  eq(sum, 2 * crews * per)
  cb:free()
end)

case("callbacks in calls of many Lua threads", function()
  threads(4, function(i)
    for k = 1, check.quick and 50 or 300 do
      eq(lib.t_repeat(function(v) return v + i end, 20), 190 + 20 * i)
      if k % 10 == 0 then
        local ok, err = pcall(lib.t_call, function() error(i, 0) end, 1)
        eq(ok, false)
        eq(err, i)
      end
    end
  end)
end)

case("declarations and types by many threads", function()
  threads(6, function(i)
    for k = 1, check.quick and 10 or 40 do
      ffi.cdef(("struct mt_%d { int a[%d]; }; struct mt_all_%d { int x; }; int mt_f%d(int);"):format(i * 1000 + k, k, k, k))
      eq(ffi.sizeof(("struct mt_%d"):format(i * 1000 + k)), 4 * k)
      local o = ffi.new(("struct mt_all_%d"):format(k), k)
      eq(o.x, k)
      eq(ffi.sizeof(("int (*[%d])(struct mt_all_%d *)"):format(k, k)), 8 * k)
    end
  end)
end)

case("a thread interrupted inside of a call", function()
  ffi.cdef "int usleep(unsigned);"
  local t = thread.spawn(function() while true do ffi.C.usleep(1000) end end)
  t:interrupt()
  local result, err = t:join()
  eq(result, nil)
  fails("interrupted", error, err)
end)

check.done()
