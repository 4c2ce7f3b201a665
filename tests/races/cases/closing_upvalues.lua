-- Closures made in loops and handed over just as their variables close.
local race = require "race"
for round = 1, race.rounds do
  local box = {}
  race.all(function(id)
    for i = 1, 200 do
      do
        local v = id * 10000 + i
        box[id] = function(d) v = v + d return v end
        v = v + 0
      end
      for other = 1, race.threads do
        local f = box[other]
        if f then
          local v = f(0)
          race.check(math.type(v) == "integer" and v // 10000 == other, "variable of %d is %s", other, tostring(v))
        end
      end
      if i % 40 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
