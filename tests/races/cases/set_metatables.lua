-- Metatables set and changed while others index: old or new meaning, never a mixture.
local race = require "race"
local A = { __index = function(_, k) return "A" .. k end, __add = function() return "A+" end, __call = function() return "A()" end, __len = function() return 1 end }
local B = { __index = { x = "Bx" }, __add = function() return "B+" end, __call = function() return "B()" end, __len = function() return 2 end }
local legal = { Ax = true, Bx = true, ["A+"] = true, ["B+"] = true, ["A()"] = true, ["B()"] = true }
for round = 1, race.rounds do
  local o = setmetatable({}, A)
  race.all(function(id)
    for i = 1, 500 do
      if id == 1 then
        setmetatable(o, i % 2 == 0 and A or B)
      else
        local x, s, c, n = o.x, o + 1, o(), #o
        race.check(legal[x] and x:sub(2) == "x", "index gave %s", tostring(x))
        race.check(legal[s] and legal[c], "call gave %s %s", tostring(s), tostring(c))
        race.check(n == 1 or n == 2, "length %s", tostring(n))
      end
      if i % 100 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
