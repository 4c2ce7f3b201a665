-- The same strings made by all threads at once are one string: equal, and the same key.
local race = require "race"
for round = 1, race.rounds do
  local t, n = {}, 300
  race.all(function(id)
    for i = 1, n do
      local s = "storm" .. round .. "_" .. i
      local old = t[s]
      race.check(old == nil or old == i, "key %s holds %s", s, tostring(old))
      t[s] = i
      race.check(t["storm" .. round .. "_" .. i] == i, "key made again is another key")
      local long = s .. ("x"):rep(50)
      t[long] = -i
      race.check(t[s .. ("x"):rep(50)] == -i, "long key")
      if i % 60 == 0 then collectgarbage("step") race.yield() end
    end
    return true
  end)
  local count = 0
  for k in pairs(t) do count = count + 1 end
  race.check(count == 2 * n, "%d keys: a string exists twice", count)
end
race.done()
