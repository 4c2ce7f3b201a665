-- One coroutine, many threads: each resume has exactly one winner, losers get the documented message.
local race = require "race"
for round = 1, race.rounds do
  local per = 100
  local co = coroutine.create(function()
    local n = 0
    while true do
      n = n + 1
      coroutine.yield(n)
    end
  end)
  local results = race.all(function(id)
    local mine = {}
    while #mine < per do
      local ok, v = coroutine.resume(co)
      if ok then
        mine[#mine + 1] = v
        if #mine % 20 == 0 then race.yield() end
      else
        race.check(v == "cannot resume non-suspended coroutine", "message %s", tostring(v))
        race.yield()
      end
    end
    return mine
  end)
  local seen = {}
  for id = 1, race.threads do
    local last = 0
    for _, v in ipairs(results[id]) do
      race.check(math.type(v) == "integer" and v > last, "order in thread %d: %s", id, tostring(v))
      race.check(not seen[v], "value %d twice", v)
      seen[v], last = true, v
    end
  end
  race.check(#seen == race.threads * per, "%d values", #seen)
end
race.done()
