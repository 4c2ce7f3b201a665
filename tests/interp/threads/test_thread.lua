-- The thread module: results, errors, names, joining, interrupting.
local check = require "check"
local gil = require "gilt.gil"
local thread = require "gilt.thread"
local test, equal = check.test, check.equal

test("spawn passes arguments and join returns all results", function()
  local a, b, c, d = thread.spawn(function(...) return select("#", ...), ... end, nil, 2, nil):join()
  equal(a, 3) equal(b, nil) equal(c, 2) equal(d, nil)
end)

test("join may be called again, and by several threads", function()
  local t = thread.spawn(function() return 7 end)
  local js = {}
  for i = 1, 4 do js[i] = thread.spawn(function() return t:join() end) end
  for i = 1, 4 do equal(js[i]:join(), 7) end
  equal(t:join(), 7)
  equal(t:status(), "done")
end)

test("an error comes back with its traceback", function()
  local t = thread.spawn(function() local function inner() error("boom") end inner() end)
  local r, e = t:join()
  equal(r, nil)
  assert(e:find("boom", 1, true) and e:find("stack traceback", 1, true) and e:find("inner", 1, true), e)
  equal(t:status(), "failed")
end)

test("an error object keeps its identity", function()
  local object = setmetatable({}, { __tostring = function() return "text" end })
  local _, e = thread.spawn(error, object):join()
  equal(e, object)
end)

test("names: numbered, given, current", function()
  assert(thread.spawn(function() end).name:match("^thread%-%d+$"))
  local t = thread.start({ name = "reader", class = "latency", priority = 3 }, function()
    return thread.current().name
  end)
  equal(t.name, "reader")
  equal(t:join(), "reader")
  equal(thread.current().name, "main")
  local u
  u = thread.spawn(function() while not u do end return thread.current() == u end)
  equal(u:join(), true)
end)

test("wrong use is an error that says so", function()
  assert(not pcall(thread.spawn))
  assert(not pcall(thread.spawn, 42))
  local ok, e = pcall(thread.start, { class = "fast" }, print)
  assert(not ok and e:find("fast"), e)
  ok, e = pcall(thread.start, { priority = 99 }, print)
  assert(not ok and e:find("between"), e)
  ok, e = pcall(function() thread.current():join() end)
  assert(not ok and e:find("not started"), e)
  local _, why = thread.spawn(function() thread.current():join() end):join()
  assert(why:find("cannot join itself"), why)
end)

test("join with a time-out", function()
  local stop = false
  local t = thread.spawn(function() while not stop do end return "end" end)
  local r, e = t:join(0.01)
  equal(r, nil) equal(e, "timeout") equal(t:status(), "running")
  stop = true
  equal(t:join(), "end")
end)

test("interrupt reaches a loop, a coroutine, a comparator and a join", function()
  local bodies = {
    function() while true do end end,
    function() coroutine.wrap(function() coroutine.wrap(function() while true do end end)() end)() end,
    function() table.sort({ 3, 2, 1 }, function() while true do end end) end,
    function() ("x"):gsub("x", function() while true do end end) end,
  }
  for i, body in ipairs(bodies) do
    local t = thread.spawn(body)
    t:join(0.005)
    t:interrupt()
    local r, e = t:join()
    assert(r == nil and e:find("interrupted!", 1, true), i)
  end
  local sleeper = thread.spawn(function() while true do end end)
  local waiter = thread.spawn(function() return sleeper:join() end)
  waiter:join(0.005)
  waiter:interrupt()
  local _, e = waiter:join()
  assert(e:find("interrupted!", 1, true))
  sleeper:interrupt()
  sleeper:join()
end)

test("an interrupt can be caught, and is over then", function()
  local t = thread.spawn(function()
    local ok, e = pcall(function() while true do end end)
    return ok, tostring(e):find("interrupted!", 1, true) ~= nil
  end)
  t:join(0.005)
  t:interrupt()
  local ok, seen = t:join()
  equal(ok, false) equal(seen, true)
end)

test("two loops make progress side by side, inside coroutines too", function()
  local n = { 0, 0 }
  local function body(i)
    coroutine.wrap(function() while n[3 - i] < 1000 or n[i] < 1000 do n[i] = n[i] + 1 end end)()
  end
  local a, b = thread.spawn(body, 1), thread.spawn(body, 2)
  a:join() b:join()
  assert(n[1] >= 1000 and n[2] >= 1000)
end)

test("a finalizer that does not end can be preempted", function()
  local state = "no"
  local other = thread.spawn(function() while state ~= "in" do end state = "seen" end)
  local collector = thread.spawn(function()
    setmetatable({}, { __gc = function() state = "in" while state ~= "seen" do end state = "out" end })
    while state ~= "out" do collectgarbage() end
  end)
  equal(select("#", other:join()), 0)
  collector:join()
  equal(state, "out")
end)

test("finalizers see their object, in order, and their errors are warnings", function()
  local log = {}
  thread.spawn(function() end):join() -- more than one thread has been here
  for i = 1, 3 do
    setmetatable({ i = i }, { __gc = function(o) log[#log + 1] = o.i end })
  end
  collectgarbage()
  equal(table.concat(log, ","), "3,2,1")
  setmetatable({}, { __gc = function() error("in gc") end })
  collectgarbage()
end)

test("a user's hook survives preemption, its count included", function()
  local interval = gil.interval(20e-6)
  local other_stop = false
  local other = thread.spawn(function() while not other_stop do end end)
  local counts, lines = 0, 0
  local t = thread.spawn(function()
    debug.sethook(function(e) counts = counts + 1 end, "", 1000)
    local f, mask, n = debug.gethook()
    assert(type(f) == "function" and mask == "" and n == 1000)
    for _ = 1, 2000000 do end
    f, mask, n = debug.gethook()
    assert(type(f) == "function" and n == 1000)
    debug.sethook(function() lines = lines + 1 end, "l")
    for _ = 1, 2000 do
      local x = 1
    end
    debug.sethook()
    assert(debug.gethook() == nil)
  end)
  local ok, e = t:join()
  other_stop = true
  other:join()
  gil.interval(interval)
  assert(e == nil, e)
  assert(counts >= 1990 and counts <= 2010, counts) -- 2,000,000 loop instructions, one event per 1000
  assert(lines >= 4000, lines)
end)

test("threads that nobody joins are waited for and their errors reported", function()
  thread.spawn(function() return 1 end)
  thread.spawn(function() error("unheard (expected in the log)") end)
  collectgarbage()
end)

test("a thousand threads come and go", function()
  local sum = 0
  for i = 1, 1000, 50 do
    local ts = {}
    for k = 1, 50 do ts[k] = thread.spawn(function(x) return x end, i + k) end
    for k = 1, 50 do sum = sum + ts[k]:join() end
  end
  equal(sum, (function() local s = 0 for i = 1, 1000, 50 do for k = 1, 50 do s = s + i + k end end return s end)())
end)

test("states add up to life", function()
  local s = gil.stats("total")
  local sum = 0
  for _, v in pairs(s.states) do sum = sum + v end
  assert(math.abs(sum - s.life) <= s.life * 1e-9 + 1e-6, sum .. " " .. s.life)
end)

check.done()
