-- Closures with captured locals of a running frame, called and assigned by other threads.
local race = require "race"
for round = 1, race.rounds do
  local shared = {}
  local a, b = race.stamp(0, 0), 0
  local function get() return a, b end
  local function set(id, i) a = race.stamp(id, i) b = id * 1000 + i end
  race.all(function(id)
    for i = 1, 300 do
      set(id, i)
      local s, n = get()
      race.check(race.valid(s), "captured table torn")
      race.check(math.type(n) == "integer" and n // 1000 <= race.threads, "captured number %s", tostring(n))
      -- a frame that goes on running publishes closures over its own open variables
      local x, y = id, "s" .. id
      shared[id] = function(v) if v then x, y = v, "s" .. v end return x, y end
      local other = shared[(id + i) % race.threads + 1]
      if other then
        local ox, oy = other(i % 7 == 0 and i or nil)
        race.check(math.type(ox) == "integer", "foreign variable %s", tostring(ox))
        race.check(type(oy) == "string" and oy:sub(1, 1) == "s", "foreign text %s", tostring(oy))
      end
      race.check(math.type(x) == "integer" and type(y) == "string", "own variables damaged")
      if i % 60 == 0 then race.yield() end
    end
    return true
  end)
end
race.done()
