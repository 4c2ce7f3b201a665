-- mutual_join.lua: two threads that each want to be the last one.
--
-- The first waits for the second one if it knows it already, the second always waits for the first.
-- Whether that ends depends on how far main got before the first thread looked.
--
--     gilt explore scripts/demos/races/mutual_join.lua
local thread = require "gilt.thread"

local first, second

first = thread.spawn(function()
  if second then second:join() end
end)
second = thread.spawn(function()
  first:join()
end)

first:join()
second:join()
