-- Waiting that costs no CPU, like a reply from a database: each task sleeps. Threads should be as
-- good as processes here, since a sleeping thread holds no lock; 16 workers should wait 16 times
-- faster than one.

local time = require "gilt.time"

return {
  name = "sleep",
  kind = "io",
  about = "sleep-like I/O: waiting that costs no CPU",
  tasks = 64,
  params = { ms = 5.0 },

  setup = function(params) return { seconds = params.ms / 1000 } end,

  task = function(ctx, i)
    time.sleep(ctx.seconds)
    return i * i
  end,

  check = function(results)
    for i, value in ipairs(results) do
      if value ~= i * i then
        return false, ("task %d returned the answer of another task"):format(i)
      end
    end
    return true
  end,
}
