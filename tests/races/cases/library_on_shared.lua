-- Sorting, concat, unpack and copies of a table that others change: results hold only real values.
local race = require "race"
for round = 1, race.rounds do
  local t = {}
  for i = 1, 100 do t[i] = i end
  race.all(function(id)
    local rnd = race.random(id + round)
    for i = 1, 60 do
      if id == 1 then
        t[rnd(100)] = rnd(100)
      else
        local ok, e = pcall(function()
          local copy = table.move(t, 1, 100, 1, {})
          table.sort(copy)
          for j = 2, 100 do race.check(copy[j - 1] <= copy[j], "private copy unsorted") end
          local s = table.concat(t, ",", 1, 100)
          for w in s:gmatch("[^,]+") do race.check(tonumber(w) and tonumber(w) <= 100, "concat saw %s", w) end
          race.check(select("#", table.unpack(t, 1, 100)) == 100, "unpack")
          race.check(#string.format("%s %d", "x", t[5]) > 2, "format")
        end)
        if not ok then error(e, 0) end
      end
      if i % 20 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
