-- To resume a coroutine that another thread is running fails, and leaves that thread as it was: it
-- still answers requests, and its hook is in place.
local thread, time = require "gilt.thread", require "gilt.time"
local function nothing() end
-- OS threads to reuse: starting one arms a hook.
local some = {}
for i = 1, 6 do some[i] = thread.spawn(time.sleep, 0.02) end
for i = 1, 6 do some[i]:join() end
time.sleep(0.05)
local ready, stop, lines = false, false, 0
local co = coroutine.create(function()
  debug.sethook(function() lines = lines + 1 end, "l")
  thread.spawn(nothing)
  ready = true
  time.sleep(0.2)
  local before = lines
  while not stop do
    local x = 1
  end
  debug.sethook()
  return lines > before
end)
local t = thread.spawn(function() return coroutine.resume(co) end)
while not ready do time.sleep(0.001) end
thread.spawn(nothing)
local ok, err = coroutine.resume(co)
assert(not ok and err == "cannot resume non-suspended coroutine", err)
time.sleep(0.3)
stop = true
local _, hooked = assert(t:join())
assert(hooked)
