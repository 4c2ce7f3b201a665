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

return {
  name = "dataset",
  kind = "data",
  about = "a large read-only table from setup, queried by group",
  tasks = 32,
  params = { orders = 60000, passes = 5 },

  setup = function(params)
    local orders = {}
    for n = 1, params.orders do orders[n] = order(n) end
    return { orders = orders, tasks = params.tasks, passes = params.passes }
  end,

  -- Task i groups every tasks-th order, beginning at i: reads all over the table, and a small
  -- private result, whose allocation keeps the collector walking over the shared data.
  task = function(ctx, i)
    local total, groups, best = 0, 0, 0
    for _ = 1, ctx.passes do
      local spent = {}
      total, groups, best = 0, 0, 0
      for n = i, #ctx.orders, ctx.tasks do
        local o = ctx.orders[n]
        local group = spent[o.customer]
        if not group then
          group = { cents = 0, pieces = 0, ids = {} }
          spent[o.customer] = group
          groups = groups + 1
        end
        group.cents = group.cents + o.cents
        group.pieces = group.pieces + o.items[1] * o.items[2]
        group.ids[#group.ids + 1] = "#" .. o.id
        total = total + o.cents
      end
      for _, group in pairs(spent) do
        if group.cents > best then best = group.cents end
      end
    end
    return { total = total, groups = groups, best = best }
  end,

  -- All tasks together must have seen every order exactly once.
  check = function(results, params)
    local want, got = 0, 0
    for n = 1, params.orders do want = want + n * 104729 % 100000 end
    for _, r in ipairs(results) do got = got + r.total end
    if want ~= got then
      return false, ("the orders sum to %d cents, not %d"):format(want, got)
    end
    return true
  end,
}
