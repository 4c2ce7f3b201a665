-- thread_handles: one thread's handle is everybody's: joined, asked, interrupted and dropped by all.
local race = require "race"
local thread = require "gilt.thread"
local many = {}
for i = 1, 60 do many[i] = "result " .. i end

for round = 1, race.rounds do
  local good = thread.start({ name = "good" }, function(n) return n, table.unpack(many) end, round)
  local bad = thread.spawn(function() error({ round = round }) end)
  local spinning = thread.spawn(function() while true do end end)
  local shared = { good, bad, spinning }
  race.all(function(id)
    for i = 1, 5 do
      local r = table.pack(good:join())
      race.check(r.n == 61 and r[1] == round and r[61] == "result 60", "results: %d, %s", r.n, r[1])
      local v, e = bad:join()
      race.check(v == nil and type(e) == "table" and e.round == round, "error: %s", tostring(e))
      race.check(good.name == "good" and good:status() == "done" and bad:status() == "failed", "status")
      race.check(thread.current():status() == "running", "current")
      race.check(rawequal(thread.current(), thread.current()), "two handles of one thread")
      if id == i then spinning:interrupt() end
      local own = thread.spawn(function(x) return x end, id)
      shared[3 + id] = own
      local other = shared[3 + (id % race.threads) + 1]
      if other then race.check(type(other:join()) == "number", "join of another's") end
    end
  end)
  spinning:interrupt()
  local v, e = spinning:join()
  race.check(v == nil and tostring(e):find "interrupted!", "interrupt: %s", tostring(e))
end
race.done()
