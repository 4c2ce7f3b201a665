-- table.sort with a comparator written in Lua: C calls Lua calls C, a place where a thread switch
-- is easy to get wrong. The records have equal keys, and the comparator breaks ties by number.

local function records(seed, count)
  local list, x = {}, seed * 2654435761 % 4294967296
  for n = 1, count do
    x = (x * 1664525 + 1013904223) % 4294967296
    list[n] = { key = (x >> 12) % (count // 2 + 1), number = n }
  end
  return list
end

local function before(a, b)
  if a.key ~= b.key then return a.key < b.key end
  return a.number < b.number
end

-- The order is checked, and the hash covers the whole permutation.
local function sort_one(seed, count)
  local list = records(seed, count)
  table.sort(list, before)
  local hash, sum = 0, 0
  for n = 1, #list do
    if n > 1 and before(list[n], list[n - 1]) then error("not in order at " .. n) end
    hash = (hash * 31 + list[n].number) & 0x7fffffff
    sum = sum + list[n].number
  end
  return hash, sum
end

return {
  name = "sort",
  kind = "cpu",
  about = "table.sort with a comparator in Lua",
  tasks = 32,
  -- Records of one list: 140 bytes each. With count=9000 the lists of tasks that take turns on one core
  -- no longer fit in its cache together.
  params = { count = 600, lists = 20 },

  setup = function(params) return { count = params.count, lists = params.lists } end,

  task = function(ctx, i)
    local result = { hash = 0, sum = 0 }
    for list = 1, ctx.lists do
      local hash, sum = sort_one((i - 1) * ctx.lists + list, ctx.count)
      result.hash = (result.hash * 31 + hash) & 0x7fffffff
      result.sum = result.sum + sum
    end
    return result
  end,

  check = function(results, params)
    local want = params.lists * (params.count * (params.count + 1) // 2)
    for i, r in ipairs(results) do
      if r.sum ~= want then
        return false, ("task %d: records were lost or doubled while sorting"):format(i)
      end
    end
    return true
  end,
}
