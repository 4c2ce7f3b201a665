-- Objects made by one thread, changed by the next: what was stored before join is seen after it.
local race = require "race"
local thread = require "gilt.thread"
for round = 1, race.rounds do
  local t = { n = 0, list = {}, map = {} }
  for step = 1, race.threads * 2 do
    local r = thread.spawn(function(x)
      race.check(x.n == step - 1 and #x.list == step - 1, "state from before: %d", x.n)
      x.n = x.n + 1
      x.list[#x.list + 1] = race.stamp(step, x.n)
      x.map["k" .. step] = function() return step end
      return x
    end, t):join()
    race.check(r == t, "another table came back")
    race.check(race.valid(t.list[step]) and t.map["k" .. step]() == step, "change not seen")
  end
end
race.done()
