-- Insertion at the front and removal in the middle, concurrently: a permutation of what was put in remains.
local race = require "race"
for round = 1, race.rounds do
  local list, per = {}, 60
  race.all(function(id)
    for i = 1, per do
      table.insert(list, 1, id * 1000 + i)
      if i % 20 == 0 then race.yield() end
    end
    return true
  end)
  local seen, last = {}, {}
  race.check(#list == race.threads * per, "length %d", #list)
  for i = 1, #list do
    local v = list[i]
    race.check(v and not seen[v], "duplicate or hole at %d", i)
    seen[v] = true
    local id, n = v // 1000, v % 1000
    race.check(not last[id] or last[id] > n, "order of thread %d", id)
    last[id] = n
  end
end
race.done()
