-- A gmatch iterator and a generator shared by threads: every match at most once, no crash.
local race = require "race"
for round = 1, race.rounds do
  local words = {}
  for i = 1, 400 do words[i] = "w" .. i end
  local it = table.concat(words, " "):gmatch("w(%d+)")
  local results = race.all(function(id)
    local mine = {}
    while true do
      local w = it()
      if not w then break end
      mine[#mine + 1] = tonumber(w)
      if #mine % 10 == 0 then race.yield() end
    end
    return mine
  end)
  local seen, n = {}, 0
  for _, mine in ipairs(results) do
    for _, v in ipairs(mine) do
      race.check(v and v >= 1 and v <= 400 and not seen[v], "match %s", tostring(v))
      seen[v] = true
      n = n + 1
    end
  end
  race.check(n == 400, "%d matches", n)
end
race.done()
