-- scaling.lua: single operations, as a workload (`bench/bars scaling`) and as functions (`bench/bars counters`).
-- Task i does params.n times one operation; what it stands on was built in setup and is shared by all threads of
-- mode `free`. Each operation returns a checksum.
local ops = {}

-- Private work: nothing is shared but code, globals and class tables.
ops.calls = { n = 4e6, run = function(_, _, n)
  local function f(x) return x + 1 end
  local s = 0
  for _ = 1, n do s = f(f(s)) end
  return s
end }

local Point = {}
Point.__index = Point
function Point:add(d) self.x = self.x + d return self end
function Point:get() return self.x end
ops.methods = { n = 1.6e6, run = function(_, _, n)
  local p = setmetatable({ x = 0 }, Point)
  local s = 0
  for i = 1, n do s = s + p:add(i & 3):get() % 7 end
  return s
end }

ops.floats = { n = 8e6, run = function(_, _, n)
  local x, y = 0.5, 0.25
  for _ = 1, n do x, y = y * 0.999 + 0.001, 1.75 - x / 4.5 end
  return ("%.9f %.9f"):format(x, y)
end }

ops.strings = { n = 6e5, run = function(_, i, n)
  local len = 0
  for k = 1, n do
    local s = "key" .. i .. "/" .. (k & 1023)
    len = len + #(s:sub(2, -2) .. s)
  end
  return len
end }

ops.sort = { n = 50, run = function(_, i, n)
  local seed, first = 7 + i, 0
  for _ = 1, n do
    local a = {}
    for k = 1, 5000 do
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      a[k] = seed
    end
    table.sort(a)
    first = (first + a[1] + a[2500]) & 0xffffff
  end
  return first
end }

ops.gsub = { n = 2000, run = function(ctx, _, n)
  local count = 0
  for _ = 1, n do
    local _, c = ctx.text:gsub("(%w+) (%w+)", "%2 %1")
    count = count + c
  end
  return count
end }

ops.allocation = { n = 1.2e6, run = function(_, _, n)
  local keep, s = {}, 0
  for k = 1, n do
    local t = { k, x = k }
    keep[k & 255] = t
    s = s + t.x
  end
  return s
end }

ops.closures = { n = 2e6, run = function(_, _, n)
  local s = 0
  for k = 1, n do
    local f = function() s = s + 1 return k end
    s = s + f() % 3
  end
  return s
end }

ops.coroutines = { n = 6e5, run = function(_, _, n)
  local s = 0
  local co = coroutine.wrap(function() while true do coroutine.yield(1) end end)
  for k = 1, n do
    s = s + co()
    if k % 10 == 0 then
      local g = coroutine.wrap(function(a) return coroutine.yield(a) end)
      s = s + g(1)
    end
  end
  return s
end }

-- Shared data, read.
ops.shared_reads = { n = 10000, run = function(ctx, _, n)
  local list, map, s = ctx.list, ctx.map, 0
  for _ = 1, n do
    for k = 1, 200 do s = s + list[k] + map["k" .. (k & 7)] + ctx.point.x end
  end
  return s
end }

-- Shared data, written: every thread its own keys of one table.
ops.own_slots = { n = 8e6, run = function(ctx, i, n)
  local a, from = ctx.slots, (i - 1) % 64 * 1000
  for k = 1, n do a[from + k % 1000 + 1] = k end
  return a[from + 1] >= 0
end }

ops.own_fields = { n = 6e6, run = function(ctx, i, n)
  local t, names = ctx.fields, ctx.names[(i - 1) % 64 + 1]
  for k = 1, n do t[names[k % 50 + 1]] = k end
  return t[names[1]] >= 0
end }

ops.own_objects = { n = 8e6, run = function(ctx, i, n)
  local o = ctx.objects[(i - 1) % 64 + 1]
  for _ = 1, n do o.n = o.n + 1 end
  return o.n >= n
end }

-- Everybody in each other's way.
ops.insert_one_hash = { n = 3e5, run = function(ctx, i, n)
  local t, from = ctx.growing, i * 10000000
  for k = 1, n do t[from + k * 7] = k end
  for k = 1, n do
    if t[from + k * 7] ~= k then return "lost " .. from + k * 7 end
  end
  return n
end }

ops.insert_strings = { n = 1e5, run = function(ctx, i, n)
  local t = ctx.growing
  for k = 1, n do t["w" .. i .. "." .. k] = k end
  for k = 1, n do
    if t["w" .. i .. "." .. k] ~= k then return "lost " .. k end
  end
  return n
end }

ops.hot_field = { n = 8e6, run = function(ctx, _, n)
  local t = ctx.hot
  for _ = 1, n do t.n = t.n + 1 end
  return t.n > 0
end }

ops.hot_global = { n = 6e6, run = function(_, _, n)
  for _ = 1, n do HOT_GLOBAL = HOT_GLOBAL + 1 end
  return HOT_GLOBAL > 0
end }

-- What an operation stands on, and nothing else: a collection marks it all.
local make = {}
function make.gsub(ctx) ctx.text = ("the quick brown fox jumps over the lazy dog "):rep(40) end
function make.shared_reads(ctx)
  ctx.list, ctx.map, ctx.point = {}, {}, { x = 1 }
  for k = 1, 200 do ctx.list[k] = k end
  for k = 0, 7 do ctx.map["k" .. k] = k end
end
function make.own_slots(ctx)
  ctx.slots = {}
  for k = 1, 64000 do ctx.slots[k] = 0 end
end
function make.own_fields(ctx)
  ctx.fields, ctx.names = {}, {}
  for i = 1, 64 do
    ctx.names[i] = {}
    for k = 1, 50 do
      ctx.names[i][k] = "f" .. i .. "_" .. k
      ctx.fields[ctx.names[i][k]] = 0
    end
  end
end
function make.own_objects(ctx)
  ctx.objects = {}
  for i = 1, 64 do ctx.objects[i] = { n = 0 } end
end
function make.insert_one_hash(ctx) ctx.growing = {} end
make.insert_strings = make.insert_one_hash
function make.hot_field(ctx) ctx.hot = { n = 0 } end
function make.hot_global() HOT_GLOBAL = 0 end

local function shared(op)
  local ctx = {}
  if make[op] then make[op](ctx) end
  return ctx
end

return {
  name = "scaling",
  kind = "cpu",
  about = "one operation, many times (bench/bars scaling)",
  tasks = 2,
  params = { op = "calls", scale = 1 },
  ops = ops,
  shared = shared,

  setup = function(params)
    local op = assert(ops[params.op], "no such operation: " .. tostring(params.op))
    return { shared = shared(params.op), run = op.run, n = math.max(1, op.n * params.scale // 1 | 0) }
  end,

  task = function(ctx, i) return ctx.run(ctx.shared, i, ctx.n) end,

  check = function(results)
    for i, r in ipairs(results) do
      if type(r) == "string" and r:find("^lost") then return false, "task " .. i .. ": " .. r end
    end
    return true
  end,
}
