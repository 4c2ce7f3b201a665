-- Threads append to one array by index of their own (interleaved) while it grows from empty.
local race = require "race"
for round = 1, race.rounds do
  local t, per = {}, 500
  race.all(function(id)
    for i = 0, per - 1 do
      t[i * race.threads + id] = id * 1000000 + i
      if i % 64 == 0 then race.yield() end
    end
    return true
  end)
  for i = 0, per - 1 do
    for id = 1, race.threads do race.check(t[i * race.threads + id] == id * 1000000 + i, "slot %d", i * race.threads + id) end
  end
  race.check(#t == per * race.threads, "length %d", #t)
end
race.done()
