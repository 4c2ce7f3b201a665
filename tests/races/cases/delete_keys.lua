-- Deletion by owners and growth by others: a deleted key stays deleted, a kept one stays.
local race = require "race"
for round = 1, race.rounds do
  local t, per = {}, 200
  for id = 1, race.threads do for i = 1, per do t[id .. "/" .. i] = i end end
  race.all(function(id)
    for i = 1, per do
      if i % 2 == 0 then t[id .. "/" .. i] = nil else t[id .. "+" .. i] = i end
      race.check((t[id .. "/" .. i] == nil) == (i % 2 == 0), "delete not seen")
      if i % 50 == 0 then race.yield() end
    end
    return true
  end)
  local n = 0
  for k, v in pairs(t) do
    n = n + 1
    race.check(tonumber(k:match("%d+$")) == v and v % 2 == 1, "pair %s %s", k, tostring(v))
  end
  race.check(n == race.threads * per, "%d keys", n)
end
race.done()
