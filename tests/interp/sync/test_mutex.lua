-- gilt.sync: mutexes.
local check = require "check"
local sync = require "gilt.sync"
local thread = require "gilt.thread"
local time = require "gilt.time"
local test, equal = check.test, check.equal

-- Waits until fn() is true: for a state, not for a while.
local function wait_until(fn)
  local limit = time.monotonic() + 10
  while not fn() do
    assert(time.monotonic() < limit, "it does not come true")
    time.sleep(0.0005)
  end
end

local function fails(pattern, fn, ...)
  local ok, e = pcall(fn, ...)
  assert(not ok and tostring(e):find(pattern), tostring(e))
end

test("one thread at a time: no update is lost", function()
  local m, n, threads = sync.mutex(), 0, {}
  for i = 1, 4 do
    threads[i] = thread.spawn(function()
      for _ = 1, 2000 do
        m:lock()
        n = n + 1
        m:unlock()
      end
    end)
  end
  for i = 1, 4 do threads[i]:join() end
  equal(n, 8000)
  equal(m:locked(), false)
end)

test("lock gives the mutex, and <close> unlocks it: at the end, by return, by an error", function()
  local m = sync.mutex()
  do
    local held <close> = m:lock()
    equal(held, m)
    equal(m:locked(), true)
  end
  equal(m:locked(), false)
  local function early()
    local _ <close> = m:lock()
    return m:locked()
  end
  equal(early(), true)
  equal(m:locked(), false)
  fails("no luck", function()
    local _ <close> = m:lock()
    error "no luck"
  end)
  equal(m:locked(), false)
end)

test("with: passes arguments and results, unlocks after an error", function()
  local m = sync.mutex()
  local a, b, c = m:with(function(...) return m:locked(), select("#", ...), ... end, nil, 7)
  equal(a, true) equal(b, 2) equal(c, nil)
  fails("no luck", m.with, m, function() error "no luck" end)
  equal(m:locked(), false)
  fails("attempt to call", m.with, m, 42)
  equal(m:locked(), false)
  local co = coroutine.wrap(function() return m:with(coroutine.yield, 1) end)
  equal(co(), 1)
  equal(m:locked(), true)
  equal(co(2), 2)
  equal(m:locked(), false)
end)

test("wrong use is an error that says so", function()
  local m = sync.mutex()
  fails("does not hold", m.unlock, m)
  m:lock()
  fails("holds the mutex already", m.lock, m)
  fails("holds the mutex already", m.try_lock, m)
  fails("not abandoned", m.recover, m)
  local other = thread.spawn(function() m:unlock() end)
  local _, e = other:join()
  assert(e:find("does not hold", 1, true), e)
  equal(m:locked(), true)
  m:unlock()
  fails("gilt.mutex expected", m.lock, {})
  fails("gilt.mutex expected", m.lock, io.stdout)
  fails("negative", m.lock, m, -1)
  fails("does not hold", function() local _ <close> = m:lock() m:unlock() end)
end)

test("try_lock and time limits", function()
  local m, ready, go = sync.mutex(), false, false
  local t = thread.spawn(function()
    m:lock()
    ready = true
    while not go do time.sleep(0.0005) end
    m:unlock()
  end)
  wait_until(function() return ready end)
  equal(m:try_lock(), false)
  local got, why = m:lock(0.001)
  equal(got, nil) equal(why, "timeout")
  got, why = m:lock(0)
  equal(got, nil) equal(why, "timeout")
  go = true
  equal(m:lock(), m)
  t:join()
  m:unlock()
  equal(m:try_lock(), true)
  m:unlock()
end)

test("an interrupt ends the wait; the mutex stays the holder's", function()
  local m = sync.mutex()
  m:lock()
  local waiting = false
  local t = thread.spawn(function()
    waiting = true
    return nil, select(2, pcall(m.lock, m))
  end)
  wait_until(function() return waiting end)
  t:interrupt()
  local _, e = t:join()
  assert(tostring(e):find("interrupted!", 1, true), e)
  m:unlock()
  equal(m:try_lock(), true)
  m:unlock()
end)

test("an interrupt inside `with` leaves it unlocked", function()
  local m, inside = sync.mutex(), false
  local t = thread.spawn(function()
    pcall(m.with, m, function()
      inside = true
      while true do time.monotonic() end -- a system call: TSan puts signals off until one
    end)
    return m:locked()
  end)
  wait_until(function() return inside end)
  t:interrupt()
  equal(t:join(), false)
end)

test("a holder that ended: those who wait and those who come are told, and one may recover", function()
  local m, ready, go = sync.mutex(), false, false
  local holder = thread.start({ name = "careless" }, function()
    m:lock()
    ready = true
    while not go do time.sleep(0.0005) end
  end)
  wait_until(function() return ready end)
  local waiters = {}
  for i = 1, 3 do
    waiters[i] = thread.spawn(function()
      local ok, e = pcall(m.lock, m)
      return not ok and e
    end)
  end
  go = true
  holder:join()
  for i = 1, 3 do
    local e = waiters[i]:join()
    assert(e and e:find("abandoned: thread 'careless' ended", 1, true), tostring(e))
  end
  fails("abandoned", m.lock, m)
  fails("abandoned", m.try_lock, m)
  equal(m:locked(), true)
  equal(m:recover(), m)
  m:unlock()
  m:with(function() end)
end)

test("nobody starves behind a thread that locks again and again", function()
  local m, stop = sync.mutex(), false
  local greedy = thread.spawn(function()
    while not stop do
      m:lock()
      m:unlock()
    end
  end)
  for _ = 1, 20 do
    m:lock()
    m:unlock()
  end
  stop = true
  greedy:join()
end)

test("closing the interpreter ends the waits", function()
  local gilt = arg[-1]
  local script = [[
    local sync, thread = require "gilt.sync", require "gilt.thread"
    local m, c, s = sync.mutex(), sync.condition(), sync.semaphore()
    local ch = require("gilt.channel").new()
    m:lock()
    local n = 0
    for _, f in ipairs {
      function() m:lock() end, function() s:acquire() end, function() ch:receive() end,
      function() local own = sync.mutex() own:lock() c:wait(own) end,
      function() pcall(m.lock, m) m:lock() end } do
      thread.spawn(function() n = n + 1 f() end)
    end
    while n < 5 do require("gilt.time").sleep(0.001) end
    os.exit(7, true)]]
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  f:write(script)
  f:close()
  local mode = require("gilt").gil and "on" or "off"
  local _, how, status = os.execute(("'%s' run --gil=%s '%s' 2>/dev/null"):format(gilt, mode, name))
  os.remove(name)
  equal(how, "exit")
  equal(status, 7)
end)

check.done()
