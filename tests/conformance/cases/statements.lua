-- Manual 3.3 and 3.5: assignment, control structures, loops, goto, scopes, attribs <const>.
local T = require "harness"
T.exprs [====[
local a, b, c = 1, 2; return a, b, c --> 1, 2, nil
local a, b = 1, 2, 3; return a, b --> 1, 2
local i, t = 1, {}; i, t[i] = i + 1, 20; return i, t --> 2, {20}
local a, b = 1, 2; a, b = b, a; return a, b --> 2, 1
local a, b, c = 1, 2, 3; a, b, c = c, a, b; return a, b, c --> 3, 1, 2
local t = {1, 2, 3}; t[1], t[2], t[3] = t[3], t[1], t[2]; return t --> {3, 1, 2}
local t = {}; t.x, t.y = 1; return t.x, t.y --> 1, nil
local a = {}; local b = a; a.x, a = 1, nil; return b.x, a --> 1, nil
local i = 1; local t = {}; t[i], i = "a", 2; return t, i --> {"a"}, 2
local t = {1}; local i = 1; i, t[i], t = 2, 3, nil; return i, t --> 2, nil
local x = 1; do local x = 2; x = 3 end; return x --> 1
local x = 1; local x = x + 1; local x = x * 10; return x --> 20
local x = 1; local function f() return x end; x = 2; return f() --> 2
local x = 10; do local x = x + 1 end; if true then local x = 0 end; for x = 1, 3 do end; return x --> 10
local function f() return f end; return f() == f --> true
local f = function() return f end; return f() --> nil
local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end; return fact(20), fact(25.0) --> 2432902008176640000, 1.5511210043330986e+25
local t = {}; function t.f(x) return x end; function t.g() return 2 end; function t:h(x) return self == t, x end; return t.f(1), t.g(), t:h(3) --> 1, 2, true, 3
local t = {a = {b = {}}}; function t.a.b.f() return 1 end; function t.a.b:g() return self == t.a.b end; return t.a.b.f(), t.a.b:g() --> 1, true
if nil then return 1 elseif false then return 2 elseif 0 then return 3 else return 4 end --> 3
if false then return 1 else return 2 end --> 2
if 1 then end; if nil then else end; if nil then elseif 1 then end; return "ok" --> "ok"
local x = 3; if x < 2 then return "a" elseif x < 3 then return "b" elseif x < 4 then return "c" end --> "c"
local n = 0; while n < 10 do n = n + 1 if n == 5 then break end end; return n --> 5
local n = 0; while false do n = 1 end; repeat n = n + 1 until n >= 3; return n --> 3
local n = 0; repeat local done = n > 4; n = n + 1 until done; return n --> 6
local n = 0; while true do n = n + 1; if n > 3 then break end; local x = n; end return n --> 4
local n = 0; repeat n = n + 1; if n == 2 then break end until false; return n --> 2
local s = 0; for i = 1, 10 do s = s + i end; return s --> 55
local s = ""; for i = 10, 1, -3 do s = s .. i .. " " end; return s --> "10 7 4 1 "
local s = ""; for i = 1, 3 do local i = i * 2; s = s .. i end; return s --> "246"
local s = ""; for i = 1.0, 3 do s = s .. i .. " " end; return s --> "1.0 2.0 3.0 "
local s = ""; for i = 1, 3.5 do s = s .. i .. " " end; return s --> "1 2 3 "
local s = ""; for i = 1, 2, 0.5 do s = s .. i .. " " end; return s --> "1.0 1.5 2.0 "
local s = ""; for i = 3, 1 do s = s .. i end; return s --> ""
local s = ""; for i = 0.1, 0.35, 0.1 do s = s .. i .. " " end; return s --> "0.1 0.2 0.3 "
local n = 0; for i = math.maxinteger - 2, math.maxinteger do n = n + 1 end; return n --> 3
local n = 0; for i = math.mininteger + 2, math.mininteger, -1 do n = n + 1 end; return n --> 3
local n = 0; for i = math.maxinteger - 5, math.maxinteger, 3 do n = n + 1 end; return n --> 2
local n = 0; for i = 1, math.huge do n = n + 1 if n == 5 then break end end; return n --> 5
local n = 0; for i = 1, -math.huge do n = n + 1 end; return n --> 0
local n = 0; for i = -1, -math.huge, -1 do n = n + 1 if n == 5 then break end end; return n --> 5
local n = 0; for i = 1, math.huge, -1 do n = n + 1 end; return n --> 0
local n = 0; for i = 1, 0/0 do n = n + 1 end; for i = 0/0, 1 do n = n + 1 end return n --> 1
local n = 0; for i = math.mininteger, math.maxinteger, math.maxinteger do n = n + 1 end; return n --> 3
local n = 0; for i = math.mininteger, math.maxinteger, 1 << 62 do n = n + 1 end; return n --> 4
local n = 0; for i = math.maxinteger, math.mininteger, math.mininteger do n = n + 1 end; return n --> 2
local n = 0; for i = 1, 3, math.maxinteger do n = n + 1 end; for i = 3, 1, math.mininteger do n = n + 1 end; return n --> 2
local s = ""; for i = 1, 3 do s = s .. i; i = 10 end; return s --> "123"
local s = ""; for i = 2^53, 2^53 + 2 do s = s .. "x" if #s > 5 then break end end; return s --> "xxxxxx"
local s = ""; for i = 1, 3.999 do s = s .. i end; for i = -1, -3.999, -1 do s = s .. i end; return s --> "123-1-2-3"
local s = ""; for i = 1, 1e308 do s = s .. i; if i == 3 then break end end; return s --> "123"
local n = 0; for i = -3.0, 3 do n = n + 1 end; return n --> 7
for i = 1, 10, 0 do end --> !?:1: 'for' step is zero
for i = 1.0, 10, 0 do end --> !?:1: 'for' step is zero
for i = 1, 10, 0.0 do end --> !?:1: 'for' step is zero
for i = "1", 10 do end -->
for i = 1, "10" do end -->
for i = 1, 10, "1" do end -->
for i = {}, 10 do end --> !?:1: bad 'for' initial value (number expected, got table)
for i = 1, {} do end --> !?:1: bad 'for' limit (number expected, got table)
for i = 1, nil do end --> !?:1: bad 'for' limit (number expected, got nil)
for i = nil, 1 do end --> !?:1: bad 'for' initial value (number expected, got nil)
for i = 1, 2, nil do end --> !?:1: bad 'for' step (number expected, got nil)
for i = 1.5, "x" do end --> !?:1: bad 'for' limit (number expected, got string)
for i = 1, 2, print do end --> !?:1: bad 'for' step (number expected, got function)
for i = "a", "b", "c" do end --> !?:1: bad 'for' limit (number expected, got string)
for k in nil do end --> !?:1: attempt to call a nil value (for iterator 'for iterator')
for k in 5 do end --> !?:1: attempt to call a number value (for iterator 'for iterator')
for k in {} do end --> !?:1: attempt to call a table value (for iterator 'for iterator')
for k in pairs(nil) do end --> !?:1: bad argument #1 to 'for iterator' (table expected, got nil)
for k in "x" do end --> !?:1: attempt to call a string value (for iterator 'for iterator')
local t = {} for k, v in next, {10, 20, 30} do t[k] = v end return t --> {10, 20, 30}
local t = {} for i, v in ipairs{1, 2, nil, 4} do t[#t + 1] = i end return t --> {1, 2}
local s = "" for a, b, c, d in function(s, c) if c < 3 then return c + 1, s, nil, 4 end end, "st", 0 do s = s .. a .. b .. tostring(c) .. d .. ";" end return s --> "1stnil4;2stnil4;3stnil4;"
local s = 0 for i in (function() local i = 0 return function() i = i + 1 if i < 4 then return i end end end)() do s = s + i end return s --> 6
local n = 0 for i in function() n = n + 1 if n == 5 then return false end return nil end do end return n --> 1
local n = 0 for i in function() n = n + 1 if n < 5 then return false end return nil end do end return n --> 5
local s = "" for k, v in setmetatable({}, {__call = function(_, s, c) c = (c or 0) + 1 if c < 4 then return c, c * c end end}) do s = s .. k .. v end return s --> "112439"
local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end return fs[1](), fs[1](), fs[2](), fs[3]() --> 2, 3, 3, 4
local fs = {} for _, v in ipairs{"a", "b"} do fs[#fs + 1] = function() return v end end return fs[1](), fs[2]() --> "a", "b"
local fs = {} local i = 0 while i < 3 do i = i + 1 local j = i fs[i] = function() j = j + 10 return j end end return fs[1](), fs[2](), fs[1]() --> 11, 12, 21
local fs = {} local i = 0 repeat local j = i fs[#fs + 1] = function() return j end i = i + 1 until j >= 2 return #fs, fs[1](), fs[3]() --> 3, 0, 2
local i = 1 ::top:: if i <= 3 then i = i + 1 goto top end return i --> 4
local s = "" for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end s = s .. i .. j .. " " ::continue:: end end return s --> "11 13 21 23 31 33 "
local s = "" for i = 1, 3 do for j = 1, 3 do if i == 2 then goto out end s = s .. i .. j .. " " end end ::out:: return s --> "11 12 13 "
do goto l1 end ::l2:: do return "l2" end ::l1:: goto l2 --> "l2"
goto f; local x ::f:: do return 1 end --> !?:1: <goto f> at line 1 jumps into the scope of local 'x'
local function f(n) if n == 0 then goto done end do return n end ::done:: return "zero" end return f(0), f(1) --> "zero", 1
do ::l1:: end do ::l1:: end return 1 --> 1
local i = 0 ::a:: do i = i + 1 if i < 3 then goto a end end return i --> 3
local fs = {} do local i = 1 ::top:: local x = i fs[i] = function() x = x + 1 return x end i = i + 1 if i <= 3 then goto top end end return fs[1](), fs[2](), fs[1](), fs[3]() --> 2, 3, 3, 4
local t = {} for i = 1, 3 do local x <const> = i * 2 t[i] = function() return x end end return t[1](), t[3]() --> 2, 6
local n = 0 while n < 5 do n = n + 1 if n % 2 == 0 then goto cont end n = n + 1 ::cont:: end return n --> 6
local x do local y = 5 function x() y = y + 1 return y end end return x(), x() --> 6, 7
local a <const> = {} a.x = 1 return a.x --> 1
local x <const> = 5; local y <const> = x + 1; return x + y, x // 2, x .. y --> 11, 2, "56"
local x <const>, y, z <const> = 1, 2, 3; y = 5; return x, y, z --> 1, 5, 3
local x <const> = "abc"; return #x, x:upper(), x .. x, x == "abc" --> 3, "ABC", "abcabc", true
local a <const> = 1.5; local b <const> = -a; return a, b, a + b, a < b --> 1.5, -1.5, 0.0, false
local _ENV = {x = 5}; return x, y --> 5, nil
local _ENV = {}; x = 1; return x, _ENV.x --> 1, 1
local _ENV <const> = {x = 7}; return x --> 7
local _ENV = nil; return x --> !?:1: attempt to index a nil value (local '_ENV')
local _ENV = 5; x = 1 --> !?:1: attempt to index a number value (local '_ENV')
local function f(_ENV) return a + b end; return f{a = 1, b = 2} --> 3
local function f() return _ENV end; return f() == _ENV, _ENV._G == _G --> true, true
do local _ENV = setmetatable({}, {__index = _ENV}) x = 9 end return x --> nil
local print <const> = 5 return print --> 5
x = 1 y = x + 1 return _ENV.x, _ENV["y"], z --> 1, 2, nil
return (function(...) local a, b = ... a, b = b, a return a, b, ... end)(1, 2) --> 2, 1, 1, 2
local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v and v * 2) end}); t.a, t.b = 1, 2; return t.a, t.b --> 2, 4
local log = {} local t = setmetatable({}, {__newindex = function(t, k, v) log[#log + 1] = k .. "=" .. tostring(v) end}) t.a, t.b, t.c = 1, 2 table.sort(log) return table.concat(log, " ") --> "a=1 b=2 c=nil"
local function f(a, b) a = a or 5 b = b or a return a, b end return f(), f(1), f(nil, 2), f(1, 2, 3) --> 5, 1, 5, 1, 2
local function f(n, acc) if n == 0 then return acc end return f(n - 1, acc + 1) end return f(100000, 0) --> 100000
local function even(n) if n == 0 then return true end return odd(n - 1) end -->
local t = {} function t.loop(n) if n > 0 then return t.loop(n - 1) end return "done" end return t.loop(200000) --> "done"
local t = {n = 0} function t:loop(n) if n > 0 then self.n = self.n + 1 return self:loop(n - 1) end return self.n end return t:loop(100000) --> 100000
local function f(...) return select("#", ...) end local function g(...) return f(...) end local function h(...) return g(1, ...) end return h(), h(1), h(nil, nil) --> 1, 2, 3
local function f() return pcall(error, "x", 0) end return f() --> false, "x"
local function f(a) return a and a.b and a.b.c end return f(), f{}, f{b = {}}, f{b = {c = 1}} --> nil, nil, nil, 1
]====]
-- numeric for agrees with a model over many triples
local function model(a, b, c)
  local n, last, i = 0, nil, a
  while (c > 0 and i <= b) or (c < 0 and i >= b) do
    n, last = n + 1, i
    i = i + c
  end
  return n, last
end
for _, a in ipairs { -5, -1, 0, 1, 3, 2.5, -2.5 } do
  for _, b in ipairs { -6, -1, 0, 1, 4, 3.5, -3.5, 10 } do
    for _, c in ipairs { 1, 2, 3, -1, -2, 0.5, -0.5, 1.0, -7, 100 } do
      local n, last = 0, nil
      for i = a, b, c do n, last = n + 1, i end
      local float = math.type(a) == "float" or math.type(c) == "float"
      local wn, wlast = model(float and a + 0.0 or a, b, float and c + 0.0 or c)
      T.eq(n, wn)
      T.eq(last, wlast)
      if last then T.eq(math.type(last), float and "float" or "integer") end
      T.eq(select(2, pcall(load(("local n = 0 for i = %s, %s, %s do n = n + 1 end return n"):format(a, b, c)))), wn)
    end
  end
end
-- 200 locals, shadowing, and blocks that reuse registers
local src = {}
for i = 1, 190 do src[i] = ("local v%d = %d"):format(i, i) end
src[#src + 1] = "do local v1 = 0 v2 = v2 + v1 end return v1 + v2 + v190"
T.eq(load(table.concat(src, "\n"))(), 193)
-- long jumps: bodies of tens of thousands of instructions
for _, n in ipairs { 10, 100, 1000, 10000, 30000 } do
  local body = ("x = x + 1\n"):rep(n)
  local f = load("local x = 0 for i = 1, 2 do " .. body .. " end return x")
  T.eq(f(), 2 * n)
  f = load("local x = ... if x > 0 then " .. body .. " else " .. body .. " x = -x end return x")
  T.eq(f(1), n + 1)
  T.eq(f(-1), 1 - n)
  f = load("local x = 0 while x < " .. 2 * n .. " do " .. body .. " end return x")
  T.eq(f(), 2 * n)
  f = load("local x = 0 repeat " .. body .. " until x > " .. n .. " return x")
  T.eq(f(), 2 * n)
  f = load("local x = 0 for _ in next, {1, 2} do " .. body .. " end return x")
  T.eq(f(), 2 * n)
  f = load("local x = 0 ::a:: " .. body .. " if x < " .. 2 * n .. " then goto a end return x")
  T.eq(f(), 2 * n)
end
-- every count of nested blocks and functions up to 150
for n = 1, 40, 3 do
  T.eq(load(("do "):rep(n) .. "x = 1 " .. ("end "):rep(n) .. "return 1")(), 1)
  T.eq(load("local a = 0 " .. ("for i = 1, 1 do "):rep(n // 4 + 1) .. "a = a + 1 " .. ("end "):rep(n // 4 + 1) .. "return a")(), 1)
  T.eq(load("return " .. ("(function() return "):rep(n) .. "8" .. (" end)()"):rep(n))(), 8)
  T.eq(load("local a = 3 return " .. ("(function() return "):rep(n) .. "a" .. (" end)()"):rep(n))(), 3)
end
T.done()
