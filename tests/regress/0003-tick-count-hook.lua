-- Under `tick`, a thread with a count hook of its own offers the lock too, and after the hook is gone.
local thread, gil = require "gilt.thread", require "gilt.gil"
gil.policy "tick"
local stage = 0
local t = thread.spawn(function()
  debug.sethook(function() end, "", 50)
  while stage < 1 do end
  coroutine.wrap(function()
    debug.sethook()
    while stage < 2 do end
  end)()
  debug.sethook()
  while stage < 3 do end
end)
local s = thread.spawn(function() for i = 1, 3 do stage = i; for _ = 1, 1e5 do end end end)
s:join()
t:join()
assert(t:status() == "done")
