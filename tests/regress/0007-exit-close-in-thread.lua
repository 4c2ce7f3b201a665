-- os.exit with `close` from a thread ends the process with that status.
local thread, time = require "gilt.thread", require "gilt.time"
thread.spawn(function() while true do end end)
thread.spawn(function() time.sleep(1000) end)
thread.spawn(function() os.exit(7, true) end)
if arg[1] == "busy" then while true do end else time.sleep(1000) end
