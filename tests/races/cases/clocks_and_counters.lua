-- clocks_and_counters: what gilt.time, gilt.gil, gilt.bench and os tell, asked by all at once.
local race = require "race"
local time, gil, bench = require "gilt.time", require "gilt.gil", require "gilt.bench"
for round = 1, race.rounds do
  local names = gil.policies()
  race.all(function(id)
    local last = time.monotonic_ns()
    for i = 1, 20 do
      local now = time.monotonic_ns()
      race.check(now >= last, "the clock went back")
      last = now
      race.check(time.cpu() >= 0 and time.thread_cpu() >= 0 and time.wall() > 0, "clocks")
      time.sleep(0)
      local s, all = gil.stats(), gil.stats "total"
      race.check(s.life >= 0 and all.threads >= 1, "statistics")
      local h = gil.histogram("hold", 0.5)
      race.check(h.count >= 0, "histogram")
      gil.longest()
      if id == 1 then gil.policy(names[i % #names + 1]) end
      if id == 2 then gil.interval(0.0001 * i) end
      if id == 3 then gil.reset() end
      bench.work(10)
      race.check(os.time { year = 2020, month = 1, day = 1 + i % 28, hour = 12 } > 0, "os.time")
      race.check(#os.date("%Y-%m-%d", i * 86400) == 10, "os.date")
      race.check(os.getenv "PATH", "os.getenv")
      collectgarbage "count"
    end
  end)
  gil.policy(names[1])
end
race.done()
