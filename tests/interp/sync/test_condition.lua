-- gilt.sync: conditions and semaphores.
local check = require "check"
local sync = require "gilt.sync"
local thread = require "gilt.thread"
local time = require "gilt.time"
local test, equal = check.test, check.equal

local function fails(pattern, fn, ...)
  local ok, e = pcall(fn, ...)
  assert(not ok and tostring(e):find(pattern), tostring(e))
end

-- Runs fn until it returns true; each call is one look.
local function wait_until(fn)
  local limit = time.monotonic() + 10
  while not fn() do
    assert(time.monotonic() < limit, "it does not come true")
    time.sleep(0.0005)
  end
end

test("a bounded buffer: every item comes through once", function()
  local m, not_full, not_empty = sync.mutex(), sync.condition(), sync.condition()
  local buffer, sum = {}, 0
  local function produce(from, to)
    for i = from, to do
      local _ <close> = m:lock()
      while #buffer == 3 do not_full:wait(m) end
      buffer[#buffer + 1] = i
      not_empty:signal()
    end
  end
  local function consume(n)
    local own = 0
    for _ = 1, n do
      local _ <close> = m:lock()
      while #buffer == 0 do not_empty:wait(m) end
      own = own + table.remove(buffer, 1)
      not_full:signal()
    end
    return own
  end
  local producers = { thread.spawn(produce, 1, 300), thread.spawn(produce, 301, 600) }
  local consumers = { thread.spawn(consume, 200), thread.spawn(consume, 400) }
  for _, t in ipairs(producers) do t:join() end
  for _, t in ipairs(consumers) do sum = sum + t:join() end
  equal(sum, 600 * 601 // 2)
end)

test("signal wakes one, broadcast all, and both say how many", function()
  local m, c, waiting, gone, threads = sync.mutex(), sync.condition(), 0, 0, {}
  equal(c:signal(), 0)
  equal(c:broadcast(), 0)
  for i = 1, 4 do
    threads[i] = thread.spawn(function()
      m:lock()
      waiting = waiting + 1
      local ok = c:wait(m)
      gone = gone + 1
      m:unlock()
      return ok
    end)
  end
  wait_until(function() return m:with(function() return waiting == 4 end) end)
  equal(c:signal(), 1)
  wait_until(function() return m:with(function() return gone == 1 end) end)
  equal(c:broadcast(), 3)
  for i = 1, 4 do equal(threads[i]:join(), true) end
end)

test("wait: a time limit, and who does not hold the mutex", function()
  local m, c = sync.mutex(), sync.condition()
  fails("does not hold", c.wait, c, m)
  m:lock()
  local ok, why = c:wait(m, 0.001)
  equal(ok, nil) equal(why, "timeout")
  equal(m:locked(), true)
  m:unlock()
  fails("gilt.mutex expected", c.wait, c, c)
  fails("gilt.mutex expected", c.wait, c)
  fails("gilt.condition expected", c.wait, m, m)
end)

test("an interrupted wait has the mutex again", function()
  local m, c, waiting = sync.mutex(), sync.condition(), false
  local t = thread.spawn(function()
    local _ <close> = m:lock()
    waiting = true
    return nil, select(2, pcall(c.wait, c, m))
  end)
  wait_until(function() return m:with(function() return waiting end) end)
  t:interrupt()
  local _, e = t:join()
  assert(tostring(e):find("interrupted!", 1, true), e)
  equal(m:try_lock(), true)
  m:unlock()
  equal(c:signal(), 0)
end)

test("a semaphore lets so many in", function()
  local s, inside, most, m, threads = sync.semaphore(2), 0, 0, sync.mutex(), {}
  for i = 1, 6 do
    threads[i] = thread.spawn(function()
      for _ = 1, 20 do
        s:acquire()
        m:with(function() inside = inside + 1 most = math.max(most, inside) end)
        m:with(function() inside = inside - 1 end)
        s:release()
      end
    end)
  end
  for i = 1, 6 do threads[i]:join() end
  assert(most <= 2, most)
  equal(s:count(), 2)
end)

test("permits are handed out in the order of arrival", function()
  local s, order = sync.semaphore(), {}
  local big = thread.spawn(function() s:acquire(3) order[#order + 1] = "big" s:release(3) end)
  local reached = false
  -- The big one is in the line when a single permit is not to be had for the asking.
  wait_until(function()
    s:release()
    reached = not s:try_acquire()
    return reached
  end)
  local small = thread.spawn(function() s:acquire() order[#order + 1] = "small" end)
  s:release(2)
  big:join()
  small:join()
  equal(order[1], "big")
  equal(s:count(), 2)
end)

test("semaphores: time limits, interrupts, wrong use", function()
  local s = sync.semaphore()
  equal(s:try_acquire(), false)
  local ok, why = s:acquire(1, 0.001)
  equal(ok, nil) equal(why, "timeout")
  local waiting = false
  local t = thread.spawn(function()
    waiting = true
    return nil, select(2, pcall(s.acquire, s))
  end)
  wait_until(function() return waiting end)
  t:interrupt()
  assert(tostring(select(2, t:join())):find("interrupted!", 1, true))
  s:release()
  equal(s:acquire(), true)
  fails("at least 1", s.acquire, s, 0)
  fails("at least 0", sync.semaphore, -1)
  s:release(math.maxinteger)
  fails("too many", s.release, s)
end)

check.done()
