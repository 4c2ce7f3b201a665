-- Strongly connected components and dominators of generated graphs.
local n = tonumber(arg and arg[1]) or 60
local function make(size, seed)
  local g = {}
  for i = 1, size do g[i] = { id = i, succ = {}, pred = {} } end
  local x = seed
  local function edge(a, b)
    local s, p = g[a].succ, g[b].pred
    s[#s + 1], p[#p + 1] = g[b], g[a]
  end
  for i = 1, size - 1 do
    edge(i, i + 1)
    x = (x * 1103515245 + 12345) & 0x7fffffff
    edge(i, x % size + 1)
    if i % 5 == 0 then edge(i, math.max(1, i - x % 20)) end
  end
  return g
end
local function components(g)
  local index, stack, count = 0, {}, 0
  local function visit(v)
    index = index + 1
    v.index, v.low, v.on = index, index, true
    stack[#stack + 1] = v
    for _, w in ipairs(v.succ) do
      if not w.index then
        visit(w)
        if w.low < v.low then v.low = w.low end
      elseif w.on and w.index < v.low then
        v.low = w.index
      end
    end
    if v.low == v.index then
      count = count + 1
      repeat
        local w = stack[#stack]
        stack[#stack] = nil
        w.on = false
        w.comp = count
      until w == v
    end
  end
  for i = 1, #g do if not g[i].index then visit(g[i]) end end
  return count
end
local function dominators(g)
  local idom = { [g[1]] = g[1] }
  local changed = true
  local function meet(a, b)
    while a ~= b do
      while a.id > b.id do a = idom[a] end
      while b.id > a.id do b = idom[b] end
    end
    return a
  end
  local rounds = 0
  while changed do
    changed, rounds = false, rounds + 1
    for i = 2, #g do
      local new
      for _, p in ipairs(g[i].pred) do
        if idom[p] and p.id < i then new = new and meet(new, p) or p end
      end
      if new and idom[g[i]] ~= new then idom[g[i]], changed = new, true end
    end
  end
  local depth = 0
  for i = 2, #g do depth = depth + (idom[g[i]] and idom[g[i]].id or 0) end
  return depth + rounds
end
local sum = 0
for i = 1, n do
  local g = make(3000, i)
  sum = sum + components(g) + dominators(g) % 1009
end
print(sum)
