-- expr.lua: random expressions. Each has a wanted kind; now and then another kind is delivered, so that
-- programs also raise errors. Kinds: int, float, str, bool, arr (a sequence), rec (fields a..d), obj (an
-- object with metamethods), fun (a function without effects on captured variables), any.
local E = {}

local ints = {
  "0", "1", "2", "3", "-1", "-2", "7", "10", "255", "256", "-256", "63", "64", "-64", "65", "100000", "0x7fffffff",
  "0x80000000", "0xffffffff", "1 << 53", "math.maxinteger", "math.mininteger", "0x7fffffffffffffff", "127", "128", "-127", "-128",
}
local floats = {
  "0.0", "-0.0", "0.5", "1.0", "-1.5", "2.0", "3.25", "1e15", "1e16", "1e100", "2^53", "2^63", "-2^63", "1e308", "5e-324",
  "math.huge", "-math.huge", "0.1", "100.0", "1e-5", "123456.789", "0x1p-3",
}
local strings = {
  "''", "'a'", "'abc'", "'hello world'", "'10'", "'0x10'", "'3.5'", "' 7 '", "'-2'", "'1e2'", "'x\\0y'", "'\\n\\t'", "'k'",
  "'Aa1'", "'%d'", "'a,b,,c'", "('z'):rep(45)", "[[long\nstring]]", "'\\xff\\u{20ac}'", "'9223372036854775808'",
}
local patterns = { "'%a+'", "'.'", "'[abc]'", "'(%w)(%w)'", "'x*'", "'%d'", "'^a'", "'l+'", "'()'", "','", "'%s'", "'a-b'", "'o.?'", "'%f[%w]%w+'" }
local formats = { "'%d'", "'%5d|'", "'%x'", "'%s'", "'%-6s|'", "'%.3s'", "'%g'", "'%.2f'", "'%q'", "'%i;'", "'%05d'", "'%e'", "'%a'", "'%c'", "'%+d'" }

