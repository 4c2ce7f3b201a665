-- Under `tick`, a thread that caught an interrupt goes on offering the lock.
local thread, gil = require "gilt.thread", require "gilt.gil"
gil.policy "tick"
local ready, flag, caught = false, false, false
local t = thread.spawn(function()
  local ok = pcall(function() ready = true; while true do end end)
  caught = not ok
  while not flag do end
end)
while not ready do end
t:interrupt()
while not caught do end
flag = true
t:join()
assert(t:status() == "done")
