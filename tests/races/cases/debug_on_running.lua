-- The debug library on coroutines and threads that run, and on functions that others call.
local race = require "race"
for round = 1, race.rounds do
  local pool = {}
  local function counter()
    local n, name = 0, "c"
    return function(d) n = n + (d or 1) return n, name end
  end
  local f, g = counter(), counter()
  race.all(function(id)
    local rnd = race.random(id + round * 31)
    local co = coroutine.create(function(a)
      local deep = { a }
      pool[id] = coroutine.running()
      for i = 1, 50 do coroutine.yield(i, deep) end
    end)
    for i = 1, 60 do
      coroutine.resume(co, i)
      local other = pool[rnd(race.threads)]
      local k = rnd(10)
      if other and k <= 6 then
        local ok, e = pcall(function()
          if k == 1 then return debug.traceback(other) end
          if k == 2 then local x = debug.getinfo(other, 0, "nSlut") return x and x.what end
          if k == 3 then return debug.getlocal(other, 1, 1) end
          if k == 4 then return debug.sethook(other, function() end, "", 1000) end
          if k == 5 then return debug.gethook(other) end
          return debug.setlocal(other, 9, 1, 1)
        end)
        race.check(ok or tostring(e):find("thread is running", 1, true) or tostring(e):find("level out of range", 1, true), "debug: %s", tostring(e))
      elseif k == 7 then
        local name, v = debug.getupvalue(f, 1)
        race.check(name == "n" and math.type(v) == "integer", "upvalue %s %s", tostring(name), tostring(v))
        debug.setupvalue(f, 1, i)
      elseif k == 8 then
        debug.upvaluejoin(f, 1, rnd(2) == 1 and g or counter(), 1)
        race.check(debug.upvalueid(f, 1) ~= nil, "upvalue id")
      else
        local n, name = f(0)
        race.check(math.type(n) == "integer" and name == "c", "call %s %s", tostring(n), tostring(name))
      end
    end
    -- one's own chain of resumers may be looked at, whoever else can see it
    pool[id] = coroutine.wrap(function()
      local outer = coroutine.running()
      pool[id] = outer
      local text = coroutine.wrap(function() return debug.traceback(outer) end)()
      race.check(text:find("stack traceback", 1, true), "traceback of one's resumer")
      return outer
    end)()
    return true
  end)
end
race.done()
