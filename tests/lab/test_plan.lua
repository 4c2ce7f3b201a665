local H = ...
local plan = require "gilt.lab.plan"
local test, eq, ok = H.test, H.eq, H.ok

test("serial twice, then every mode with every number of workers", function()
  local ids = {}
  for i, config in ipairs(plan.configurations({ "serial", "threads", "processes" }, { 1, 2 })) do
    ids[i] = config.id
  end
  eq(ids, { "serial", "serial again", "threads x1", "threads x2", "processes x1", "processes x2" })
end)

test("each round takes every configuration once", function()
  for n = 1, 9 do
    for r = 1, 3 * n do
      local seen = {}
      for _, index in ipairs(plan.order(n, r)) do
        ok(index >= 1 and index <= n and not seen[index])
        seen[index] = true
      end
      eq(#plan.order(n, r), n)
    end
  end
end)

test("a balanced square: every position, and every predecessor, equally often", function()
  for n = 2, 9 do
    local rounds = n % 2 == 0 and n or 2 * n
    local at, after = {}, {}
    for r = 1, rounds do
      local order = plan.order(n, r)
      for position, index in ipairs(order) do
        local key = index * 100 + position
        at[key] = (at[key] or 0) + 1
        if position > 1 then
          local pair = order[position - 1] * 100 + index
          after[pair] = (after[pair] or 0) + 1
        end
      end
    end
    for _, count in pairs(at) do eq(count, rounds // n, "positions of " .. n) end
    local pairs_seen = 0
    for _, count in pairs(after) do
      eq(count, rounds // n, "followers of " .. n)
      pairs_seen = pairs_seen + 1
    end
    eq(pairs_seen, n * (n - 1))
  end
end)
