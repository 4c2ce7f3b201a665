-- Variables of running frames, captured by several threads: one writer's values come in order, whole, across calls,
-- growing stacks, coroutines, errors and closing.
local race = require "race"
local function deep(n) if n > 0 then return 1 + deep(n - 1) end return 0 end
for round = 1, race.rounds do
  local box = {}
  race.all(function(id)
    if id == 1 then
      for turn = 1, 12 do
        local function frame(inside)
          local n, text = 0, "v0"
          box[1] = { get = function() return n, text end, turn = turn, set = function(v) text = v end }
          for i = 1, 150 do
            n = i
            text = "v" .. i
            if i % 50 == 0 then race.check(deep(100 + 40 * turn) == 100 + 40 * turn, "recursion") end
            if inside and i % 10 == 0 then coroutine.yield(i) end
            race.check(n == i, "own variable reads %s", tostring(n))
          end
          if turn % 3 == 0 then error({ turn }) end
          return n
        end
        if turn % 2 == 0 then
          local co = coroutine.create(frame)
          local ok, v
          repeat ok, v = coroutine.resume(co, true) until coroutine.status(co) == "dead"
          race.check(ok and v == 150 or (not ok and v[1] == turn), "end of a coroutine: %s", tostring(v))
        else
          local ok, v = pcall(frame, false)
          race.check(ok and v == 150 or (not ok and v[1] == turn), "end of a frame: %s", tostring(v))
        end
      end
      box.stop = true
    else
      local last, turn, count = 0, 0, 0
      while not box.stop and count < 50000 do
        count = count + 1
        local b = box[1]
        if b then
          if b.turn ~= turn then last, turn = 0, b.turn end
          local n, text = b.get()
          race.check(math.type(n) == "integer" and n >= last and n <= 150, "%s after %s", tostring(n), tostring(last))
          race.check(type(text) == "string" and (text:find("^v%d+$") or text:find("^w%d+:%d+$")), "text %s", tostring(text))
          last = n
          if count % 16 == 0 then b.set("w" .. id .. ":" .. count) end
        end
      end
    end
    return true
  end)
end
race.done()
