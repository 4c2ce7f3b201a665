-- Keys that come and go in a small table while it is rebuilt: a thread's last write to its own key stays.
local race = require "race"
for round = 1, race.rounds do
  local t = {}
  for id = 1, race.threads do t["own" .. id] = 0 t[-id] = 0 end
  race.all(function(id)
    local own, neg = "own" .. id, -id
    for i = 1, 300 do
      t[own] = i
      race.check(t[own] == i, "own key: wrote %d, reads %s", i, tostring(t[own]))
      t[neg] = nil
      race.check(t[neg] == nil, "own key: deleted, reads %s", tostring(t[neg]))
      t[own] = nil
      t[neg] = i
      race.check(t[own] == nil, "deleted key reads %s", tostring(t[own]))
      race.check(t[neg] == i, "own key: wrote %d, reads %s", i, tostring(t[neg]))
      local k = "new" .. id .. "." .. i % 11
      t[k] = i
      race.check(t[k] == i, "new key reads %s", tostring(t[k]))
      if i % 3 == 0 then t[k] = nil race.check(t[k] == nil, "deleted new key") end
      if i % 40 == 0 then t[#t + 1] = i end
      if i % 97 == 0 then collectgarbage() end
    end
    return true
  end)
  for id = 1, race.threads do race.check(t[-id] == 300 and t["own" .. id] == nil, "last writes of %d", id) end
end
-- Many existing keys, each written in place by its own thread, while one thread makes the table grow.
for round = 1, race.rounds do
  local t = {}
  for i = 1, 64 do t[i] = 0 t["k" .. i] = 0 end
  race.all(function(id)
    if id == 1 then
      for i = 1, 400 do t[{}] = i t["grow" .. i] = i end
      return true
    end
    local n = 0
    for i = 1, 600 do
      for k = id, 64, race.threads do
        n = n + 1
        t[k] = n
        t["k" .. k] = -n
        race.check(t[k] == n, "array: wrote %d, reads %s", n, tostring(t[k]))
        race.check(t["k" .. k] == -n, "hash: wrote %d, reads %s", -n, tostring(t["k" .. k]))
      end
    end
    return true
  end)
end
race.done()
