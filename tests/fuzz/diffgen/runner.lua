-- runner.lua: runs a file of generated programs in this interpreter: runner.lua FILE.
-- The file holds a list of { seed, text }. Output: "== seed", then what the program shows.
-- Nothing printed depends on addresses, on the order of pairs, or on time.
local list = assert(loadfile(arg[1]))()
local write, fmt, concat, sort = io.write, string.format, table.concat, table.sort
local mathtype, type, tostring, rawget, rawlen, next, select = math.type, type, tostring, rawget, rawlen, next, select
local getmetatable, setmetatable, pcall, load, error = getmetatable, setmetatable, pcall, load, error

local function show_number(x)
  if mathtype(x) == "integer" then return fmt("%d", x) end
  if x ~= x then return "nan" end
  return fmt("%.14g", x) .. "f"
end
local function show(v, depth)
  local t = type(v)
  if t == "number" then return show_number(v) end
  if t == "string" then
    if #v > 200 then v = v:sub(1, 200) .. "..." .. #v end
    return '"' .. v:gsub("[%c\128-\255]", function(c) return fmt("\\%d", c:byte()) end) .. '"'
  end
  if t ~= "table" then return (t == "nil" or t == "boolean") and tostring(v) or t end
  if depth >= 2 then return "{...}" end
  local n = 0
  for _ in next, v do n = n + 1 end
  if n > 20 and depth > 0 then return "{" .. n .. "...}" end -- tables of big tables take long to print
  local parts = {}
  for k, x in next, v do parts[#parts + 1] = show(k, depth + 1) .. "=" .. show(x, depth + 1) end
  sort(parts)
  return (getmetatable(v) and "obj" or "") .. "{" .. concat(parts, ",", 1, #parts > 20 and 20 or #parts) .. "}"
end

local function environment()
  local fuel, lines = 400, 0
  local env = setmetatable({}, { __index = _G })
  local function out(...)
    lines = lines + 1
    if lines > 300 then return end
    local parts = {}
    for i = 1, select("#", ...) do parts[i] = show((select(i, ...)), 0) end
    write(concat(parts, " "), "\n")
  end
  env.ENV, env.out = env, out
  env._G = env
  function env.tick()
    fuel = fuel - 1
    if fuel < 0 then error("out of fuel", 0) end
  end
  function env.str(v) return show(v, 0) end
  function env.cap(v)
    if type(v) == "string" and #v > 1000 then return v:sub(1, 1000) end
    return v
  end
  function env.nn(v) if v == nil then return 0 end return v end
  -- An argument of string.format: what would show an address becomes text.
  function env.fa(v)
    local t = type(v)
    return (t == "table" or t == "function" or t == "userdata" or t == "thread") and t or v
  end
  function env.id(v) return v end
  function env.three(a) return a, 2, nil, "four" end
  function env.cat(a)
    local parts = {}
    for i = 1, #a do parts[i] = show(a[i], 1) end
    return concat(parts, ";")
  end
  function env.sortnum(a)
    for i = 1, #a do if mathtype(a[i]) ~= "integer" then a[i] = i * 7 % 5 end end
    sort(a)
  end
  function env.spairs(t)
    local keys, n = {}, 0
    for k in next, t do keys[#keys + 1] = k end
    sort(keys, function(x, y) return show(x, 0) < show(y, 0) end)
    return function()
      n = n + 1
      local k = keys[n]
      if k ~= nil then return k, rawget(t, k) end
    end
  end
  function env.upto(n)
    return function(s, i) if i < s then return i + 1, i * i end end, n, 0
  end
  local M = { __name = "Obj" }
  local function mk(v) return setmetatable({ v = v }, M) end
  local function value(x) if type(x) == "table" then return rawget(x, "v") end return x end
  for _, e in ipairs { "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat" } do
    M["__" .. e] = function(a, b) return e .. "(" .. show(value(a), 1) .. "," .. show(value(b), 1) .. ")" end
  end
  M.__unm = function(a) return mk(-(value(a) or 0)) end
  M.__bnot = function(a) return "bnot" end
  M.__len = function(a) return value(a) end
  M.__eq = function(a, b) return rawget(a, "v") == rawget(b, "v") end
  M.__lt = function(a, b) return show(value(a), 1) < show(value(b), 1) end
  M.__le = function(a, b) return show(value(a), 1) <= show(value(b), 1) end
  M.__call = function(self, ...) return select("#", ...), ... end
  M.__index = function(t, k) if k == "zz" then return nil end return "idx" .. show(k, 1) end
  M.__newindex = function(t, k, v) if k == "y" then error("no y", 2) end rawset(t, k, v) end
  M.__tostring = function(t) return "Obj" .. show(rawget(t, "v"), 1) end
  env.mk = mk
  local Y = {
    __add = function(a, b) return (coroutine.yield("yadd")) end,
    __index = function(t, k) return (coroutine.yield("yindex " .. k)) end,
  }
  function env.ymk(v) return setmetatable({}, Y) end
  function env.closer(name, fail)
    return setmetatable({}, { __close = function(_, e)
      out("close " .. name, e)
      if fail then error("close failed " .. name, 0) end
    end })
  end
  return env
end

for _, p in ipairs(list) do
  write("== ", p[1], "\n")
  local f, message = load(p[2], "=p", "t", environment())
  if not f then write("load: ", message, "\n") else
    local ok, e = pcall(f)
    if not ok then write("died: ", show(e, 0), "\n") end
  end
end
io.stdout:flush()
