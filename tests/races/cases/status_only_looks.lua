-- Asking for a coroutine's status does not disturb the thread that resumes it.
local race = require "race"
for round = 1, race.rounds do
  local co = coroutine.create(function()
    for i = 1, 400 do coroutine.yield(i) end
    return "end"
  end)
  local stop = false
  race.all(function(id)
    if id == 1 then
      for i = 1, 400 do
        local ok, v = coroutine.resume(co)
        race.check(ok and v == i, "resume %d: %s %s", i, tostring(ok), tostring(v))
      end
      stop = true
    else
      local n = 0
      while not stop and n < 20000 do
        local s = coroutine.status(co)
        race.check(s == "suspended" or s == "normal", "status %s", s)
        n = n + 1
      end
    end
    return true
  end)
end
race.done()
