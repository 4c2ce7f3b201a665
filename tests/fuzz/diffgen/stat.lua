-- stat.lua: random statements, as a tree that the shrinker can cut: a node is a string (one statement)
-- or { head, body = {node...}, tail } with further parts { head2, body2 } for else branches.
-- Programs terminate: loops run a bounded number of times, recursion carries a depth, and every
-- function body and loop calls tick(), which raises an error when the program has used up its fuel.
local R = require "prng"
local E = require "expr"
local expr, var, num = E.expr, E.var, E.num
local S = {}

local function name(c, prefix)
  c.names = c.names + 1
  return prefix .. c.names
end
local function declare(c, n, kind, const)
  c.scope[#c.scope + 1] = { name = n, kind = kind, const = const, level = c.level }
end
local block

-- Runs f with names declared inside it forgotten afterwards.
local function scoped(c, f)
  local mark = #c.scope
  local r = f()
  for i = #c.scope, mark + 1, -1 do c.scope[i] = nil end
  return r
end

local function inner(c, size, before)
  return scoped(c, function()
    if before then before() end
    c.nest = c.nest + 1
    local b = block(c, size)
    c.nest = c.nest - 1
    return b
  end)
end

local function in_function(c, f)
  local old = { c.vararg, c.loop, c.level, c.yields }
  c.level = c.level + 1
  c.vararg, c.loop, c.yields = false, false, false
  local r = f()
  c.vararg, c.loop, c.level, c.yields = table.unpack(old, 1, 4)
  return r
end

local stat = {}
local data_kinds = { "int", "int", "int", "float", "str", "str", "bool", "arr", "rec", "obj" }

stat["local"] = function(c)
  local kind = c.rng:pick(data_kinds)
  local n = name(c, kind:sub(1, 1))
  local const = c.rng:chance(15)
  local s = "local " .. n .. (const and " <const>" or "") .. " = " .. expr(c, kind, 3)
  declare(c, n, kind, const)
  return s
end

function stat.locals(c)
  local a, b, d = name(c, "m"), name(c, "m"), name(c, "m")
  local s = ("local %s, %s, %s = %s"):format(a, b, d, c.vararg and c.rng:chance(60) and expr(c, "int", 1) .. ", ..." or
    c.rng:chance(40) and "three(" .. expr(c, "any", 1) .. ")" or expr(c, "int", 2) .. ", " .. expr(c, "str", 2) .. (c.rng:chance(50) and ", " .. expr(c, "any", 1) or ""))
  declare(c, a, "int") declare(c, b, "any_") declare(c, d, "any_")
  return s
end

local function assignable(c, kind)
  local found = {}
  for i = #c.scope, 1, -1 do
    local v = c.scope[i]
    if v.kind == kind and not v.const then found[#found + 1] = v end
  end
  if #found > 0 then return c.rng:pick(found) end
end

function stat.assign(c)
  local kind = c.rng:pick { "int", "int", "float", "str", "bool", "rec" }
  local v = assignable(c, kind)
  if not v then return stat["local"](c) end
  if v.level ~= c.level then c.mutates = true end
  -- In a loop a string may double and double again: what is assigned is cut, after the assignment.
  local cut = kind == "str" and " " .. v.name .. " = cap(" .. v.name .. ")" or ""
  return v.name .. " = " .. expr(c, kind, 3) .. cut
end

function stat.swap(c)
  local a, b = assignable(c, "int"), assignable(c, "int")
  if not a or not b or a.name == b.name then return stat.assign(c) end
  if a.level ~= c.level or b.level ~= c.level then c.mutates = true end
  return ("%s, %s = %s, %s"):format(a.name, b.name, b.name, a.name .. " + 1")
end

function stat.field(c)
  local r = var(c, "rec")
  if not r then return stat["local"](c) end
  if c.rng:chance(25) then
    local o = var(c, "obj")
    if o then return o .. "." .. c.rng:pick { "v", "x", "y" } .. " = " .. expr(c, "int", 2) end
  end
  if c.rng:chance(30) then return ("%s.a, %s.b = %s, %s"):format(r, r, expr(c, "int", 2), expr(c, "str", 2)) end
  return r .. c.rng:pick { ".a", ".b", "['c']", ".d", "[1.5]", "[" .. expr(c, "int", 0) .. "]" } .. " = cap(" .. expr(c, "any", 2) .. ")"
end

function stat.array(c)
  local a = var(c, "arr")
  if not a then
    local n = name(c, "a")
    local s = "local " .. n .. " = " .. expr(c, "arr", 2)
    declare(c, n, "arr")
    return s
  end
  local k = c.rng:int(7)
  if k <= 2 then return a .. "[#" .. a .. " + 1] = nn(" .. expr(c, "any", 2) .. ")" end
  if k == 3 then return "table.insert(" .. a .. ", 1, nn(" .. expr(c, "int", 2) .. "))" end
  if k == 4 then return "out(table.remove(" .. a .. "))" end
  if k == 5 then return "if #" .. a .. " > 0 then out(table.remove(" .. a .. ", 1)) end" end
  if k == 6 then return "sortnum(" .. a .. ")" end
  return "out(table.unpack(" .. a .. ", 1, 4))"
end

function stat.out(c)
  local parts = {}
  for i = 1, c.rng:range(1, 4) do parts[i] = expr(c, "any", 3) end
  if c.vararg and c.rng:chance(30) then parts[#parts + 1] = "..." end
  return "out(" .. table.concat(parts, ", ") .. ")"
end

function stat.outvar(c)
  local vars = {}
  for i = 1, 3 do vars[i] = var(c, c.rng:pick(data_kinds)) or "nil" end
  return "out(" .. table.concat(vars, ", ") .. ")"
end

function stat.cond(c)
  local n = { "if " .. expr(c, "bool", 3) .. " then", body = inner(c, 3), tail = "end" }
  if c.rng:chance(30) then n.more = { { "elseif " .. expr(c, "bool", 2) .. " then", inner(c, 2) } } end
  if c.rng:chance(50) then
    n.more = n.more or {}
    n.more[#n.more + 1] = { "else", inner(c, 3) }
  end
  return n
end

local function looped(c, size, before)
  local old = c.loop
  c.loop = true
  local b = inner(c, size, before)
  c.loop = old
  return b
end

stat["while"] = function(c)
  local n = name(c, "w")
  local b = looped(c, 4)
  return { "do local " .. n .. " = 0 while " .. n .. " < " .. c.rng:range(1, 6) .. (c.rng:chance(30) and " and " .. expr(c, "bool", 2) or "")
    .. " do " .. n .. " = " .. n .. " + 1 tick()", body = b, tail = "end end" }
end

stat["repeat"] = function(c)
  local n = name(c, "u")
  local b = looped(c, 3)
  return { "do local " .. n .. " = 0 repeat " .. n .. " = " .. n .. " + 1 tick()", body = b, tail = "until " .. n .. " >= " .. c.rng:range(1, 5) .. " end" }
end

local starts = { "1", "0", "-3", "3", "math.maxinteger - 2", "math.mininteger", "1.0", "0.5", "math.maxinteger", "'1'", "2^53" }
local limits = { "3", "5", "-5", "1", "4.5", "math.maxinteger", "math.huge", "-math.huge", "math.mininteger", "2.0", "math.mininteger + 2", "0/0", "'3'" }
local steps = { "1", "2", "-1", "-2", "0.5", "1.0", "3", "math.maxinteger", "math.mininteger", "-0.5" }
function stat.fornum(c)
  local n, count = name(c, "i"), name(c, "n")
  local float = false
  local head
  if c.rng:chance(70) then
    head = ("for %s = %d, %d%s do"):format(n, c.rng:range(-3, 4), c.rng:range(-3, 8), c.rng:chance(30) and ", " .. c.rng:pick { "1", "2", "-1", "3" } or "")
  else
    local s, l, t = c.rng:pick(starts), c.rng:pick(limits), c.rng:chance(60) and c.rng:pick(steps) or nil
    if c.rng:chance(3) then t = "0" end
    head = ("for %s = %s, %s%s do"):format(n, s, l, t and ", " .. t or "")
  end
  local b = looped(c, 3, function() declare(c, n, "int", true) end)
  head = head .. " " .. count .. " = " .. count .. " + 1 tick() if " .. count .. " > 6 then break end"
  if c.rng:chance(30) then table.insert(b, 1, "out(" .. n .. ")") end
  return { "do local " .. count .. " = 0 " .. head, body = b, tail = "end end" }
end

function stat.forin(c)
  local k, v = name(c, "k"), name(c, "v")
  local what = c.rng:int(5)
  local iter, kk, vv = nil, "int", "any_"
  if what <= 2 then
    local a = var(c, "arr") or "{1, 2.5, 'x'}"
    iter = "ipairs(" .. a .. ")"
  elseif what == 3 then
    iter, kk = "spairs(" .. (var(c, "rec") or "{a = 1, b = 'x'}") .. ")", "any_"
  elseif what == 4 then
    iter, kk = "(" .. expr(c, "str", 1) .. "):gmatch(" .. c.rng:pick(E.patterns) .. ")", "any_"
  else
    iter, vv = "upto(" .. c.rng:range(0, 5) .. ")", "int"
  end
  local b = looped(c, 3, function() declare(c, k, kk) declare(c, v, vv) end)
  if c.rng:chance(40) then table.insert(b, 1, "out(" .. k .. ", " .. v .. ")") end
  return { "for " .. k .. ", " .. v .. " in " .. iter .. " do tick()", body = b, tail = "end" }
end

stat["break"] = function(c)
  if not c.loop then return stat.out(c) end
  return "if " .. expr(c, "bool", 2) .. " then break end"
end

-- continue by goto: the label ends the block, after which nothing may be declared
stat["goto"] = function(c)
  if c.rng:chance(50) then
    local l = name(c, "L")
    local b = inner(c, 2)
    table.insert(b, c.rng:int(#b + 1), "if " .. expr(c, "bool", 2) .. " then goto " .. l .. " end")
    return { "do do", body = b, tail = "end ::" .. l .. ":: end" }
  end
  local l, n = name(c, "L"), name(c, "g")
  local b = inner(c, 2)
  return { "do local " .. n .. " = 0 ::" .. l .. ":: " .. n .. " = " .. n .. " + 1 tick() do", body = b,
    tail = "end if " .. n .. " < " .. c.rng:range(2, 4) .. " then goto " .. l .. " end end" }
end

function stat.block(c)
  return { "do", body = inner(c, 4), tail = "end" }
end

-- A function without effects on captured variables can be called anywhere in expressions; others only
-- as a statement, because the order of effects within one expression is not defined.
function stat.func(c)
  local n = name(c, "f")
  local vararg = c.rng:chance(40)
  local p, q = name(c, "p"), name(c, "q")
  local before = c.mutates
  c.mutates = false
  local b = in_function(c, function()
    c.vararg = vararg
    local b = inner(c, 4, function() declare(c, p, "int") declare(c, q, "int") end)
    b[#b + 1] = scoped(c, function()
      declare(c, p, "int") declare(c, q, "int")
      local k = c.rng:int(5)
      if k == 1 then return "return " .. expr(c, "int", 2) .. ", " .. expr(c, "any", 2) end
      if k == 2 and vararg then return "return " .. p .. ", ..." end
      if k == 3 then return "return three(" .. expr(c, "int", 2) .. ")" end
      return "return " .. expr(c, "int", 3)
    end)
    return b
  end)
  local kind = c.mutates and "mfun" or "fun"
  c.mutates = before or c.mutates
  declare(c, n, kind, true)
  return { "local function " .. n .. "(" .. p .. ", " .. q .. (vararg and ", ..." or "") .. ") tick()", body = b, tail = "end" }
end

function stat.recurse(c)
  local n, d = name(c, "r"), name(c, "d")
  local b = in_function(c, function() return inner(c, 2, function() declare(c, d, "int", true) end) end)
  b[#b + 1] = c.rng:chance(50) and "return " .. n .. "(" .. d .. " - 1)" or "return " .. d .. " + " .. n .. "(" .. d .. " - 1)"
  c.mutates = true
  local f = { "local function " .. n .. "(" .. d .. ") tick() if " .. d .. " <= 0 then return " .. d .. " end", body = b, tail = "end" }
  return { "do", body = { f, "out(" .. n .. "(" .. c.rng:range(0, 6) .. "))" }, tail = "end" }
end

function stat.call(c)
  local f = var(c, "mfun") or var(c, "fun")
  if not f then return stat.func(c) end
  c.mutates = true
  local args = expr(c, "int", 1) .. ", " .. expr(c, "int", 1)
  if c.rng:chance(40) then args = args .. ", " .. expr(c, "any", 1) .. (c.vararg and ", ..." or "") end
  if f:find("^%l") and c.rng:chance(50) then
    local n = name(c, "c")
    declare(c, n, "int")
    return "local " .. n .. " = " .. f .. "(" .. args .. ")"
  end
  return "out(" .. f .. "(" .. args .. "))"
end

function stat.closure(c)
  local n, v = name(c, "z"), name(c, "x")
  return { "do local " .. n .. " = {}", body = {
    "for j = 1, " .. c.rng:range(1, 4) .. " do local " .. v .. " = j * " .. expr(c, "int", 0) .. " " .. n .. "[j] = function(d) " .. v .. " = " .. v .. " + (d or j) return " .. v .. " end end",
    "for j = 1, #" .. n .. " do out(" .. n .. "[j](), " .. n .. "[j](" .. c.rng:range(1, 9) .. ")) end",
  }, tail = "end" }
end

function stat.method(c)
  local t = name(c, "t")
  local a = name(c, "y")
  local b = in_function(c, function() return inner(c, 2, function() declare(c, a, "int") declare(c, "self", "rec", true) end) end)
  c.mutates = true
  return { "do local " .. t .. " = {a = " .. expr(c, "int", 1) .. ", b = " .. expr(c, "str", 1) .. "}", body = {
    { "function " .. t .. ":m(" .. a .. ")", body = b, tail = "return self.a, " .. a .. " end" },
    "out(" .. t .. ":m(" .. expr(c, "int", 1) .. "), " .. t .. ".m({a = 5}, 1))",
    c.rng:chance(20) and "out(" .. t .. ":nope())" or "out(" .. t .. ")",
  }, tail = "end" }
end

function stat.pcall(c)
  local b = in_function(c, function() return inner(c, 4) end)
  c.mutates = true
  local k = c.rng:int(6)
  if k == 1 then b[#b + 1] = "error(" .. expr(c, "any", 2) .. (c.rng:chance(50) and ", " .. c.rng:range(0, 2) or "") .. ")" end
  if k == 2 then b[#b + 1] = "return " .. expr(c, "any", 2) .. ", " .. expr(c, "any", 2) end
  if k == 3 then b[#b + 1] = "assert(" .. expr(c, "bool", 2) .. ", " .. expr(c, "any", 1) .. ")" end
  if c.rng:chance(25) then
    return { "out(xpcall(function()", body = b, tail = "end, function(m) return 'H:' .. str(m) end))" }
  end
  return { "out(pcall(function()", body = b, tail = "end))" }
end

local wrong = {
  "local x = nil; return x.y", "return undefinedglobal.field", "return ({}).a.b", "local t = {} t.x.y = 1", "local s = 'x' return s.y.z",
  "undefinedfunction()", "local t = {} t:method()", "local t = {} t.a.b()", "return 1 + nil", "return {} + 1", "local a = 'x' return a + 1", "return 'a' < 1",
  "return {} < {}", "return #nil", "return -{}", "local a, b = {}, 2 return a .. b", "return 2^53 | 1.5", "return 1 << {}", "return 1 // 0", "return 1 % 0",
  "for i = 1, 'x' do end", "for i = 1, 10, 0 do end", "local t = {} t[nil] = 1", "local t = {} t[0/0] = 1", "error()", "error('m', 0)", "error('m', 1)", "error('m', 2)", "error({})",
  "return ('x'):rep(-1):bad()", "return math.floor('x')", "return ('%d'):format('x')", "return setmetatable(1, {})", "return select(0)",
  "return tostring()", "return ipairs()", "local a <close> = 5", "return coroutine.yield()", "return string.char(256)", "return table.concat({{}})", "return next({}, 'x')",
  "return load('x =')", "return load('return 1 +', '=ld')", "return table.unpack({}, 1, 1e8)", "return ('x'):find('[')", "return ('x'):gsub('x', '%2')", "return utf8.char(-1)", "return math.random(0, -1)",
  "return tonumber('z', 36), tonumber('8', 8), tonumber('1e', 16)", "return rawset({}, nil, 1)", "return string.pack('i17', 1)", "return coroutine.resume(5)", "return table.sort({3, 'x', 1})",
  "local up = nil return (function() return up.x end)()", "local up return (function() up() end)()", "return (nil)[1]", "return (1)()", "local function f() return f.x.y end return f()",
}
function stat.wrong(c)
  return "out(pcall(function() " .. c.rng:pick(wrong) .. " end))"
end

function stat.coroutine(c)
  local n, x = name(c, "co"), name(c, "x")
  local b = in_function(c, function()
    return inner(c, 4, function() declare(c, x, "int") end)
  end)
  c.mutates = true
  local places = c.rng:range(1, 3)
  for _ = 1, places do
    local y = c.rng:int(7)
    local s
    if y <= 2 then s = x .. " = coroutine.yield(" .. expr(c, "any", 1) .. ")"
    elseif y == 3 then s = "out(pcall(coroutine.yield, " .. expr(c, "int", 1) .. "))"
    elseif y == 4 then s = "out(pcall(function() " .. x .. " = coroutine.yield(1) error('in co') end))"
    elseif y == 5 then s = "for a, b in function() return (coroutine.yield('it')) end do out(a) break end"
    elseif y == 6 then s = "out(ymk(" .. expr(c, "int", 1) .. ") + 1, ymk(2).field)"
    else s = "do local k <close> = setmetatable({}, {__close = function(_, e) coroutine.yield('closing') out('closed', e) end}) end" end
    table.insert(b, c.rng:int(#b + 1), s)
  end
  b[#b + 1] = "return " .. expr(c, "any", 1)
  local f = { "local " .. n .. " = coroutine.create(function(" .. x .. ")", body = b, tail = "end)" }
  local drive = c.rng:chance(80) and "for j = 1, " .. c.rng:range(2, 6) .. " do out(coroutine.resume(" .. n .. ", j)) out(coroutine.status(" .. n .. ")) end"
    or "out(coroutine.resume(" .. n .. ", 1))"
  return { "do", body = { f, drive, "if coroutine.status(" .. n .. ") ~= 'running' then out(coroutine.close(" .. n .. ")) end" }, tail = "end" }
end

function stat.close(c)
  local n = name(c, "h")
  local b = in_function(c, function() return inner(c, 3) end)
  c.mutates = true
  if c.rng:chance(30) then b[#b + 1] = "error(" .. c.rng:pick { "'e'", "'e', 0", "{}" } .. ")" end
  return { "out(pcall(function() local " .. n .. " <close> = closer('" .. n .. "'" .. (c.rng:chance(20) and ", 'fail'" or "") .. ")", body = b,
    tail = "return " .. expr(c, "int", 1) .. " end))" }
end

function stat.load(c)
  return "out(pcall(load(" .. ("%q"):format("local a, b = ... return " .. expr({ rng = c.rng, scope = { { name = "a", kind = "int" }, { name = "b", kind = "str" } } }, c.rng:pick { "int", "str", "float", "bool" }, 3)):gsub("\\\n", "\\n") .. ", '=ld', 't', ENV), " .. expr(c, "int", 1) .. ", " .. expr(c, "str", 1) .. "))"
end

function stat.vararg(c)
  local k = c.rng:int(4)
  local args = {}
  for i = 1, c.rng:range(0, 5) do args[i] = expr(c, "any", 1) end
  local a = table.concat(args, ", ")
  if k == 1 then return "out((function(...) return select('#', ...), ... end)(" .. a .. "))" end
  if k == 2 then return "out((function(...) local t = {...} local n = table.pack(...).n return n, #{n, ...} >= 1, (...) end)(" .. a .. "))" end
  if k == 3 then return "out((function(x, ...) local y, z = ... return z, y, x, ... end)(" .. a .. "))" end
  return "out((function(...) return (function(...) return ... end)(1, ...) end)(" .. a .. "))"
end

-- Library functions that expressions do not reach, and effects that must not be visible.
local lib = {
  function(c) return "out(utf8.char(" .. c.rng:range(0, 0x10ffff) .. ", 65), utf8.len(" .. expr(c, "str", 2) .. "))" end,
  function(c) return "for p, u in utf8.codes(" .. expr(c, "str", 1) .. ") do out(p, u) end" end,
  function(c) return "out(pcall(utf8.codepoint, " .. expr(c, "str", 1) .. ", " .. c.rng:range(-3, 4) .. ", " .. c.rng:range(-2, 5) .. "))" end,
  function(c)
    local f = c.rng:pick { "<i4", ">I2", "<d", "z", "s1", "<i7 b", "!4 b i4", "<f", "c5", "j", "<i16", "B" }
    return "out(pcall(string.pack, '" .. f .. "', " .. expr(c, f:find("[zsc]") and "str" or "int", 2) .. ", 7))"
  end,
  function(c) return "out(pcall(string.unpack, '" .. c.rng:pick { "<i4", ">I2", "z", "s1", "<d", "b", "<i9" } .. "', " .. expr(c, "str", 2) .. ", " .. c.rng:range(-3, 3) .. "))" end,
  function(c) return "out(tonumber(fa(" .. expr(c, "str", 2) .. ")" .. (c.rng:chance(50) and ", " .. c.rng:range(2, 36) or "") .. "))" end,
  function(c) return "out(math.type(" .. num(c, 2) .. "), math.ult(" .. expr(c, "int", 2) .. ", " .. expr(c, "int", 2) .. "), math.max(" .. num(c, 2) .. ", " .. num(c, 2) .. "), math.modf(" .. num(c, 2) .. "))" end,
  function(c) return "collectgarbage(" .. c.rng:pick { "", "'step'", "'collect'", "'generational'", "'incremental'" } .. ")" end,
  function(c) return "out(load(string.dump(function(a, b) return " .. expr({ rng = c.rng, scope = { { name = "a", kind = "int" } } }, "int", 2) .. ", b end" .. (c.rng:chance(50) and ", true" or "") .. "), 'd', 'b', ENV)(" .. expr(c, "int", 1) .. ", 'x'))" end,
  function(c) return "out(" .. expr(c, "str", 2) .. " .. '', (" .. expr(c, "str", 1) .. "):find(" .. expr(c, "str", 1) .. ", " .. c.rng:range(-4, 6) .. ", " .. c.rng:pick { "true", "false" } .. "))" end,
  function(c) return "out(table.concat({" .. expr(c, "int", 1) .. ", " .. expr(c, "str", 1) .. "}, " .. expr(c, "str", 0) .. "), table.move({1, 2, 3}, " .. c.rng:range(0, 3) .. ", " .. c.rng:range(0, 4) .. ", " .. c.rng:range(1, 4) .. "))" end,
  function(c) return "out(debug.traceback('tb', 1):match('^tb\\nstack traceback:\\n\\t[^\\n]*'))" end,
  function(c) return "do local l = {} debug.sethook(function(e, n) l[#l + 1] = n end, 'l') local q = " .. expr(c, "int", 1) .. " q = q\nq = nil debug.sethook() out(l) end" end,
  function(c) return "do local i = debug.getinfo(1, 'Slun') out(i.currentline, i.linedefined, i.lastlinedefined, i.nups, i.nparams, i.isvararg, i.what, i.namewhat) end" end,
  function(c) return "do local n, r = 1, {} while true do local k = debug.getlocal(1, n) if not k then break end r[n] = k n = n + 1 end out(#r, table.concat(r, ' ')) end" end,
}
function stat.lib(c) return c.rng:pick(lib)(c) end

local pool = {
  { 14, "local" }, { 4, "locals" }, { 9, "assign" }, { 2, "swap" }, { 6, "field" }, { 7, "array" }, { 12, "out" }, { 5, "outvar" }, { 7, "cond" },
  { 3, "while" }, { 2, "repeat" }, { 5, "fornum" }, { 4, "forin" }, { 2, "break" }, { 3, "goto" }, { 2, "block" }, { 5, "func" }, { 2, "recurse" },
  { 6, "call" }, { 2, "closure" }, { 2, "method" }, { 5, "pcall" }, { 4, "wrong" }, { 3, "coroutine" }, { 3, "close" }, { 2, "load" }, { 3, "vararg" }, { 6, "lib" },
}
local flat = {
  { 14, "local" }, { 5, "locals" }, { 9, "assign" }, { 2, "swap" }, { 5, "field" }, { 5, "array" }, { 10, "out" }, { 4, "call" }, { 2, "break" }, { 3, "wrong" }, { 2, "vararg" },
}

function block(c, size)
  local b = {}
  for i = 1, c.rng:int(size) do
    c.budget = c.budget - 1
    local nested = c.nest < 4 and c.budget > 0
    b[i] = stat[c.rng:weighted(nested and pool or flat)](c)
  end
  return b
end

-- The whole program: top-level statements, each part of it protected so that one error is not the end.
function S.program(seed, size)
  local c = { rng = R.new(seed), scope = {}, names = 0, nest = 0, level = 0, budget = size or 40 }
  local tree = {}
  for _, kind in ipairs { "int", "str", "arr", "rec", "obj" } do
    local n = name(c, "s")
    tree[#tree + 1] = "local " .. n .. " = nn(" .. expr(c, kind, 1) .. ")"
    if kind == "arr" or kind == "rec" then tree[#tree] = "local " .. n .. " = " .. (kind == "arr" and "{3, 1, 2}" or "{a = 1, b = 'x'}") end
    if kind == "obj" then tree[#tree] = "local " .. n .. " = mk(" .. c.rng:range(-3, 9) .. ")" end
    declare(c, n, kind)
  end
  while c.budget > 0 do
    local part = scoped(c, function()
      c.level = c.level + 1
      local b = block(c, 8)
      c.level = c.level - 1
      return { "out(pcall(function()", body = b, tail = "end))" }
    end)
    tree[#tree + 1] = part
  end
  return tree
end

function S.text(tree)
  local lines = {}
  local function put(node)
    if type(node) == "string" then
      lines[#lines + 1] = node
      return
    end
    if node.gone then
      for _, n in ipairs(node.body) do put(n) end
      return
    end
    lines[#lines + 1] = node[1]
    for _, n in ipairs(node.body) do put(n) end
    for _, m in ipairs(node.more or {}) do
      lines[#lines + 1] = m[1]
      for _, n in ipairs(m[2]) do put(n) end
    end
    lines[#lines + 1] = node.tail
  end
  for _, n in ipairs(tree) do put(n) end
  return table.concat(lines, "\n")
end

return S
