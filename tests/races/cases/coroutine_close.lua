-- coroutine.wrap and coroutine.close on shared coroutines, and status read from everywhere.
local race = require "race"
local states = { suspended = true, running = true, normal = true, dead = true }
for round = 1, race.rounds do
  local co = {}
  for i = 1, 20 do
    co[i] = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() end }) for j = 1, 5 do coroutine.yield(j) end return "end" end)
  end
  race.all(function(id)
    local rnd = race.random(id + round * 31)
    for i = 1, 100 do
      local c = co[rnd(20)]
      race.check(states[coroutine.status(c)], "status")
      local ok, v
      if rnd(6) == 1 then ok, v = pcall(coroutine.close, c) else ok, v = coroutine.resume(c) end
      race.check(ok == true or type(v) == "string", "resume gave %s %s", tostring(ok), tostring(v))
      if i % 25 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
