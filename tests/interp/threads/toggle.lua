-- toggle.lua [SWITCHES]: the GIL goes on and off while threads run; where the core can't, it
-- says so. Nothing depends on how long anything takes: a thread works until the switches are done.
local thread, gil, time = require "gilt.thread", require "gilt.gil", require "gilt.time"
local gilt = require "gilt"
local check = require "check"
local test, equal = check.test, check.equal
local switches = tonumber(arg[1]) or 40

test("enable wants a boolean", function()
  local ok, e = pcall(gil.enable)
  assert(not ok and e:find "boolean expected", e)
  assert(not pcall(gil.enable, 1))
end)

if gilt.core == "stock" then
  test("the stock core keeps its lock, and says why", function()
    equal(gil.enable(true), true)
    local ok, e = pcall(gil.enable, false)
    assert(not ok and e:find("the GIL cannot be switched off", 1, true), e)
    equal(gil.enabled(), true)
    equal(gilt.gil, true)
  end)
  check.done()
end

gil.interval(0.0005)
local start = gil.enabled()

test("enable returns what was, and enabled and gilt.gil follow", function()
  equal(gil.enable(false), start)
  equal(gil.enabled(), false)
  equal(gilt.gil, false)
  equal(gil.enable(false), false)
  equal(gil.enable(true), false)
  equal(gil.enabled(), true)
  equal(gilt.gil, true)
  equal(gil.enable(true), true)
end)

-- Runs all workers, each until `stop`, while `during` runs here; their first error is ours.
local stop
local rounds = {} -- of each worker, by its number

local function under_load(workers, during)
  stop = false
  local threads = {}
  for i in ipairs(workers) do rounds[i] = 0 end
  for i, w in ipairs(workers) do threads[i] = thread.spawn(w, i) end
  local ok, e = pcall(during)
  stop = true
  for i, t in ipairs(threads) do
    local good, problem = t:join()
    assert(good, problem)
  end
  assert(ok, e)
end

-- Until worker i has got somewhere since now.
local function progress(i)
  local seen = rounds[i]
  while rounds[i] < seen + 2 do time.sleep(0) end
end

local shared, log = {}, {}

local function fields(id)
  local n = 0
  while not stop do
    rounds[id] = rounds[id] + 1
    n = n + 1
    shared["k" .. id .. "_" .. n % 50] = n
    if shared["k" .. id .. "_" .. n % 50] ~= n then error("lost write") end
    local t = { n = n, sum = n + id }
    shared.last = t
    local l = shared.last
    if l.sum - l.n < 1 or l.sum - l.n > 100 then error("torn value") end
  end
  return true
end

local function captured(id)
  while not stop do
    rounds[id] = rounds[id] + 1
    local x = 0
    local function bump() x = x + 1 return x end
    shared["f" .. id] = bump -- an open variable of this frame, for everybody
    for i = 1, 20 do if bump() ~= i then error("captured variable") end end
  end
  return true
end

local function coroutines(id)
  local n = 0
  while not stop do
    rounds[id] = rounds[id] + 1
    local co = coroutine.wrap(function(a)
      for i = 1, 10 do a = a + coroutine.yield(a) end
      return "end"
    end)
    local v = co(1)
    for _ = 1, 9 do v = co(1) end
    if v ~= 10 or co(1) ~= "end" then error("coroutine: " .. tostring(v)) end
    n = n + 1
  end
  return true
end

-- One pool of coroutines for all: each resume has one winner.
local pool = {}
for i = 1, 8 do
  pool[i] = coroutine.create(function() local n = 0 while true do n = n + 1 coroutine.yield(n) end end)
end
local wins = {}
local function resumes(id)
  local mine, n = 0, 0
  while not stop do
    rounds[id] = rounds[id] + 1
    n = n + 1
    local ok, v = coroutine.resume(pool[n % 8 + 1])
    if ok then
      mine = mine + 1
    elseif not tostring(v):find "cannot resume non%-suspended" then
      error(v)
    end
  end
  wins[id] = mine
  return true
end

