-- hooks_of_threads: every thread sets hooks of its own from the first moment on; none is lost.
local race = require "race"
for round = 1, race.rounds do
  local seen = race.all(function(id)
    local count, lines = 0, 0
    debug.sethook(function(event) if event == "count" then count = count + 1 else lines = lines + 1 end end, "l", 10)
    local x = 0
    for i = 1, 100 do
      x = x + i
      local f, mask, n = debug.gethook()
      race.check(f and mask == "l" and n == 10, "gethook: %s %s", tostring(mask), tostring(n))
    end
    debug.sethook()
    race.check(debug.gethook() == nil, "a hook is left")
    race.check(count >= 10 and lines >= 100, "hooks not called: %d, %d", count, lines)
    return count
  end)
end
race.done()
