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

return {
  name = "sort",
  kind = "cpu",
  about = "table.sort with a comparator in Lua",
  tasks = 32,
  params = { count = 9000 },

  setup = function(params) return { count = params.count } end,

  -- The order is checked in the task itself; the hash covers the whole permutation.
  task = function(ctx, i)
    local list = records(i, ctx.count)
    table.sort(list, before)
    local hash, sum = 0, 0
    for n = 1, #list do
      if n > 1 and before(list[n], list[n - 1]) then error("not in order at " .. n) end
      hash = (hash * 31 + list[n].number) & 0x7fffffff
      sum = sum + list[n].number
    end
    return { hash = hash, sum = sum }
  end,

  check = function(results, params)
    local want = params.count * (params.count + 1) // 2
    for i, r in ipairs(results) do
      if r.sum ~= want then
        return false, ("task %d: records were lost or doubled while sorting"):format(i)
      end
    end
    return true
  end,
}
