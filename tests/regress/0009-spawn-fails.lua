-- Where the system has no more threads, spawn raises, and nothing is said about the thread later.
local thread, time = require "gilt.thread", require "gilt.time"
local threads, stop = {}, false
local ok, err
for i = 1, 400 do
  ok, err = pcall(thread.spawn, function() while not stop do time.sleep(0.01) end end)
  if not ok then break end
  threads[i] = err
end
assert(not ok and tostring(err):find "cannot start a thread", err)
stop = true
collectgarbage()
for i = 1, #threads do threads[i]:join() end
io.stdout:write "raised\n"
