-- Ctrl-C while the main thread waits in join ends the script and its other threads.
local thread, time = require "gilt.thread", require "gilt.time"
local n = tonumber(arg[1] or 1)
local busy = thread.spawn(function() while true do end end)
thread.spawn(function() time.sleep(1000) end)
thread.spawn(function() os.execute "kill -INT $PPID" end)
busy:join()
