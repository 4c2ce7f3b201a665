-- Collections asked for by every thread at once, with live data in locals, upvalues, coroutines.
local race = require "race"
for round = 1, race.rounds do
  race.all(function(id)
    local keep, up = {}, race.stamp(id, 0)
    local co = coroutine.wrap(function() local inside = race.stamp(id, -1) while true do coroutine.yield(inside) end end)
    local function read() return up end
    for i = 1, 40 do
      keep[i] = race.stamp(id, i)
      local junk = {}
      for j = 1, 50 do junk[j] = { j, tostring(j + i) } end
      if i % 10 == id % 10 then collectgarbage() end
      if i % 7 == 0 then collectgarbage("step", 1) end
      race.check(race.valid(read()) and race.valid(co()), "live value collected")
      if i % 10 == 0 then race.yield() end
    end
    for i = 1, 40 do race.check(race.valid(keep[i]) and keep[i].n == i, "kept value collected") end
    return true
  end)
end
race.done()
