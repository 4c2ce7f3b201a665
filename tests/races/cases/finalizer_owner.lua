-- A finalizer that another thread runs reaches what its maker still uses: tables and captured variables.
local race = require "race"
for round = 1, race.rounds do
  local sums = race.all(function(id)
    local mine, calls = {}, 0
    for i = 1, 150 do
      mine["k" .. i] = i
      setmetatable({}, { __gc = function()
        calls = calls + 0
        mine["f" .. i] = { i }
        mine[#mine + 1] = i
      end })
      mine["k" .. i] = mine["k" .. i] + 1
      if i % 30 == 0 then collectgarbage() end
      race.check(mine["k" .. i] == i + 1, "own key lost: %s", tostring(mine["k" .. i]))
    end
    local n = 0
    for i = 1, 150 do
      race.check(mine["k" .. i] == i + 1, "own key %d: %s", i, tostring(mine["k" .. i]))
      local f = mine["f" .. i]
      race.check(f == nil or f[1] == i, "finalizer's key %d", i)
      n = n + (f and 1 or 0)
    end
    return n
  end)
  race.check(#sums == race.threads, "threads ended")
end
race.done()
