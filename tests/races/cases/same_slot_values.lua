-- One slot written by all: a reader sees only values that somebody stored, of every kind.
local race = require "race"
local values = {}
for i = 1, 8 do values[i] = ({ i, i + 0.5, "text" .. i, true, false, race.stamp(i, i), print, ("long"):rep(20) .. i })[i] end
local legal = {}
for _, v in ipairs(values) do legal[v] = true end
for round = 1, race.rounds do
  local t = { slot = 1, [1] = 1 }
  race.all(function(id)
    local rnd = race.random(id + round * 100)
    for i = 1, 1000 do
      t.slot = values[rnd(8)]
      t[1] = values[rnd(8)]
      local a, b = t.slot, t[1]
      race.check(legal[a] and legal[b], "value from nowhere: %s %s", tostring(a), tostring(b))
      if i % 100 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
