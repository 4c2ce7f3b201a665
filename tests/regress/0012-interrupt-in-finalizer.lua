-- An interrupt that comes during a finalizer is raised after it, not lost in it.
local thread, time = require "gilt.thread", require "gilt.time"
local inside, go, finished = false, false, false
local t = thread.spawn(function()
  setmetatable({}, {__gc = function()
    inside = true
    while not go do end
    for _ = 1, 1e5 do end
    finished = true
  end})
  collectgarbage()
  while true do end
end)
while not inside do time.sleep(0.001) end
t:interrupt()
go = true
local ok, err = t:join(10)
assert(not ok and tostring(err):find "interrupted!", err)
assert(finished)
