-- Threads that end while others use what they made; results and errors come through join, with a traceback.
local race = require "race"
local thread = require "gilt.thread"
for round = 1, race.rounds do
  local ths, kept = {}, {}
  for id = 1, race.threads do
    ths[id] = thread.spawn(function(k)
      local t = { name = "made by " .. k, list = {} }
      for i = 1, 50 do t.list[i] = race.stamp(k, i) end
      kept[k] = function() return t end
      if k % 3 == 0 then error("thread " .. k .. " fails") end
      return t, k, nil, "last"
    end, id)
  end
  for id = 1, race.threads do
    local t, k, gap, last = ths[id]:join()
    if id % 3 == 0 then
      race.check(t == nil and type(k) == "string" and k:find("thread " .. id .. " fails", 1, true), "error of %d: %s", id, tostring(k))
      race.check(k:find("traceback", 1, true), "no traceback in %s", k)
    else
      race.check(k == id and gap == nil and last == "last", "results of %d", id)
      race.check(t == kept[id](), "result of %d is another table", id)
    end
    collectgarbage("step")
    for i, s in ipairs(kept[id]().list) do race.check(race.valid(s) and s.id == id and s.n == i, "value of an ended thread") end
  end
end
race.done()
