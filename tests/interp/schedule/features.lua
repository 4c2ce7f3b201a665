-- features.lua: what a script can rely on under a schedule. Run under several seeds by CTest. Ends with
-- "N passed, 0 failed".
local check = require "check"
local thread = require "gilt.thread"
local time = require "gilt.time"
local net = require "gilt.net"
local test, equal = check.test, check.equal

test("sleeping takes no real time, and virtual time to the microsecond", function()
  local before = time.monotonic()
  time.sleep(3600)
  local passed = time.monotonic() - before
  assert(passed >= 3600 and passed < 3600.001, passed)
end)

test("sleepers wake in the order of their times", function()
  local order, threads = {}, {}
  for i = 1, 5 do
    threads[i] = thread.spawn(function()
      time.sleep((6 - i) * 10)
      order[#order + 1] = 6 - i
    end)
  end
  for i = 1, 5 do threads[i]:join() end
  equal(table.concat(order), "12345")
end)

test("all clocks move on together, and in the same way in each run", function()
  local wall, cpu, clock, date = time.wall(), time.cpu(), os.clock(), os.time()
  time.sleep(100)
  assert(math.abs(time.wall() - wall - 100) < 0.01)
  assert(math.abs(time.cpu() - cpu - 100) < 0.01)
  assert(os.time() - date >= 100 and os.time() - date <= 101)
  assert(math.abs(os.clock() - clock - 100) < 0.01)
  equal(os.date("!%Y", 0), "1970")
end)

test("a loop that waits for the clock ends", function()
  local stop = os.clock() + 0.05
  while os.clock() < stop do end
end)

test("a loop that waits for another thread ends", function()
  local ready = false
  local t = thread.spawn(function() ready = true end)
  while not ready do end
  t:join()
end)

test("join with a time limit", function()
  local t = thread.spawn(function() time.sleep(10) return "late" end)
  local before = time.monotonic()
  local _, problem = t:join(2)
  equal(problem, "timeout")
  assert(time.monotonic() - before >= 2)
  equal(t:join(), "late")
end)

test("interrupts reach Lua code, sleep and join", function()
  local function interrupted(body)
    local started = false
    local t = thread.spawn(function()
      started = true
      body()
    end)
    while not started do time.sleep(0.001) end
    t:interrupt()
    local _, message = t:join()
    assert(message:find("interrupted!", 1, true), message)
  end
  interrupted(function() while true do end end)
  interrupted(function() time.sleep(math.huge) end)
  local sleeper = thread.spawn(function() time.sleep(1e6) end)
  interrupted(function() sleeper:join() end)
  sleeper:interrupt()
  sleeper:join()
end)

test("a thread interrupts itself at its next instruction", function()
  local ok, message = pcall(function()
    thread.current():interrupt()
    local x = 0
    for i = 1, 100 do x = x + i end
  end)
  if thread.current().name ~= "main" then equal(ok, false) end
  local t = thread.spawn(function()
    thread.current():interrupt()
    for _ = 1, 100 do end
    return "not interrupted"
  end)
  local _, problem = t:join()
  assert(problem:find("interrupted!", 1, true), problem)
end)

test("errors, coroutines and wrapped generators in threads", function()
  local t = thread.spawn(function()
    local gen = coroutine.wrap(function() for i = 1, 50 do coroutine.yield(i) end end)
    local sum = 0
    for i = 1, 50 do sum = sum + gen() end
    local ok, e = pcall(error, "inside")
    assert(not ok and e == "inside")
    local co = coroutine.create(function() error("in a coroutine") end)
    assert(not coroutine.resume(co))
    return sum
  end)
  equal(t:join(), 1275)
end)

test("a script's own hooks go on working", function()
  local lines, counts = 0, 0
  debug.sethook(function() lines = lines + 1 end, "l")
  local x = 1
  x = x + 1
  debug.sethook()
  assert(lines >= 2)
  debug.sethook(function() counts = counts + 1 end, "", 10)
  for _ = 1, 1000 do x = x + 1 end
  local _, mask, every = debug.gethook()
  debug.sethook()
  equal(mask, "")
  equal(every, 10)
  assert(counts >= 100)
  equal(debug.gethook(), nil)
end)

test("finalizers", function()
  local seen = 0
  local t = thread.spawn(function()
    for _ = 1, 20 do setmetatable({}, { __gc = function() seen = seen + 1 end }) end
    collectgarbage()
    collectgarbage()
  end)
  t:join()
  equal(seen, 20)
end)

test("sockets between threads of the script", function()
  local server = assert(net.listen("127.0.0.1", 0))
  local _, port = server:sockname()
  local t = thread.spawn(function()
    local peer = assert(server:accept())
    local got = peer:read(5)
    peer:write(got:upper())
    peer:close()
  end)
  local client = assert(net.connect("127.0.0.1", port))
  client:write("hello")
  equal(client:read(5), "HELLO")
  client:close()
  t:join()
  server:close()
end)

test("a child process, and a file", function()
  local pipe = io.popen("echo from a child; sleep 0.05; echo more")
  equal(pipe:read("a"), "from a child\nmore\n")
  pipe:close()
  equal(os.execute("exit 3"), nil)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  local threads = {}
  for i = 1, 4 do threads[i] = thread.spawn(function() for _ = 1, 50 do file:write("line\n") end end) end
  for i = 1, 4 do threads[i]:join() end
  file:close()
  local n = 0
  for line in io.lines(name) do
    equal(line, "line")
    n = n + 1
  end
  equal(n, 200)
  os.remove(name)
end)

test("many threads", function()
  local sum, threads = 0, {}
  for i = 1, 60 do threads[i] = thread.spawn(function() sum = sum + i end) end
  for i = 1, 60 do threads[i]:join() end
  assert(sum <= 60 * 61 // 2 and sum > 0)
end)

test("a finalizer that waits for another thread, and one that is interrupted", function()
  local go, inside, finished = false, false, false
  local helper = thread.spawn(function() while not inside do end go = true end)
  local t = thread.spawn(function()
    setmetatable({}, { __gc = function()
      inside = true
      while not go do end
      finished = true
    end })
    collectgarbage()
    while true do end
  end)
  helper:join()
  t:interrupt()
  local ok, problem = t:join()
  assert(not ok and tostring(problem):find "interrupted!", problem)
  assert(finished)
end)

test("instructions in a script's own hook are counted, too", function()
  if require "gilt".core == "stock" then return end -- Lua runs hooks with hooks forbidden
  local seen, ready = 0, false
  local t = thread.spawn(function() ready = true end)
  debug.sethook(function() while not ready do end seen = seen + 1 end, "l")
  local x = 1
  x = x + 1
  debug.sethook()
  t:join()
  assert(seen >= 2, seen)
end)

check.done()
