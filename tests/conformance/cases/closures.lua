-- Manual 3.4.10, 3.4.11, 3.5: calls, closures, upvalues.
local T = require "harness"
T.exprs [====[
local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end end local inc, get = counter() inc() inc() local i2 = counter() i2() return get(), i2() --> 2, 2
local a = {} for i = 1, 5 do local x = i a[i] = {get = function() return x end, set = function(v) x = v end} end a[2].set(20) return a[1].get(), a[2].get(), a[3].get() --> 1, 20, 3
local x = 1 local f = function() x = x + 1 return function() x = x * 10 return x end end local g = f() return g(), x, f()(), x --> 20, 20, 210, 210
local function f(x) return function(y) return function(z) return x, y, z end end end return f(1)(2)(3) --> 1, 2, 3
local function outer() local a, b, c = 1, 2, 3 local function mid() local d = a + b local function inner() a = a + 1 return a, b, c, d end return inner end return mid() end local i = outer() i() return i() --> 3, 2, 3, 3
local fs = {} for i = 1, 3 do fs[i] = function() return i end end local s = 0 for _, f in ipairs(fs) do s = s * 10 + f() end return s --> 123
local f do local x = 0 f = function() x = x + 1 return x end end f() return f() --> 2
local t = {} do local x <const> = 5 t.f = function() return x end end return t.f() --> 5
local function f(...) local a = ... return function() a = (a or 0) + 1 return a end end local g = f(10) g() return g(), f()() --> 12, 1
local f, g do local v = 0 function f() v = v + 1 return g and v end function g() return v end end f() f() return g() --> 2
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(20) --> 6765
local Y = function(f) return (function(x) return x(x) end)(function(x) return f(function(...) return x(x)(...) end) end) end return Y(function(self) return function(n) return n < 2 and 1 or n * self(n - 1) end end)(10) --> 3628800
local a = 1 local function f() return a end local a = 2 local function g() return a end return f(), g() --> 1, 2
local x = 10 local function f() local x = x x = x + 1 return x end return f(), f(), x --> 11, 11, 10
local s = {} for i = 1, 3 do local j = i repeat local k = j s[#s + 1] = function() j = j + 1 k = k + 100 return j, k end j = j + 1 until k >= i + 1 end local r = {} for i = 1, #s do r[i] = s[i]() end return r --> {4, 5, 5, 6, 6, 7}
local function f() local a = {} local function g() return a end return g, function(v) a = v end end local g, set = f() set(5) return g() --> 5
local u = 0 local co = coroutine.wrap(function() local v = u while true do v = v + 1 u = v coroutine.yield(function() return v end) end end) local c1 = co() local c2 = co() return c1(), c2(), u --> 2, 2, 2
local x = 5 local ok = pcall(function() x = 6 error() end) return ok, x --> false, 6
local function f() local x = 1 local function g() x = x + 1 return x end return x, g(), x, g(), x end return f() --> 1, 2, 2, 3, 3
local function f() local x = 1 local g = function() x = x + 1 end g() return x end return f() --> 2
local fs = {} local i = 1 while i <= 3 do local x = i if i == 2 then fs[i] = function() return x end i = i + 1 goto c end fs[i] = function() return -x end i = i + 1 ::c:: end return fs[1](), fs[2](), fs[3]() --> -1, 2, -3
local function mk() local a, b = 1, 2 return {a = function() return a end, b = function() return b end, swap = function() a, b = b, a end} end local o = mk() o.swap() return o.a(), o.b() --> 2, 1
local x = 1 do local function f() return x end x = 2 do local x = 3 x = f() + x return x end end --> 5
local function f(a, b, c) a, b, c = c, a, b return function() return a, b, c end end return f(1, 2, 3)() --> 3, 1, 2
(function() local a = 1 local b = function() a = a + 1 return a end return a + b() + a end)() --> 6
local t = {} t.x, t.f = 1, function() return t.x end t.x = 5 return t.f() --> 5
local a; local b = function() return a end; a = b; return a() == b --> true
local function f(n) local x = n if n > 0 then local g = f(n - 1) return function() return x + g() end end return function() return 0 end end return f(50)() --> 1275
local f = load("local a, b = ... return function() a = a + 1 return a, b end") local g = f(1, 2) g() return g() --> 3, 2
local f = load("x = (x or 0) + 1 return x", "n", "t", {}) f() return f() --> 2
print == print, (function() end) == (function() end), type(function() end) --> true, false, "function"
local function f() return 1 end local function g() return f end return g()() , (g)()() --> 1, 1
local s = "" for w in ("a b c"):gmatch("%a") do local f = function() s = s .. w end f() end return s --> "abc"
]====]
-- deep nesting of upvalues, and 255 of them in one function
local depth = 40
local src = "local x0 = 1 "
for i = 1, depth do src = src .. ("return (function() local x%d = x%d + 1 "):format(i, i - 1) end
local sum = {}
for i = 0, depth do sum[#sum + 1] = "x" .. i end
src = src .. "return function() x0 = x0 + 1 return " .. table.concat(sum, " + ") .. " end " .. ("end)() "):rep(depth)
local f = load(src)()
T.eq(f(), 1 + (depth + 1) * (depth + 2) // 2)
T.eq(f(), 2 + (depth + 1) * (depth + 2) // 2)
local function many(n, per)
  local lines, refs = {}, {}
  for i = 1, n do refs[i] = "u" .. i end
  lines[1] = "local function l1() "
  local out, open = "", 0
  for i = 1, n, per do
    out = out .. "local " .. table.concat(refs, ", ", i, math.min(i + per - 1, n)) .. " = "
    local vals = {}
    for j = i, math.min(i + per - 1, n) do vals[#vals + 1] = tostring(j) end
    out = out .. table.concat(vals, ", ") .. " return (function() "
    open = open + 1
  end
  return out .. "return " .. table.concat(refs, " + ") .. (" end)()"):rep(open)
end
T.eq(load(many(100, 50))(), 5050)
T.eq(load(many(250, 100))(), 250 * 251 // 2)
T.eq(load(many(255, 100))(), 255 * 256 // 2)
T.eq(select(2, load(many(256, 100), "=n")), "n:1: too many upvalues (limit is 255) in function at line 1 near 'end'")
-- arguments: every count from 0 to 250, fixed and variable
local g = function(...) return select("#", ...), ... end
for n = 0, 250, 10 do
  local args = {}
  for i = 1, n do args[i] = i end
  local r = table.pack(g(table.unpack(args)))
  T.eq(r[1], n)
  T.eq(r.n, n + 1)
  if n > 0 then T.eq(r[n + 1], n) end
  T.eq(select("#", pcall(g, table.unpack(args))), n + 2)
  T.eq(select("#", coroutine.wrap(g)(table.unpack(args))), n + 1)
  T.eq(select("#", load("return ...")(table.unpack(args))), n)
end
T.eq(select("#", table.unpack({}, 1, 200000)), 200000)
T.eq((g(table.unpack({}, 1, 200000))), 200000)
T.done()
