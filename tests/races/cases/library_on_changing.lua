-- sort, concat, unpack, move, insert in front, remove: on one list that others overwrite, with collections.
local race = require "race"
local allowed = { "invalid order function", "invalid value", "attempt to compare", "position out of bounds", "wrong number", "too many results" }
local function expected(e)
  for _, a in ipairs(allowed) do if tostring(e):find(a, 1, true) then return true end end
end
local function less(a, b) return (a and a.n or 0) < (b and b.n or 0) end
for round = 1, race.rounds do
  local t = {}
  for i = 1, 40 do t[i] = race.stamp(0, i) end
  race.all(function(id)
    local rnd = race.random(id * 7 + round)
    for i = 1, 120 do
      local k = rnd(9)
      local ok, e = true, nil
      if k == 1 then ok, e = pcall(table.sort, t, less)
      elseif k == 2 then ok, e = pcall(table.insert, t, 1, race.stamp(id, i))
      elseif k == 3 then ok, e = pcall(table.insert, t, race.stamp(id, i))
      elseif k == 4 then ok, e = pcall(table.remove, t, 1) if ok then race.check(e == nil or race.valid(e), "removed %s", tostring(e)) end
      elseif k == 5 then ok, e = pcall(table.remove, t)
      elseif k == 6 then ok, e = pcall(function() return table.pack(table.unpack(t, 1, 30)) end)
        if ok then for j = 1, e.n do race.check(e[j] == nil or race.valid(e[j]), "unpacked %s", tostring(e[j])) end end
      elseif k == 7 then ok, e = pcall(table.move, t, 1, 20, 3)
      elseif k == 8 then ok, e = pcall(table.concat, t, ",", 1, 5)
      else t[rnd(40)] = race.stamp(id, i) end
      race.check(ok or expected(e), "error %s", tostring(e))
      if i % 40 == 0 then collectgarbage() end
    end
    return true
  end)
  for k, v in pairs(t) do race.check(race.valid(v), "left over %s = %s", tostring(k), tostring(v)) end
end
-- Insertion in front shifts values that nothing else holds.
for round = 1, race.rounds do
  local t, stop = {}, false
  race.all(function(id)
    if id == 1 then
      for i = 1, 60 do
        table.insert(t, 1, race.stamp(1, i))
        local v = t[#t]
        race.check(v == nil or race.valid(v), "shifted %s", tostring(v))
      end
      stop = true
    elseif id == 2 then
      local n = 0
      while not stop and n < 20000 do
        n = n + 1
        local len = #t
        if len > 0 then t[len] = race.stamp(2, n) end
      end
    else
      local n = 0
      while not stop and n < 100 do n = n + 1 collectgarbage() local junk = {} for i = 1, 200 do junk[i] = { i, id } end end
    end
    return true
  end)
  for k, v in pairs(t) do race.check(race.valid(v), "left over %s", tostring(k)) end
end
race.done()
