-- Whole lines written by many threads to one file stay whole when each is one write.
local race = require "race"
for round = 1, race.rounds do
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  local per = 50
  race.all(function(id)
    for i = 1, per do
      f:write(("%d %d %s\n"):format(id, i, ("x"):rep(id * 7 % 40)))
      if i % 10 == 0 then race.yield() end
    end
    return true
  end)
  f:close()
  local n, last = 0, {}
  for line in io.lines(name) do
    local id, i, xs = line:match("^(%d+) (%d+) (x*)$")
    id, i = tonumber(id), tonumber(i)
    race.check(id and #xs == id * 7 % 40, "line %q", line)
    race.check((last[id] or 0) + 1 == i, "order of thread %d", id)
    last[id] = i
    n = n + 1
  end
  race.check(n == race.threads * per, "%d lines", n)
  os.remove(name)
end
race.done()