local function strings(id)
  local n = 0
  while not stop do
    rounds[id] = rounds[id] + 1
    n = n + 1
    local s = ("x"):rep(n % 100) .. n
    if #s ~= n % 100 + #tostring(n) then error("string") end
    shared.text = s
    if n % 100 == 0 then collectgarbage("step") end
  end
  return true
end

local function sleeps(id)
  while not stop do
    rounds[id] = rounds[id] + 1
    time.sleep(0)
    io.open("/dev/null"):close()
  end
  return true
end

local function finalizers(id)
  while not stop do
    rounds[id] = rounds[id] + 1
    local t = setmetatable({}, { __gc = function(o) log[o] = nil end })
    t = nil
    for i = 1, 50 do local _ = { i } end
  end
  return true
end

local everything = { fields, captured, coroutines, resumes, strings, sleeps, fields, resumes, finalizers }

test("on and off under load", function()
  under_load(everything, function()
    for i = 1, switches do
      local on = i % 2 == 0
      gil.enable(on)
      equal(gil.enabled(), on)
      equal(gilt.gil, on)
      local n = 0
      for k = 1, 2000 do n = n + k end
      equal(n, 2001000)
      progress(i % #everything + 1)
    end
  end)
  local total = 0
  for _, w in pairs(wins) do total = total + w end
  local seen = 0
  for i = 1, 8 do
    local ok, v = coroutine.resume(pool[i])
    assert(ok, v)
    seen = seen + v - 1
  end
  equal(seen, total) -- no resume got lost or ran twice
end)

test("threads that switch at the same time", function()
  local function switcher(id)
    for i = 1, switches // 2 do gil.enable((i + id) % 2 == 0) end
    return true
  end
  local threads = {}
  under_load({ fields, coroutines, strings, sleeps }, function()
    for i = 1, 3 do threads[i] = thread.spawn(switcher, i) end
    for i = 1, 3 do assert(threads[i]:join()) end
  end)
end)

test("threads that start and end meanwhile", function()
  under_load({ fields, strings }, function()
    for i = 1, switches do
      local t = thread.spawn(function(a, b) return a + b end, i, 1)
      gil.enable(i % 2 == 0)
      equal(t:join(), i + 1)
      progress(i % 2 + 1)
    end
  end)
end)

test("from a coroutine, a finalizer and a hook", function()
  local co = coroutine.wrap(function()
    gil.enable(false)
    coroutine.yield(gil.enabled())
    gil.enable(true)
    coroutine.yield(gil.enabled())
    gil.enable(false)
  end)
  equal(co(), false)
  equal(co(), true)
  co()
  equal(gil.enabled(), false)
  local done
  setmetatable({}, { __gc = function() gil.enable(true) done = true end })
  collectgarbage()
  equal(done, true)
  equal(gil.enabled(), true)
  debug.sethook(function() debug.sethook() gil.enable(false) end, "l")
  local x = 1
  equal(gil.enabled(), false)
end)

test("a coroutine started with the lock and finished without, and the reverse", function()
  for _, on in ipairs { true, false } do
    gil.enable(on)
    local co = coroutine.create(function()
      gil.enable(not on)
      local inner = coroutine.wrap(function() gil.enable(on) coroutine.yield(1) gil.enable(not on) end)
      inner()
      coroutine.yield("out")
      inner()
      return "end"
    end)
    local ok, v = coroutine.resume(co)
    assert(ok and v == "out", v)
    gil.enable(false)
    local ok2, v2 = thread.spawn(coroutine.resume, co):join() -- any thread may go on with it
    assert(ok2 and v2 == "end", v2)
    equal(coroutine.status(co), "dead")
  end
end)

test("the lock's settings and counters, while it is off", function()
  gil.enable(false)
  equal(gil.policy "fifo" ~= nil, true)
  gil.reset()
  equal(gil.policy(), "fifo")
  assert(gil.stats("total").threads >= 1)
  gil.policy(gil.policies()[1])
  gil.enable(true)
  assert(gil.stats().acquisitions >= 0)
end)

gil.enable(start)
check.done()
