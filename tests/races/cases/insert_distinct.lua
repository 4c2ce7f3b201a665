-- Distinct keys inserted into one table by all threads: none is lost, whatever grows meanwhile.
local race = require "race"
for round = 1, race.rounds do
  local t = {}
  local per = 300
  race.all(function(id)
    for i = 1, per do
      t[id .. ":" .. i] = race.stamp(id, i)
      t[id * 100000 + i] = i
      if i % 50 == 0 then race.yield() end
    end
    return true
  end)
  for id = 1, race.threads do
    for i = 1, per do
      local s = t[id .. ":" .. i]
      race.check(race.valid(s) and s.id == id and s.n == i, "lost write %d:%d", id, i)
      race.check(t[id * 100000 + i] == i, "lost integer key %d:%d", id, i)
    end
  end
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  race.check(n == race.threads * per * 2, "%d keys", n)
end
race.done()
