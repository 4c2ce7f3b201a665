-- Ctrl-C reaches a thread at the bottom of a deep recursion, where arming is dear, also when a
-- request has been answered just before and nobody asks again.
local thread = require "gilt.thread"
local deep = false
local function down(n)
  if n == 0 then
    deep = true
    while true do end
  end
  return 1 + down(n - 1)
end
thread.spawn(function()
  while not deep do end
  os.execute "kill -INT $PPID; exec sleep 25 <&- >&- 2>&-"
end)
down(190000)
