-- Globals: each thread sets names of its own; shared functions are redefined while they are called.
local race = require "race"
for round = 1, race.rounds do
  function shared_function() return 0 end
  race.all(function(id)
    for i = 1, 200 do
      _G["global_" .. id] = i
      race.check(_G["global_" .. id] == i, "global lost")
      if i % 20 == 0 then
        local k = id * 1000 + i
        function shared_function() return k end
      end
      local v = shared_function()
      race.check(v == 0 or (v // 1000 >= 1 and v // 1000 <= race.threads), "function gave %s", tostring(v))
      if i % 50 == 0 then race.yield() end
    end
    return true
  end)
  for id = 1, race.threads do _G["global_" .. id] = nil end
end
race.done()
