-- A metamethod added and removed in a shared metatable: absence is never remembered for good.
local race = require "race"
for round = 1, race.rounds do
  local mt = {}
  local o = setmetatable({}, mt)
  race.all(function(id)
    for i = 1, 400 do
      if id == 1 then
        mt.__index = i % 2 == 0 and function() return "m" end or nil
        mt.__newindex = i % 3 == 0 and function() end or nil
      else
        local v = o.missing
        race.check(v == nil or v == "m", "got %s", tostring(v))
        o["k" .. id] = i
        local w = rawget(o, "k" .. id)
        race.check(w == nil or (math.type(w) == "integer" and w <= i), "stored %s", tostring(w))
      end
      if i % 80 == 0 then race.yield() end
    end
    return true
  end)
  mt.__index = function() return "final" end
  race.check(o.missing == "final", "stale absence")
  race.all(function() race.check(o.missing == "final", "stale absence in a thread") return true end)
end
race.done()
