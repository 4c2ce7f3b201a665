-- Errors unwound through pcall, close and coroutines in all threads at once, with shared error objects.
local race = require "race"
for round = 1, race.rounds do
  local shared = race.stamp(1, 2)
  local closed = {}
  race.all(function(id)
    closed[id] = 0
    local mt = { __close = function(_, e) closed[id] = closed[id] + 1 end }
    local function deep(n, e)
      local c <close> = setmetatable({}, mt)
      if n == 0 then error(e, 0) end
      return (deep(n - 1, e))
    end
    for i = 1, 60 do
      local ok, e = pcall(deep, 5, i % 2 == 0 and shared or "e" .. id)
      race.check(not ok and (e == shared or e == "e" .. id), "error %s", tostring(e))
      local co = coroutine.wrap(function() local ok2, e2 = pcall(function() coroutine.yield(1) deep(3, "in" .. id) end) return e2 end)
      co()
      race.check(co() == "in" .. id, "error in a coroutine")
      local ok3, m = pcall(function() local t = nil return t.x end)
      race.check(not ok3 and m:find("attempt to index a nil value", 1, true), "message %s", tostring(m))
      if i % 20 == 0 then race.yield() end
    end
    race.check(closed[id] == 60 * 6 + 60 * 4, "%d closed", closed[id])
    return true
  end)
end
race.done()
