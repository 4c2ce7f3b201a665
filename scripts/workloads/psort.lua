-- Parallel sort of one array: a task takes the records of one range of keys out of it, sorts them, and
-- writes them to their places in the sorted array. All workers write to one table, each to other keys.
-- Processes and isolates sort as fast and have a part of the array each.

local function records(count)
  local list, x = {}, 88172645
  for n = 1, count do
    x = (x * 1664525 + 1013904223) % 4294967296
    list[n] = { key = x >> 4, number = n }
  end
  return list
end

local function before(a, b)
  if a.key ~= b.key then return a.key < b.key end
  return a.number < b.number
end

-- Keys that divide the records into parts of about the same size: of a sample, each tenth.
local function borders(list, parts)
  local sample, out = {}, {}
  for n = 1, #list, math.max(1, #list // (parts * 10)) do sample[#sample + 1] = list[n].key end
  table.sort(sample)
  for part = 1, parts - 1 do out[part] = sample[math.max(1, part * #sample // parts)] end
  out[0], out[parts] = 0, 1 << 32
  return out
end

return {
  name = "psort",
  kind = "shared",
  about = "parallel sort of one array",
  tasks = 32,
  params = { records = 3500 }, -- a task's share

  setup = function(params)
    local list, sorted = records(params.tasks * params.records), {}
    for n = 1, #list do sorted[n] = false end
    return { list = list, sorted = sorted, borders = borders(list, params.tasks) }
  end,

  task = function(ctx, i)
    local low, high, below, own = ctx.borders[i - 1], ctx.borders[i], 0, {}
    for _, record in ipairs(ctx.list) do
      local key = record.key
      if key < low then
        below = below + 1
      elseif key < high then
        own[#own + 1] = record
      end
    end
    table.sort(own, before)
    local hash = 0
    for n, record in ipairs(own) do
      if n > 1 and before(record, own[n - 1]) then error("not in order at " .. n) end
      ctx.sorted[below + n] = record
      hash = (hash * 31 + record.number) & 0x7fffffff
    end
    return { first = below + 1, count = #own, hash = hash }
  end,

  -- The parts lie one behind the other, and are those of the array sorted in one piece.
  check = function(results, params)
    local list, at = records(params.tasks * params.records), 1
    table.sort(list, before)
    for i, r in ipairs(results) do
      local hash = 0
      for n = at, math.min(at + r.count - 1, #list) do
        hash = (hash * 31 + list[n].number) & 0x7fffffff
      end
      if r.first ~= at or r.hash ~= hash then return false, ("task %d: a wrong part"):format(i) end
      at = at + r.count
    end
    return at == #list + 1, "records were lost or doubled while sorting"
  end,

  -- What has been written to this array is in order.
  teardown = function(ctx)
    local last
    for n, record in ipairs(ctx.sorted) do
      if record and last and before(record, last) then error("not in order at " .. n) end
      last = record or last
    end
  end,
}
