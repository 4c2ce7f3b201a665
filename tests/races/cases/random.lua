-- math.random from all threads: in range, and its state stays sound.
local race = require "race"
for round = 1, race.rounds do
  race.all(function(id)
    for i = 1, 500 do
      local a, b = math.random(10), math.random()
      race.check(math.type(a) == "integer" and a >= 1 and a <= 10, "random %s", tostring(a))
      race.check(b >= 0 and b < 1, "random %s", tostring(b))
      if i % 250 == 0 then race.yield() end
    end
    return true
  end)
end
math.randomseed(42)
local a = math.random(1 << 30)
math.randomseed(42)
race.check(math.random(1 << 30) == a, "seeding")
race.done()
