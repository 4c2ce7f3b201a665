-- next() with a key that another thread removes must not fail, and # of a changing array is a number in range.
local race = require "race"
-- A traversal ends: each of the 300 insertions may rebuild the table, which may send a traversal back by at most the
-- table's length (stress builds rebuild that often).
local steps_max = 300 * 1024
for round = 1, race.rounds do
  local t = {}
  for i = 1, 200 do t[i] = i end
  race.all(function(id)
    for i = 1, 300 do
      if id == 1 then
        t[#t + 1] = i
      elseif id == 2 then
        t[#t] = nil
      else
        local n = #t
        race.check(math.type(n) == "integer" and n >= 0 and n <= 1000, "length %s", tostring(n))
        local k, steps = nil, 0
        race.traverse(function()
          repeat
            k = next(t, k)
            steps = steps + 1
          until k == nil or steps > steps_max
        end)
        race.check(steps <= steps_max, "endless next")
        for j, v in ipairs(t) do race.check(math.type(v) == "integer", "element %s", tostring(v)) if j > 50 then break end end
      end
      if i % 50 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
