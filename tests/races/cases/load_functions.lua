-- load, string.dump and compiled functions handed between threads.
local race = require "race"
for round = 1, race.rounds do
  local fs = {}
  race.all(function(id)
    for i = 1, 60 do
      local f = assert(load(("local a = ... local t = {%d, 'k%d', [%d] = %d.5} return function(b) return a + b + t[1], t[2] .. #t end"):format(id, i, i + 10, i)))
      fs[id] = f(i)
      local g = fs[(id + i) % race.threads + 1]
      if g then
        local n, s = g(1)
        race.check(math.type(n) == "integer" and type(s) == "string" and s:sub(1, 1) == "k", "function gave %s %s", tostring(n), tostring(s))
      end
      local again = load(string.dump(load("return " .. id .. ", '" .. i .. "'")))
      local x, y = again()
      race.check(x == id and y == tostring(i), "dump gave %s %s", tostring(x), tostring(y))
      race.check(load("x = = " .. i) == nil, "bad program loaded")
      if i % 15 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
