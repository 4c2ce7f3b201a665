-- Everything on everything: random operations on a pool of shared objects. No crash, and every stamp stays whole.
local race = require "race"
local pool = {}
for i = 1, 24 do pool[i] = { n = i } end
local weak = setmetatable({}, { __mode = "k" })
local function any(rnd) return pool[rnd(#pool)] end
local function table_of(rnd)
  for _ = 1, 4 do
    local v = any(rnd)
    if type(v) == "table" then return v end
  end
  return {}
end
local ops = {
  function(r, id, i) table_of(r)[r(12)] = any(r) end,
  function(r, id, i) table_of(r)["k" .. r(12)] = race.stamp(id, i) end,
  function(r, id, i) table_of(r)["k" .. r(12)] = nil end,
  function(r, id, i) local v = table_of(r)["k" .. r(12)] race.check(v == nil or type(v) ~= "table" or v.sum == nil or race.valid(v), "stamp") end,
  function(r, id, i) pool[r(24)] = { n = i, [id] = i } end,
  function(r, id, i) local x = any(r) pool[r(24)] = function(v) if v ~= nil then x = v end return x end end,
  function(r, id, i) local f = any(r) if type(f) == "function" then pcall(f, r(2) == 1 and any(r) or nil) end end,
  function(r, id, i) pool[r(24)] = coroutine.create(function(...) local a = { ... } for k = 1, 5 do a[k] = coroutine.yield(any(r)) end return a end) end,
  function(r, id, i) local c = any(r) if type(c) == "thread" then coroutine.resume(c, any(r), i) end end,
  function(r, id, i) local c = any(r) if type(c) == "thread" then pcall(coroutine.close, c) end end,
  function(r, id, i) pool[r(24)] = coroutine.wrap(function(...) while true do pool[r(24)] = coroutine.yield(...) or {} end end) end,
  function(r, id, i) setmetatable(table_of(r), { __index = r(2) == 1 and table_of(r) or function() return race.stamp(id, i) end, __newindex = r(3) == 1 and rawset or nil,
      __len = r(4) == 1 and function() return i end or nil, __eq = function() return true end, __mode = r(5) == 1 and "v" or nil, __close = function() end }) end,
  function(r, id, i) setmetatable(table_of(r), nil) end,
  function(r, id, i) pool[r(24)] = setmetatable({}, { __gc = function(o) pool[r(24)] = o o.again = race.stamp(id, i) end }) end,
  function(r, id, i) weak[table_of(r)] = any(r) end,
  function(r, id, i) for k, v in pairs(weak) do race.check(type(k) == "table", "weak key") if r(9) == 1 then break end end end,
  function(r, id, i) local n = 0 for k, v in next, table_of(r) do n = n + 1 if n > 20 then break end end end,
  function(r, id, i) return #table_of(r) end,
  function(r, id, i) table.insert(table_of(r), race.stamp(id, i)) end,
  function(r, id, i) table.remove(table_of(r)) end,
  function(r, id, i) table.insert(table_of(r), 1, i) end,
  function(r, id, i) table.remove(table_of(r), 1) end,
  function(r, id, i) table.sort(table_of(r), function(a, b) return tostring(a) < tostring(b) end) end,
  function(r, id, i) return table.unpack(table_of(r), 1, 10) end,
  function(r, id, i) collectgarbage(r(3) == 1 and "step" or "count") end,
  function(r, id, i) pool[r(24)] = load("local a, b = ... return function() a = b return a, " .. r(9) .. " end")(any(r), i) end,
  function(r, id, i) local f = any(r) if type(f) == "function" and debug.getinfo(f, "S").what ~= "C" then debug.setupvalue(f, 1, any(r)) end end,
  function(r, id, i) local f, g = any(r), any(r)
    if type(f) == "function" and type(g) == "function" then debug.upvaluejoin(f, 1, g, 1) end end,
  function(r, id, i) local x <close> = table_of(r) error(any(r)) end,
  function(r, id, i) local function f(n) local y = n if n > 0 then pool[r(24)] = function() y = y and i return y end return f(n - 1) + 1 end return y end f(r(60)) end,
  function(r, id, i) local y, z = any(r), i
    pool[r(24)] = function(v) y, z = v, y return y, z end
    for k = 1, 10 do y = any(r) z = y y = { k } end end,
  function(r, id, i) return ("x" .. r(50)):rep(r(20)):gsub("x(%d)", function(d) return any(r) and d or "" end) end,
  function(r, id, i) local c = any(r) if type(c) == "thread" then return debug.traceback(c), debug.getlocal(c, 1, 1) end end,
  function(r, id, i) debug.sethook(function() end, "crl", r(100)) local s = 0 for k = 1, 20 do s = s + k end debug.sethook() end,
  function(r, id, i) local a, b = table_of(r), table_of(r) return a == b, rawequal(a, b), rawlen(a) end,
  function(r, id, i) table.move(table_of(r), 1, r(8), r(5), table_of(r)) end,
  function(r, id, i) string.dump(load("return ...")) end,
  function(r, id, i) for k in coroutine.wrap(function() for q = 1, 4 do coroutine.yield(q) end end) do pool[r(24)] = { k } end end,
  function(r, id, i) return tostring(any(r)), select("#", any(r), any(r)) end,
}
local first = tonumber(os.getenv("RACE_SEED") or 1)
for round = 1, race.rounds do
  race.all(function(id)
    local rnd = race.random(id * 1009 + round * 31 + first * 7919)
    for i = 1, 400 do
      local ok, e = pcall(ops[rnd(#ops)], rnd, id, i)
      if not ok and tostring(e):find("^broken") then error(e, 0) end
      if i % 100 == 0 then race.yield() end
    end
    return true
  end)
  for i = 1, 24 do if round % 3 == 0 or pool[i] == nil then pool[i] = { n = i } end end
end
race.done()
