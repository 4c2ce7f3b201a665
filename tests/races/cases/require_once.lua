-- require from several threads: the loader runs once, all get the same module.
local race = require "race"
for round = 1, race.rounds do
  local name, runs = "race_module_" .. round, 0
  package.preload[name] = function(n)
    runs = runs + 1
    local m = { name = n }
    for i = 1, 200 do m[i] = i end
    return m
  end
  local got = race.all(function() return require(name) end)
  for id = 1, race.threads do
    race.check(got[id] == package.loaded[name], "another module")
    race.check(#got[id] == 200 and got[id].name == name, "half a module")
  end
  race.check(runs == 1, "the loader ran %d times", runs)
  package.preload[name], package.loaded[name] = nil, nil
end
race.done()
