-- CPU and I/O by turns, like a web request: wait for a reply, work on it, wait, work. Under a GIL
-- one thread can compute while others wait, up to the point where the computing fills one core;
-- and a thread that comes back from a wait must queue behind those that compute.

local time = require "gilt.time"

local function work(seed, steps)
  local x = seed
  for n = 1, steps do x = (x * 1103515245 + 12345 + n) % 2147483648 end
  return x
end

return {
  name = "mixed",
  kind = "mixed",
  about = "CPU and I/O by turns, like requests to a service",
  tasks = 32,
  params = { waits = 2, ms = 2.5, steps = 150000 },

  setup = function(params)
    return { waits = params.waits, seconds = params.ms / 1000, steps = params.steps }
  end,

  task = function(ctx, i)
    local x = i
    for _ = 1, ctx.waits do
      time.sleep(ctx.seconds)
      x = work(x, ctx.steps)
    end
    return x
  end,

  -- The generator in one go: one long stretch without the waits.
  check = function(results, params)
    for _, i in ipairs { 1, #results } do
      local x = i
      for _ = 1, params.waits do x = work(x, params.steps) end
      if results[i] ~= x then
        return false, ("task %d: the answer is %d, not %d"):format(i, x, results[i])
      end
    end
    return true
  end,
}
