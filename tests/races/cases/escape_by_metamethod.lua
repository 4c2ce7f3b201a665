-- A frame's variable becomes shared in the middle of the instruction that assigns it: what is assigned is shared too.
local race = require "race"
local shared = {}
local function publish_in(event, make)
  return setmetatable({}, { [event] = function() return make() end })
end
for round = 1, race.rounds do
  race.all(function(id)
    for i = 1, 40 do
      local x = {}
      local function f(v)
        if v then x = v end
        return x
      end
      local function give()
        shared[id] = f
        return { id = id }
      end
      local t
      local kind = i % 7
      if kind == 0 then t = publish_in("__index", give) x = t.foo
      elseif kind == 1 then t = publish_in("__add", give) x = t + 1
      elseif kind == 2 then t = publish_in("__len", give) x = #t
      elseif kind == 3 then t = publish_in("__unm", give) x = -t
      elseif kind == 4 then t = publish_in("__concat", give) x = t .. "y"
      elseif kind == 5 then (function(...) give() x = ... end)({ id = id })
      else t = publish_in("__index", give) x = t[i] end
      x = x or {}
      local mine = x
      for k = 1, 20 do mine[id .. ":" .. k] = k end
      for other = 1, race.threads do
        local g = shared[other]
        if g then
          local theirs = g()
          race.check(type(theirs) == "table", "a %s", type(theirs))
          for k = 1, 5 do theirs[id .. "/" .. i .. "/" .. k] = k end
          for k = 1, 5 do race.check(theirs[id .. "/" .. i .. "/" .. k] == k, "write of thread %d lost", id) end
        end
      end
      for k = 1, 20 do race.check(mine[id .. ":" .. k] == k, "owner's write lost") end
    end
    return true
  end)
end
-- Assignments that other threads see at once: every value is whole, and its table usable.
for round = 1, race.rounds do
  local get, stop
  race.all(function(id)
    if id > 1 then
      while not get do race.yield() end
      local n = 0
      while not stop and n < 5000 do
        local v = get()
        race.check(v == nil or race.valid(v), "value %s", tostring(v))
        if v then v[id] = n race.check(v[id] == n, "write lost") end
        n = n + 1
      end
      return true
    end
    local function body(...)
      local x
      get = function() return x end
      for i = 1, 400 do
        x = race.stamp(i, i)
        x.own = i
        race.check(x.own == i, "own write lost")
        x = ...
        x.own = -i
        race.check(x.own == -i, "own write lost")
        x = nil
      end
    end
    body(race.stamp(1, 1))
    stop = true
    return true
  end)
end
race.done()
