-- A coroutine hands itself to others while it runs: nobody else can resume or close it, and it goes on undisturbed.
local race = require "race"
local box = {}
for round = 1, race.rounds do
  local counts = race.all(function(id)
    local good = 0
    for i = 1, 30 do
      local co
      co = coroutine.create(function(a)
        box[1] = co -- running, and seen by all
        local sum = a
        for k = 1, 20 do sum = sum + #tostring(k) end
        local b = coroutine.yield(sum)
        box[id + 1] = co
        for k = 1, 20 do sum = sum + select("#", table.unpack({ k, k, k })) end
        return sum + b
      end)
      for _, c in ipairs { box[1], box[id], box[race.threads - id + 1] } do
        if c ~= co then
          local s = coroutine.status(c)
          race.check(s == "suspended" or s == "normal" or s == "dead" or s == "running", "status %s", s)
          local ok, e = pcall(coroutine.close, c)
          race.check(ok or e:find "^cannot close a %a+ coroutine", "close: %s", tostring(e))
        end
      end
      local ok, v = coroutine.resume(co, i)
      race.check(ok and v == i + 31 or (not ok and v == "cannot resume dead coroutine"), "first: %s %s", tostring(ok), tostring(v))
      if ok then
        local ok2, w = coroutine.resume(co, 7)
        if ok2 and w then
          race.check(w == i + 31 + 60 + 7, "second: %s", tostring(w))
          good = good + 1
        elseif not ok2 then
          race.check(w == "cannot resume dead coroutine" or w == "cannot resume non-suspended coroutine", "second: %s", tostring(w))
        end
      end
    end
    return good
  end)
  race.check(#counts == race.threads, "threads ended")
end
-- The same with a resume instead of a close: it never gets in.
for round = 1, race.rounds do
  local shared, stop = {}, false
  race.all(function(id)
    if id > 1 then
      while not shared.co do race.yield() end
      local n = 0
      while not stop and n < 20000 do
        local ok, e = coroutine.resume(shared.co, 1, 2, 3)
        race.check(not ok, "resumed a running coroutine")
        race.check(e == "cannot resume non-suspended coroutine" or (stop and e == "cannot resume dead coroutine"), "message %s", tostring(e))
        n = n + 1
      end
      return true
    end
    local co
    co = coroutine.wrap(function()
      shared.co = coroutine.running()
      local t = {}
      for i = 1, 3000 do
        t[i % 50 + 1] = { i, tostring(i) }
        race.check(t[i % 50 + 1][1] == i, "own value")
      end
      stop = true
      return "end"
    end)
    race.check(co() == "end", "result")
    return true
  end)
end
race.done()
