-- Weak tables filled and read while collections run: an entry is whole or gone; strong ones stay.
local race = require "race"
for round = 1, race.rounds do
  local wv, wk = setmetatable({}, { __mode = "v" }), setmetatable({}, { __mode = "k" })
  local strong = {}
  race.all(function(id)
    for i = 1, 150 do
      local s = race.stamp(id, i)
      wv[id * 1000 + i] = s
      wk[s] = race.stamp(id, -i)
      if i % 10 == 0 then strong[id * 1000 + i] = s end
      local other = wv[((id + i) % race.threads + 1) * 1000 + i]
      race.check(other == nil or race.valid(other), "weak value torn")
      if i % 50 == 0 then collectgarbage() race.yield() end
    end
    return true
  end)
  collectgarbage()
  for k, s in pairs(strong) do
    race.check(wv[k] == s, "strong object left a weak table")
    race.check(race.valid(wk[s]) and wk[s].n == -s.n, "ephemeron value lost")
  end
  local n = 0
  for k, v in pairs(wv) do
    race.check(race.valid(v), "after: weak value torn")
    n = n + 1
  end
end
race.done()
