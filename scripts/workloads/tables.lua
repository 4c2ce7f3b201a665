-- Hash tables: each task fills a table with string and integer keys, updates, deletes and looks up.
-- Rehashing makes it both compute and allocate.

local MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407

local function churn(seed, operations)
  local counts, order, distinct, deleted = {}, {}, 0, 0
  local state = seed
  for _ = 1, operations do
    state = state * MULTIPLIER + INCREMENT
    local number = (state >> 33) % (operations // 4 + 1)
    local key = (number & 1 == 0) and number or "k" .. number
    local count = counts[key]
    if count == nil then
      distinct = distinct + 1
      order[distinct] = key
      counts[key] = 1
    elseif count >= 7 then -- a key seen eight times leaves and may come back as new
      counts[key] = nil
      deleted = deleted + 8
    else
      counts[key] = count + 1
    end
  end
  local present = 0
  for _, count in pairs(counts) do present = present + count end
  return present, deleted, distinct
end

return {
  name = "tables",
  kind = "alloc",
  about = "hash tables: insert, update, delete, look up",
  tasks = 32,
  -- A table of operations / 4 keys, 150 KB: with operations=55000 and rounds=1 the tables of tasks that
  -- take turns on one core no longer fit in its cache together.
  params = { operations = 11000, rounds = 5 },

  setup = function(params) return { operations = params.operations, rounds = params.rounds } end,

  task = function(ctx, i)
    local result = { present = 0, deleted = 0, distinct = 0 }
    for round = 1, ctx.rounds do
      local present, deleted, distinct = churn((i - 1) * ctx.rounds + round, ctx.operations)
      result.present = result.present + present
      result.deleted = result.deleted + deleted
      result.distinct = result.distinct + distinct
    end
    return result
  end,

  -- Every operation is either still counted in a key or left with a deleted one.
  check = function(results, params)
    local want = params.rounds * params.operations
    for i, r in ipairs(results) do
      if r.present + r.deleted ~= want then
        return false, ("task %d: %d operations went in, %d are accounted for"):format(
          i, want, r.present + r.deleted)
      end
    end
    return true
  end,
}
