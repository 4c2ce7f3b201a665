-- A large data set built once in setup and only read by the tasks: a catalogue of orders, queried
-- by group. Threads share it; forked processes inherit it copy-on-write, and pay for the pages
-- that the garbage collector's marks dirty; isolates must each build their own. Watch the start-up
-- time, the peak memory and the page faults.

local function order(n)
  return {
    id = n,
    customer = "customer-" .. n * 7919 % 997,
    items = { n % 13 + 1, n % 7 + 1 },
    cents = n * 104729 % 100000,
  }
end

-- Over all tasks each order is read `passes` times; where there are fewer tasks than that, by each.
local function stride_of(params) return math.max(1, params.tasks // params.passes) end

return {
  name = "dataset",
  kind = "data",
  about = "a large read-only table from setup, queried by group",
  tasks = 32,
  params = { orders = 60000, passes = 5 },

  setup = function(params)
    if params.passes < 1 then error("passes has to be at least 1", 0) end
    local orders = {}
    for n = 1, params.orders do orders[n] = order(n) end
    return { orders = orders, stride = stride_of(params) }
  end,

  -- Task i groups every stride-th order, each read once: reads all over the table, far more than a
  -- core's cache holds, and a small private result, beside strings whose allocation keeps the
  -- collector walking over the shared data.
  task = function(ctx, i)
    local orders, stride = ctx.orders, ctx.stride
    local total, count, best, letters = 0, 0, 0, 0
    local spent = {}
    for n = (i - 1) % stride + 1, #orders, stride do
      local o = orders[n]
      local group = spent[o.customer]
      if not group then
        group = { cents = 0, pieces = 0 }
        spent[o.customer] = group
        count = count + 1
      end
      group.cents = group.cents + o.cents
      group.pieces = group.pieces + o.items[1] * o.items[2]
      letters = letters + #("order " .. o.id)
      total = total + o.cents
    end
    for _, group in pairs(spent) do
      if group.cents > best then best = group.cents end
    end
    return { total = total, groups = count, best = best, letters = letters }
  end,

  -- Every `stride` tasks in a row must have seen every order exactly once.
  check = function(results, params)
    local stride, want = stride_of(params), 0
    for n = 1, params.orders do want = want + n * 104729 % 100000 end
    for first = 1, #results - stride + 1, stride do
      local got = 0
      for i = first, first + stride - 1 do got = got + results[i].total end
      if want ~= got then
        return false, ("the orders sum to %d cents, not %d"):format(want, got)
      end
    end
    return true
  end,
}
