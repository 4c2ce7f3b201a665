-- Finalizers: each object exactly once, also when it was made by a thread that has ended.
local race = require "race"
for round = 1, race.rounds do
  local made, per = {}, 100
  local counts = {}
  for id = 1, race.threads do counts[id] = {} end
  race.all(function(id)
    local mine = counts[id]
    local mt = { __gc = function(o) local k = o.k mine[k] = (mine[k] or 0) + 1 end }
    for i = 1, per do
      setmetatable({ k = i }, mt)
      if i % 20 == 0 then collectgarbage("step") race.yield() end
    end
    return true
  end)
  collectgarbage()
  collectgarbage()
  for id = 1, race.threads do
    for i = 1, per do
      local c = counts[id][i]
      race.check(c == nil or c == 1, "finalizer of %d:%d ran %s times", id, i, tostring(c))
      -- the newest may still be in a register of a dead frame
      if i < per then race.check(c == 1, "finalizer of %d:%d did not run", id, i) end
    end
  end
end
race.done()
