-- table.insert and table.remove on one table are atomic: nothing is lost, nothing comes out twice.
local race = require "race"
for round = 1, race.rounds do
  local queue, per = {}, 200
  local taken = race.all(function(id)
    local mine, got = {}, 0
    for i = 1, per do
      table.insert(queue, id * 100000 + i)
      if i % 3 == 0 then
        local v = table.remove(queue)
        if v ~= nil then
          race.check(math.type(v) == "integer" and v % 100000 >= 1 and v % 100000 <= per, "value %s from nowhere", tostring(v))
          race.check(not mine[v], "value %d twice in one thread", v)
          mine[v] = true
          got = got + 1
        end
      end
      if i % 37 == 0 then race.yield() end
    end
    return mine
  end)
  local seen, total = {}, 0
  for id = 1, race.threads do
    for v in pairs(taken[id]) do
      race.check(not seen[v], "value %d taken twice", v)
      seen[v] = true
      total = total + 1
    end
  end
  for i = 1, #queue do
    local v = queue[i]
    race.check(v ~= nil and not seen[v], "value %s left and taken", tostring(v))
    seen[v] = true
    total = total + 1
  end
  race.check(total == race.threads * per, "%d values of %d", total, race.threads * per)
end
race.done()
