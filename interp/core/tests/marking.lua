-- marking.lua MARKERS ROUNDS [starve]: what a collection keeps is exactly what a model says is
-- reachable. Random graphs of tables, closures, coroutines, weak tables of all kinds, ephemerons and
-- finalizers; MARKERS threads mark, also heaps far too small to need them.
local markers, rounds = tonumber(arg[1]), tonumber(arg[2])
thr.markers(markers)
if arg[3] == "starve" then thr.starve(true) end
math.randomseed(tonumber(arg[4] or 20261121))
local random = math.random

-- The model: strong[i] lists ids that i refers to; eph[i] lists {key, value} of an ephemeron table i.
local function reach(n, strong, eph, roots)
  local seen, stack, tables = {}, {}, {}
  local function visit(i)
    if not seen[i] then
      seen[i] = true
      stack[#stack + 1] = i
    end
  end
  for _, r in ipairs(roots) do visit(r) end
  repeat
    while #stack > 0 do
      local i = table.remove(stack)
      for _, j in ipairs(strong[i]) do visit(j) end
      if eph[i] then tables[#tables + 1] = i end
    end
    for _, i in ipairs(tables) do
      for _, e in ipairs(eph[i]) do
        if seen[e[1]] then visit(e[2]) end
      end
    end
  until #stack == 0
  return seen
end

-- Objects by kind; `link(o, list)` makes o refer to the objects of the list.
local kinds = {
  {
    make = function() return {} end,
    link = function(o, list)
      for _, x in ipairs(list) do
        local how = random(4)
        if how == 1 then o[#o + 1] = x
        elseif how == 2 then o[x] = random(100)
        elseif how == 3 then o["k" .. random(1000000)] = x
        else o[-random(1000000)] = x end
      end
    end,
  },
  { -- a big one, which markers divide
    make = function() return {} end,
    link = function(o, list)
      for i = 1, 3000 do o[i] = "s" .. i % 50 end
      for i, x in ipairs(list) do o[i * 1000 // (#list + 1) * 3 + 1] = {{x}} end
      for _ = 1, 2000 do o["h" .. random(1000000)] = 1 end
    end,
  },
  {
    make = function()
      local a, b, c
      return function(set, x, y, z) if set then a, b, c = x, y, z end return a, b, c end
    end,
    link = function(o, list) o(true, list[1], list[2], {table.unpack(list, 3)}) end,
  },
  {
    make = function()
      return coroutine.create(function(first)
        local here = first
        local function inner() return here end
        while true do here = {coroutine.yield(inner)} end
      end)
    end,
    link = function(o, list) coroutine.resume(o, list) coroutine.resume(o, list) end,
  },
  {
    make = function() return setmetatable({}, {}) end,
    link = function(o, list) getmetatable(o).list = list end,
  },
}

local function round(n)
  local registry = setmetatable({}, {__mode = "v"})
  local strong, eph, roots, finals = {}, {}, {}, {}
  local called = {}
  do
    local objects = {}
    local weakvals, allweak = {}, {}
    for i = 1, n do
      local k = random(40)
      strong[i] = {}
      if k <= 2 then
        eph[i] = {}
        objects[i] = setmetatable({}, {__mode = "k"})
      elseif k == 3 then
        weakvals[i] = true
        objects[i] = setmetatable({}, {__mode = "v"})
      elseif k == 4 then
        allweak[i] = true
        objects[i] = setmetatable({}, {__mode = "kv"})
      else
        local kind = k == 5 and 2 or k < 25 and 1 or k < 33 and 3 or k < 36 and 4 or 5
        objects[i] = {kinds[kind].make(), kind}
      end
    end
    local function object(i)
      return eph[i] and objects[i] or (weakvals[i] or allweak[i]) and objects[i] or objects[i][1]
    end
    for i = 1, n do
      registry[i] = object(i)
      if eph[i] then
        for _ = 1, random(0, 12) do
          local a, b = random(n), random(n)
          if objects[i][object(a)] == nil then -- one value for each key
            eph[i][#eph[i] + 1] = {a, b}
            objects[i][object(a)] = object(b)
          end
        end
      elseif weakvals[i] then
        for _ = 1, 3 do -- keys are strong, values are not
          local a, b = random(n), random(n)
          strong[i][#strong[i] + 1] = a
          objects[i][object(a)] = object(b)
        end
      elseif allweak[i] then
        for _ = 1, 3 do objects[i][object(random(n))] = object(random(n)) end
      else
        local list = {}
        for _ = 1, random(0, 3) do
          local j = random(n)
          strong[i][#strong[i] + 1] = j
          list[#list + 1] = object(j)
        end
        if #list > 0 then kinds[objects[i][2]].link(object(i), list) end
      end
    end
    for i = 1, n // 50 + 1 do -- finalizers of things that nothing refers to
      setmetatable({i}, {__gc = function(o) called[#called + 1] = o[1] end})
      finals[i] = n // 50 + 2 - i
    end
    for _ = 1, 3 do roots[#roots + 1] = random(n) end
    roots.object = {object(roots[1]), object(roots[2]), object(roots[3])}
  end
  collectgarbage()
  local seen = reach(n, strong, eph, roots)
  local live, wrong = 0, 0
  for i = 1, n do
    if (registry[i] ~= nil) ~= (seen[i] == true) then wrong = wrong + 1 end
    if seen[i] then live = live + 1 end
  end
  assert(wrong == 0, wrong .. " of " .. n .. " objects wrongly kept or dropped, " .. live .. " live")
  assert(table.concat(called, " ") == table.concat(finals, " "), "finalizers out of order")
  -- what is live is whole: allocate over whatever was freed, and look at everything again
  local fill = {}
  for i = 1, n do fill[i] = {i, tostring(i) .. "fill", i} end
  collectgarbage()
  -- (a strong key of a weak-valued entry goes when its value went: fewer may be left, never more)
  for i = 1, n do assert(registry[i] == nil or seen[i]) end
  for i = 1, n do assert(fill[i][1] == i and fill[i][2] == i .. "fill") end
  return live
end

local sum = 0
for r = 1, rounds do sum = sum + round(random(50, 3000)) end
local s = thr.stats()
assert(s.collections >= 2 * rounds and s.markers <= math.max(markers, 1))
print("ok", rounds, "rounds", sum, "live", s.markers, "markers in the last")