-- The context (made by stat.lua): rng, scope (list of {name, kind}), depth of functions, vararg flag.
local function var(c, kind)
  local found = {}
  for i = #c.scope, 1, -1 do
    local v = c.scope[i]
    if v.kind == kind or kind == "any" and v.kind ~= "mfun" then found[#found + 1] = v.name end
    if #found >= 8 then break end
  end
  if #found > 0 then return c.rng:pick(found) end
end

local kinds = { "int", "float", "str", "bool", "arr", "rec", "obj", "nil" }
local gen = {}

function E.expr(c, kind, depth)
  local r = c.rng
  if kind == "any" then
    kind = r:pick(kinds)
  elseif r:chance(2) then
    kind = r:pick(kinds) -- the error cases
  end
  if r:chance(depth <= 0 and 75 or 35) then
    local v = var(c, kind)
    if v then return v end
  end
  return gen[kind](c, depth - 1)
end
local expr = E.expr

local function num(c, d) return expr(c, c.rng:chance(70) and "int" or "float", d) end

local int_ops = { "+", "-", "*", "//", "%", "&", "|", "~", "<<", ">>", "+", "-", "*" }
function gen.int(c, d)
  local r = c.rng
  if d <= 0 then return r:pick(ints) end
  local k = r:int(17)
  if k <= 7 then return "(" .. expr(c, "int", d) .. " " .. r:pick(int_ops) .. " " .. expr(c, "int", d) .. ")" end
  if k == 8 then return "(" .. r:pick { "- ", "~ " } .. expr(c, "int", d) .. ")" end
  if k == 9 then return "#" .. "(" .. expr(c, "str", d) .. ")" end
  if k == 10 then local a = var(c, "arr") return a and "#" .. a or r:pick(ints) end
  if k == 11 then return "math.tointeger(" .. num(c, d) .. ")" end
  if k == 12 then return "select('#', " .. expr(c, "any", d) .. ", " .. expr(c, "any", d) .. ")" end
  if k == 13 then return "(" .. expr(c, "str", d) .. "):byte(" .. expr(c, "int", 0) .. ")" end
  if k == 14 then local a = var(c, "arr") return a and a .. "[" .. r:int(5) .. "]" or r:pick(ints) end
  if k == 15 then local f = var(c, "fun") return f and f .. "(" .. num(c, d) .. ", " .. num(c, d) .. ")" or r:pick(ints) end
  if k == 16 then return r:pick { "math.floor", "math.ceil", "math.abs" } .. "(" .. num(c, d) .. ")" end
  return "(" .. expr(c, "bool", d) .. " and " .. expr(c, "int", d) .. " or " .. expr(c, "int", d) .. ")"
end

local float_ops = { "+", "-", "*", "/", "/", "//", "%", "^" }
function gen.float(c, d)
  local r = c.rng
  if d <= 0 then return r:pick(floats) end
  local k = r:int(8)
  if k <= 4 then return "(" .. num(c, d) .. " " .. r:pick(float_ops) .. " " .. expr(c, "float", d) .. ")" end
  if k == 5 then return "(- " .. expr(c, "float", d) .. ")" end
  if k == 6 then return r:pick { "math.abs", "math.sqrt", "math.fmod" } .. "(" .. num(c, d) .. ", " .. num(c, d) .. ")" end
  if k == 7 then return "tonumber(" .. expr(c, "str", d) .. ")" end
  return "(" .. num(c, d) .. " + 0.0)"
end

function gen.str(c, d)
  local r = c.rng
  if d <= 0 then return r:pick(strings) end
  local k = r:int(15)
  local function s() return "(" .. expr(c, "str", d) .. ")" end
  if k <= 4 then
    -- One instruction concatenates a whole chain. Debian's lua5.4 (5.4.4-3+deb12u1) reads freed memory when
    -- a __concat of a chain of three or more reallocates the stack, so chains hold plain values only, and
    -- operands that may be objects come in pairs; id() keeps the compiler from joining two pairs.
    local function operand(wrap)
      local e = r:chance(65) and expr(c, "str", d) or num(c, d)
      if wrap then return (e:find("^'[^']*'$") or e:find("^%d+$")) and e .. " " or wrap .. "(" .. e .. ")" end
      return e:find("^%(") and "id(" .. e .. ")" or "(" .. e .. ")"
    end
    if r:chance(50) then
      local e = operand()
      for _ = 2, r:range(2, 4) do e = "(" .. e .. " .. " .. operand() .. ")" end
      return e
    end
    local parts = {}
    for i = 1, r:range(2, 5) do parts[i] = operand("fa") end
    return "(" .. table.concat(parts, " .. ") .. ")"
  end
  if k == 5 then return s() .. ":sub(" .. r:range(-5, 5) .. ", " .. r:range(-5, 8) .. ")" end
  if k == 6 then return s() .. ":rep(" .. r:range(-1, 4) .. (r:chance(30) and ", '-'" or "") .. ")" end
  if k == 7 then return s() .. ":" .. r:pick { "upper", "lower", "reverse" } .. "()" end
  if k == 8 then return "(" .. r:pick(formats) .. "):format(fa(" .. expr(c, r:pick { "int", "str", "float" }, d) .. "))" end
  if k == 9 then return "(" .. s() .. ":gsub(" .. r:pick(patterns) .. ", " .. r:pick { "'<%0>'", "''", "'%1%1'", "{a = 1, b = '2', l = false}", "function(x) return x == 'a' and 'Z' end" } .. "))" end
  if k == 10 then return "(" .. s() .. ":match(" .. r:pick(patterns) .. ") or 'none')" end
  if k == 11 then return "str(" .. expr(c, "any", d) .. ")" end
  if k == 12 then return "type(" .. expr(c, "any", d) .. ")" end
  if k == 13 then local a = var(c, "arr") return a and "cat(" .. a .. ")" or r:pick(strings) end
  if k == 14 then return "string.char(" .. r:range(0, 255) .. ", " .. r:range(32, 126) .. ")" end
  return "(" .. expr(c, "bool", d) .. " and " .. expr(c, "str", d) .. " or " .. expr(c, "str", d) .. ")"
end

local compare = { "<", "<=", ">", ">=" }
function gen.bool(c, d)
  local r = c.rng
  if d <= 0 then return r:pick { "true", "false" } end
  local k = r:int(9)
  if k <= 2 then return "(" .. num(c, d) .. " " .. r:pick(compare) .. " " .. num(c, d) .. ")" end
  if k == 3 then return "(" .. expr(c, "str", d) .. " " .. r:pick(compare) .. " " .. expr(c, "str", d) .. ")" end
  if k == 4 then return "(" .. expr(c, "any", d) .. r:pick { " == ", " ~= " } .. expr(c, "any", d) .. ")" end
  if k == 5 then return "not " .. expr(c, "any", d) end
  if k == 6 then return "(" .. expr(c, "bool", d) .. " and " .. expr(c, "bool", d) .. ")" end
  if k == 7 then return "(" .. expr(c, "bool", d) .. " or " .. expr(c, "bool", d) .. ")" end
  if k == 8 then local o = var(c, "obj") return o and "(" .. o .. " " .. r:pick { "<", "<=", "==", "~=", ">", ">=" } .. " " .. (var(c, "obj") or o) .. ")" or "true" end
  return "rawequal(" .. expr(c, "any", d) .. ", " .. expr(c, "any", d) .. ")"
end

function gen.arr(c, d)
  local parts = {}
  for i = 1, c.rng:range(0, 6) do
    local e = expr(c, c.rng:pick { "int", "str", "float", "bool" }, d - 1)
    parts[i] = "nn(" .. e .. ")"
    if e:match("^%d+$") or e:match("^'%w*'$") then parts[i] = e end
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

function gen.rec(c, d)
  local r, parts = c.rng, {}
  for _, k in ipairs { "a", "b", "c", "d" } do
    if r:chance(60) then
      parts[#parts + 1] = (r:chance(80) and k or "['" .. k .. "']") .. " = " .. expr(c, r:chance(15) and d > 0 and "rec" or "any", d - 1)
    end
  end
  if r:chance(20) then parts[#parts + 1] = "[" .. r:pick { "1.5", "true", "-1", "2^53", "1 << 62" } .. "] = " .. expr(c, "int", 0) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

function gen.obj(c, d)
  local r = c.rng
  local o = var(c, "obj")
  if o and d > 0 and r:chance(60) then
    local k = r:int(6)
    if k <= 3 then
      local a, b = o, r:chance(50) and (var(c, "obj") or o) or num(c, d)
      if r:chance(40) then a, b = b, a end
      return "(" .. a .. " " .. r:pick { "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", ".." } .. " " .. b .. ")"
    end
    if k == 4 then return "(" .. r:pick { "- ", "~", "#" } .. o .. ")" end
    if k == 5 then return o .. "(" .. expr(c, "int", d) .. ")" end
    return o .. "." .. r:pick { "v", "a", "zz" }
  end
  return "mk(" .. expr(c, "int", d) .. ")"
end

gen["nil"] = function(c)
  local r = var(c, "rec")
  if r and c.rng:chance(50) then return r .. "." .. c.rng:pick { "a", "b", "zz" } end
  return "nil"
end

function gen.fun(c, d)
  return "function(p, q) return " .. expr(c, "int", 1) .. " end"
end

E.var, E.num, E.patterns = var, num, patterns
return E
