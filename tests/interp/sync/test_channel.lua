-- gilt.channel.
local channel = require "gilt.channel"
local check = require "check"
local thread = require "gilt.thread"
local time = require "gilt.time"
local test, equal = check.test, check.equal

local function fails(pattern, fn, ...)
  local ok, e = pcall(fn, ...)
  assert(not ok and tostring(e):find(pattern), tostring(e))
end

local function wait_until(fn)
  local limit = time.monotonic() + 10
  while not fn() do
    assert(time.monotonic() < limit, "it does not come true")
    time.sleep(0.0005)
  end
end

test("values come in order, whatever they are, and are not copied", function()
  local c = channel.new(4)
  local t, f = {}, function() end
  equal(c:send(t), true)
  c:send(false) c:send(f) c:send("x")
  equal(#c, 4)
  equal(c:receive(), t)
  equal(c:receive(), false)
  equal(c:receive(), f)
  c:send(1.5)
  equal(c:receive(), "x")
  equal(c:receive(), 1.5)
  equal(#c, 0)
  equal(c:capacity(), 4)
  equal(channel.new():capacity(), 1)
end)

test("many to many: everything comes through once", function()
  local c, senders, receivers, seen = channel.new(3), {}, {}, {}
  for i = 1, 3 do
    senders[i] = thread.spawn(function()
      for n = 1, 500 do assert(c:send(i * 1000 + n)) end
    end)
  end
  for i = 1, 3 do
    receivers[i] = thread.spawn(function()
      local got, last = {}, {}
      for value in c:values() do
        got[#got + 1] = value
        local from = value // 1000
        assert(value > (last[from] or 0), "not in order")
        last[from] = value
      end
      return got
    end)
  end
  for i = 1, 3 do senders[i]:join() end
  c:close()
  local total = 0
  for i = 1, 3 do
    local got, e = receivers[i]:join()
    assert(got, e)
    for _, value in ipairs(got) do
      equal(seen[value], nil)
      seen[value] = true
      total = total + 1
    end
  end
  equal(total, 1500)
end)

test("closing: what was sent still comes, then nil and \"closed\"", function()
  local c = channel.new(2)
  c:send(1)
  c:close()
  c:close()
  equal(c:closed(), true)
  local ok, why = c:send(2)
  equal(ok, nil) equal(why, "closed")
  equal(c:receive(), 1)
  ok, why = c:receive()
  equal(ok, nil) equal(why, "closed")
  for _ in c:values() do error "nothing is there" end
  do local d <close> = c end
end)

test("closing wakes those who wait, on both sides", function()
  local full, empty, waiting = channel.new(1), channel.new(1), 0
  full:send("there")
  local threads = {
    thread.spawn(function() waiting = waiting + 1 return full:send("more") end),
    thread.spawn(function() waiting = waiting + 1 return empty:receive() end),
  }
  wait_until(function() return waiting == 2 end)
  full:close()
  empty:close()
  for _, t in ipairs(threads) do
    local ok, why = t:join()
    equal(ok, nil) equal(why, "closed")
  end
end)

test("time limits: 0 does not wait", function()
  local c = channel.new()
  local ok, why = c:receive(0)
  equal(ok, nil) equal(why, "timeout")
  c:send(1)
  ok, why = c:send(2, 0)
  equal(ok, nil) equal(why, "timeout")
  ok, why = c:send(2, 0.001)
  equal(ok, nil) equal(why, "timeout")
  equal(c:receive(0), 1)
  ok, why = c:receive(0.001)
  equal(why, "timeout")
end)

test("an interrupt ends the wait and loses no value", function()
  local c, waiting = channel.new(), false
  local t = thread.spawn(function()
    waiting = true
    return nil, select(2, pcall(c.receive, c))
  end)
  wait_until(function() return waiting end)
  t:interrupt()
  assert(tostring(select(2, t:join())):find("interrupted!", 1, true))
  c:send(5)
  equal(c:receive(), 5)
end)

test("what only a channel refers to stays, what was received goes", function()
  local c, weak = channel.new(2), setmetatable({}, { __mode = "v" })
  do
    local t = { "kept" }
    weak[1] = t
    c:send(t)
  end
  collectgarbage()
  assert(weak[1])
  do equal(c:receive()[1], "kept") end
  collectgarbage()
  collectgarbage()
  equal(weak[1], nil)
end)

test("functions with their variables, and coroutines, go through", function()
  local jobs, results = channel.new(2), channel.new(2)
  local worker = thread.spawn(function()
    for job in jobs:values() do results:send(job()) end
    results:close()
  end)
  local base = 10
  jobs:send(function() base = base + 1 return base end)
  jobs:send(coroutine.wrap(function() return "from a coroutine" end))
  equal(results:receive(), 11)
  equal(results:receive(), "from a coroutine")
  jobs:close()
  equal(results:receive(), nil)
  worker:join()
  equal(base, 11)
end)

test("wrong use is an error that says so", function()
  local c = channel.new()
  fails("nil cannot be sent", c.send, c)
  fails("capacity from 1 to 65534", channel.new, 0)
  fails("capacity from 1 to 65534", channel.new, 65535)
  fails("gilt.channel expected", c.receive, {})
  equal(channel.new(65534):capacity(), 65534)
end)

check.done()
