-- A thread that was started, but does not run yet, when the policy becomes `tick`.
local thread, gil = require "gilt.thread", require "gilt.gil"
gil.policy "fifo"
thread.spawn(function() end):join()
for _ = 1, 20 do
  gil.policy "fifo"
  local flag, started = false, false
  local t = thread.spawn(function() started = true; while not flag do end end)
  gil.policy "tick"
  while not started do end
  flag = true
  t:join()
end
