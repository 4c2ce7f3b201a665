-- While one thread runs a finalizer, collectgarbage "count" is a number in the others.
local thread, time = require "gilt.thread", require "gilt.time"
local inside, done = false, false
local t = thread.spawn(function()
  setmetatable({}, {__gc = function()
    inside = true
    while not done do end
  end})
  collectgarbage()
end)
while not inside do time.sleep(0.001) end
local ok, err = pcall(function() assert(math.type(collectgarbage "count") == "float") end)
done = true
t:join()
assert(ok, err)
