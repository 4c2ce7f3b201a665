-- Growth under fire: one thread grows a table through many sizes, others read and write their fixed keys.
local race = require "race"
for round = 1, race.rounds do
  local t = {}
  for id = 1, race.threads do t["own" .. id] = 0 end
  race.all(function(id)
    if id == 1 then
      for i = 1, 3000 do
        t["grow" .. i] = i
        t[i] = i
        if i % 300 == 0 then race.yield() end
      end
    else
      for i = 1, 1000 do
        local k = "own" .. id
        race.check(t[k] == i - 1, "own key %d holds %s", i, tostring(t[k]))
        t[k] = i
        race.check(t[k] == i, "write lost during growth")
        if i % 100 == 0 then race.yield() end
      end
    end
    return true
  end)
  for i = 1, 3000 do race.check(t["grow" .. i] == i and t[i] == i, "key %d after growth", i) end
  for id = 2, race.threads do race.check(t["own" .. id] == 1000, "own key of %d", id) end
end
race.done()
