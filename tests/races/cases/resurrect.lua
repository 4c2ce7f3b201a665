-- Finalizers that bring their object back, and register it again: each registration is served exactly once.
local race = require "race"
for round = 1, race.rounds do
  local made, served = {}, {}
  for id = 1, race.threads do made[id], served[id] = 0, {} end
  local attic = setmetatable({}, { __mode = "v" })
  race.all(function(id)
    local mt
    mt = { __gc = function(o)
      race.check(race.valid(o.stamp), "stamp of a finalized object")
      local key = o.stamp.n * 4 + o.lives
      local s = served[o.stamp.id]
      if s[key] then s.twice = key end
      s[key] = true
      attic[key] = o
      o.lives = o.lives - 1
      if o.lives > 0 then setmetatable(o, mt) end
    end }
    for i = 1, 100 do
      setmetatable({ stamp = race.stamp(id, i), lives = i % 3 + 1 }, mt)
      made[id] = made[id] + i % 3 + 1
      if i % 25 == 0 then collectgarbage() end
    end
    return true
  end)
  for _ = 1, 8 do collectgarbage() end
  for id = 1, race.threads do
    local n = 0
    race.check(not served[id].twice, "served twice")
    for k in pairs(served[id]) do n = n + 1 end
    race.check(n == made[id], "%d of %d registrations served", n, made[id])
  end
end
race.done()
