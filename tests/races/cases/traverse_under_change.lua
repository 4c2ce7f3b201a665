-- Keys deleted and inserted again by their owners while others traverse: traversals end and show real pairs.
local race = require "race"
for round = 1, race.rounds do
  local t, per = {}, 100
  for id = 1, race.threads do for i = 1, per do t[id * 1000 + i] = id * 1000 + i end end
  race.all(function(id)
    local rnd = race.random(id * 7 + round)
    for i = 1, 60 do
      if id % 2 == 0 then
        local steps = 0
        race.traverse(function()
          for k, v in pairs(t) do
            race.check(k == v, "pair %s %s", tostring(k), tostring(v))
            steps = steps + 1
            race.check(steps < 1000000, "endless traversal")
          end
        end)
      else
        for _ = 1, 30 do
          local k = id * 1000 + rnd(per * 2)
          if rnd(2) == 1 then t[k] = nil else t[k] = k end
        end
      end
      if i % 10 == 0 then race.yield() end
    end
    return true
  end)
  for k, v in next, t do race.check(k == v, "after: %s", tostring(k)) end
end
race.done()
