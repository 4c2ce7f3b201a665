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
  params = { operations = 55000 },

  setup = function(params) return { operations = params.operations } end,

  task = function(ctx, i)
    local present, deleted, distinct = churn(i, ctx.operations)
    return { present = present, deleted = deleted, distinct = distinct }
  end,

  -- Every operation is either still counted in a key or left with a deleted one.
  check = function(results, params)
    for i, r in ipairs(results) do
      if r.present + r.deleted ~= params.operations then
        return false, ("task %d: %d operations went in, %d are accounted for"):format(
          i, params.operations, r.present + r.deleted)
      end
    end
    return true
  end,
}
