-- Manual 3.4: precedence, associativity, logical operators, length, concatenation, constructors, varargs.
local T = require "harness"
T.exprs [====[
2 + 3 * 4, (2 + 3) * 4, 2 * 3 + 4, 2 ^ 3 ^ 2, (2 ^ 3) ^ 2, -2 ^ 2, (-2) ^ 2, 2 ^ -1 --> 14, 20, 10, 512.0, 64.0, -4.0, 4.0, 0.5
-3 ^ 2, not nil == true, not (nil == true), #"abc" + 1, -"2" + 1, - -3, not not nil, ~~5, -~5, ~-5 --> -9.0, true, true, 4, -1, 3, false, 5, 6, 4
1 .. 2 .. 3, (1 .. 2) .. 3, 1 + 1 .. 2 * 2, "a" .. 1 + 2, 2 .. 3 == "23" --> "123", "123", "24", "a3", true
1 << 2 + 1, (1 << 2) + 1, 1 | 2 ~ 3 & 4, 1 | 6 & 3, 5 & 3 == 1 and 1 or 2 --> 8, 5, 3, 3, 1
5 & 3 == 1 --> true
1 < 2 == true, 1 < 2 and 2 < 3, 1 == 1 ~= false, "a" .. "b" == "ab" and "x" or "y" --> true, true, true, "x"
1 < 2 < 3 --> !?:1: attempt to compare boolean with number
7 // 2 * 2, 7 % 4 ^ 2, 7 - 2 - 1, 7 / 2 / 2, 2 * 7 % 5, 7 // 2 // 2, 100 % 7 % 4 --> 6, 7.0, 4, 1.75, 4, 1, 2
1 .. 2 ^ 2, 2 ^ 2 .. 1, -1 .. -2, 1 .. -2, 3 << 1 .. 2, 8 >> 1 << 2, 1 << 62 >> 61 --> !?:1: attempt to perform bitwise operation on a string value
nil and 1, false and 1, 1 and 2, nil or 1, false or nil, 1 or error("x"), nil and error("x"), 0 and 1, "" and 1 --> nil, false, 2, 1, nil, 1, nil, 1, 1
false == nil, nil == nil, not 0, not "", not nil and 1, not 1 or 2, 1 and nil or 3, nil and nil or false --> false, true, false, false, 1, 2, 3, false
(nil or false) == false, 1 and 2 and 3, 1 and nil and 3, nil or false or 3, (1 or 2) and (nil or 4) --> true, 3, nil, 3, 4
local a, b = 1, nil; return a and b, b and a, a or b, b or a, not a, not b, a and not b, b or not a --> nil, nil, 1, 1, false, true, true, false
local a, b = 1, 2; return a < b and a or b, a > b and a or b, a == b or a ~= b, not (a < b) or nil --> 1, 2, true, nil
local function f() return 1, 2, 3 end; return f(), f() --> 1, 1, 2, 3
local function f() return 1, 2, 3 end; return (f()), f() --> 1, 1, 2, 3
local function f() return 1, 2, 3 end; return {f(), f()}, {f(), (f())}, {(f())}, {f(), nil}, {nil, f()} --> {1, 1, 2, 3}, {1, 1}, {1}, {1}, {nil, 1, 2, 3}
local function f() return 1, 2, 3 end; local a, b, c, d = f(); return a, b, c, d --> 1, 2, 3, nil
local function f() return 1, 2, 3 end; local a, b, c, d = 0, f(), 10; return a, b, c, d --> 0, 1, 10, nil
local function f() return 1, 2, 3 end; return f() + f(), #{f(), f()}, f() .. "x", -f(), not f() --> 2, 4, "1x", -1, false
local function f() end; return f() -->
local function f() end; return (f()) --> nil
local function f() end; return f(), 1, f(), (f()) --> nil, 1, nil, nil
local function f() end; return {f()}, {f(), f()}, #{f(), 1}, select("#", f(), f()), select("#", f(), (f())) --> {}, {}, 2, 1, 2
local function f(...) return ... end; return f(1, nil, 3), f(), f(nil, nil) --> 1, nil, nil, nil
local function f(...) return ... end; return select("#", f(1, nil, 3)), select("#", f()), select("#", f(nil, nil)) --> 3, 0, 2
local function f(...) local a, b = ... return a, b end; return f(1), f(1, 2, 3), f() --> 1, 1, nil, nil
local function f(a, ...) return ..., a end; return f(1, 2, 3) --> 2, 1
local function f(a, ...) return a, ... end; return f(1, 2, 3) --> 1, 2, 3
local function f(a, b, ...) return select("#", ...), b, a end; return f(1), f(1, 2), f(1, 2, nil), f(1, 2, 3, 4) --> 0, 0, 1, 2, 2, 1
local function f(...) return (...) end; return f(1, 2), f(), select("#", f()) --> 1, nil, 1
local function f(...) return {...}, {..., 0}, {0, ...}, #{...}, {n = select("#", ...), ...} end; return f(1, 2, 3) --> {1, 2, 3}, {1, 0}, {0, 1, 2, 3}, 3, {1, 2, 3, ["n"]=3}
local function f(...) local t = {} for i, v in ipairs{...} do t[i] = v * 2 end return t end; return f(1, 2, 3) --> {2, 4, 6}
local function f(...) local g = function(...) return select("#", ...), ... end; return g(...) end; return f(nil, 2, nil) --> 3, nil, 2, nil
local function f(...) local x <const> = ... ; local y, z = ..., 9 ; return x, y, z end return f(7, 8) --> 7, 7, 9
local function f(...) return ... == nil, ... and 1, ... or 2, not ... , -(... or 1) end return f(3, 4) --> false, 1, 3, false, -3
select("#"), select("#", nil), select(2, 1, 2, 3), select(-1, 1, 2, 3), select(-2, 1, 2, 3), select(4, 1, 2, 3) --> 0, 1, 2, 3, 2
select(0, 1) --> !?:1: bad argument #1 to 'select' (index out of range)
select(-4, 1, 2, 3) --> !?:1: bad argument #1 to 'select' (index out of range)
select(1.0, 7), select("2", 7, 8) --> 7, 8
select(1.5, 7) --> !?:1: bad argument #1 to 'select' (number has no integer representation)
select({}, 1) --> !?:1: bad argument #1 to 'select' (number expected, got table)
select() --> !?:1: bad argument #1 to 'select' (number expected, got no value)
{1, 2, 3}, {1, 2, 3,}, {1; 2; 3;}, {}, {nil}, {nil, nil, 3}, {[1] = 1, [2] = 2}, {1, [1] = 2}, {[1] = 2, 1} --> {1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {}, {}, {nil, nil, 3}, {1, 2}, {1}, {1}
{a = 1, b = 2}, {["a"] = 1, a = 2}, {a = 1, ["a"] = 2}, {[1.0] = "x", [2^53] = "y"}, {[-0.0] = 1}, {x = {y = {z = 1}}} --> {["a"]=1, ["b"]=2}, {["a"]=2}, {["a"]=2}, {"x", [9007199254740992]="y"}, {[0]=1}, {["x"]={["y"]={["z"]=1}}}
{[nil] = 1} --> !?:1: table index is nil
{[0/0] = 1} --> !?:1: table index is NaN
{f = function() end, [true] = 1, [false] = 2, [1.5] = 3} --> {["f"]=function, [1.5]=3, [false]=2, [true]=1}
local t = {10, 20, x = 1, 30, [5] = 50, 40}; return t[1], t[2], t[3], t[4], t[5], t.x, #t >= 4 --> 10, 20, 30, 40, 50, 1, true
local i = 0; local function n() i = i + 1 return i end; local t = {n(), n(), [n()] = n(), n()}; return t --> {1, 2, 5}
#"", #"abc", #"a\0b", #{}, #{1, 2, 3}, #{n = 1}, #{1, nil}, #{[1] = 1, [2] = 2, [3] = 3} --> 0, 3, 3, 0, 3, 0, 1, 3
#nil --> !?:1: attempt to get length of a nil value
#5 --> !?:1: attempt to get length of a number value
#true --> !?:1: attempt to get length of a boolean value
#print --> !?:1: attempt to get length of a function value (global 'print')
"a" .. "b" .. "c" .. 1 .. 2.0 .. -3, ("x"):rep(3) .. "", "" .. "" --> "abc12.0-3", "xxx", ""
"a" .. true --> !?:1: attempt to concatenate a boolean value
"a" .. nil .. "b" --> !?:1: attempt to concatenate a nil value
1 .. {} .. 2 --> !?:1: attempt to concatenate a table value
"x" .. print --> !?:1: attempt to concatenate a function value (global 'print')
local s = "x" for i = 1, 10 do s = s .. i end return s --> "x12345678910"
local t = {} for i = 1, 300 do t[i] = "s" .. i end return #table.concat(t), load("return " .. table.concat(t, " .. "):gsub("s%d+", "'%0'"))() == table.concat(t) --> !?:1: attempt to call a nil value
("abc"):upper(), ("x"):rep(2, ","), #("abc"):rep(10), ("%d"):format(3), ("a,b"):find(",", 1, true) --> "ABC", "x,x", 30, "3", 2, 2
("x").len, ("x").y, ("x")[1] --> function, nil, nil
("x"):nope() --> !?:1: attempt to call a nil value (method 'nope')
local s = "x" s.y = 1 --> !?:1: attempt to index a string value (local 's')
local t = {f = function(self, a) return self.v, a end, v = 5}; return t:f(1), t.f(t, 2), t.f({v = 6}, 3), t["f"](t, 4) --> 5, 5, 6, 5, 4
local t = {a = {b = {c = function(self, x) return x end}}}; return t.a.b:c(1), t.a.b.c(nil, 2), t["a"]["b"]["c"](nil, 3) --> 1, 2, 3
type{}, type"x", type[[x]], #type(nil), (type(1)):upper(), type(type) --> "table", "string", "string", 3, "NUMBER", "function"
(function(...) return select("#", ...) end)(1, 2, (function() return 3, 4 end)()) --> 4
(function(a, b) return a, b end)(1), (function(a, b) return a, b end)(1, 2, 3) --> 1, 1, 2
(function() return function() return 7 end end)()() --> 7
local a <const>, b <const> = 10, "x"; return a + 1, b .. "y", a * a, -a, a == 10, {a, b}, a .. b --> 11, "xy", 100, -10, true, {10, "x"}, "10x"
local a <const> = 5; local f = function() return a + a end; return f(), (function() return function() return a end end)()() --> 10, 5
local n <const> = nil; local t <const> = true; return n, t, n == nil, not t, n or t, t and n --> nil, true, true, false, true, nil
0xF0 & 0x3C, 0xF0 | 0x0F, 0xF0 ~ 0xFF, ~0, 1 << 63, 1 << 64, 1 << -1, 1 >> -1, -1 >> 1, -1 >> 63, -1 << 63, 2 >> 1, 1 << 1.0 --> 48, 255, 15, -1, -9223372036854775808, 0, 0, 2, 9223372036854775807, 1, -9223372036854775808, 1, 2
1 << math.maxinteger, 1 >> math.maxinteger, 1 << math.mininteger, 1 >> math.mininteger, -1 >> 64, -1 << -64, 1.0 << 1, "2" << "3" --> !?:1: attempt to perform bitwise operation on a string value (constant '2')
3 // 0 --> !?:1: attempt to divide by zero
3 % 0 --> !?:1: attempt to perform 'n%0'
3 // 0.0, -3 // 0.0, 3 % 0.0 ~= 3 % 0.0, 0 / 0 ~= 0 / 0, 3 / 0, -3 / 0, 0.0 // 1, -0.0 // 1, 1 // -0.0 --> inf, -inf, true, true, inf, -inf, 0.0, -0.0, -inf
math.mininteger // -1, math.mininteger % -1, math.maxinteger // -1, math.mininteger // 1, math.mininteger % 3, 5 // -3, -5 // 3, 5 % -3, -5 % 3, 5.5 // 2, -5.5 // 2, 5.5 % -2, -5.5 % 2, 5.3 % 1 --> -9223372036854775808, 0, -9223372036854775807, -9223372036854775808, 1, -2, -2, -1, 1, 2.0, -3.0, -0.5, 0.5, 0.2999999999999998
1e308 * 10, -1e308 * 10, 2^1024, 2^-1075, 0^0, 0.0^-1, (-8)^(1/3) ~= (-8)^(1/3), 4^0.5, 10^2, 2^0.5 * 2^0.5 --> inf, -inf, inf, 0.0, 1.0, inf, true, 2.0, 100.0, 2.0000000000000004
1 == 1.0, math.maxinteger + 0.0 == math.maxinteger, math.maxinteger + 0.0 == 2^63, math.mininteger + 0.0 == math.mininteger, 2^53 == 2^53 + 1 --> true, false, true, true, true
math.maxinteger < math.huge, math.mininteger > -math.huge, math.maxinteger < 2^63, math.maxinteger <= 2^63, math.mininteger <= -2^63, math.mininteger < -2^63, math.maxinteger > 9.2e18 --> true, true, true, true, true, false, true
1 < 1.5, 1 <= 0.5, 2 > 1.5, -1 < -0.5, 1 < 0/0, 1 > 0/0, 1 == 0/0, math.maxinteger >= 0/0, 0/0 <= math.mininteger, 3 <= 3.0, 3 >= 3.0, 3 < 3.0 --> true, false, true, true, false, false, false, false, false, true, true, false
9007199254740993 < 9007199254740992.0, 9007199254740993 > 9007199254740992.0, 9007199254740993 == 9007199254740992.0, 9007199254740992 == 9007199254740992.0 --> false, true, false, true
"a" < "b", "a" < "B", "10" < "9", "" < "a", "ab" < "abc", "a\0b" < "a\0c", "a\0" < "a", "\xff" > "a", "Z" <= "Z" --> true, false, true, true, true, true, false, true, true
local t = {} return t == t, t == {}, t ~= {}, rawequal(t, t), print == print, "x" == 'x', nil == false --> true, false, true, true, true, true, false
local t <const> = {1, 2, [3] = 3, n = 4} local s = 0 for k, v in pairs(t) do s = s + v end return s --> 10
({1, 2, 3})[2], ({a = 1}).a, ("abc"):sub(2, 2), #{n = 1, 2}, ({...})[1] --> 2, 1, "b", 1, nil
local a = {} a.b = {} a.b.c = 1 a["b"]["d"] = 2 return a.b.c, a.b.d, a.b.e, a.e --> 1, 2, nil, nil
local a = {{{1}}} return a[1][1][1], #a, #a[1], a[1][1] == a[1][1] --> 1, 1, 1, true
local t = {} t[1.0] = "a" t[2^53] = "b" return t[1], t[2^53 | 0], next({[3.0] = 1}), math.type(next({[3.0] = 1})) --> "a", "b", 3, "integer"
local t = {} t[1] = "i" t["1"] = "s" t[1.5] = "f" return t[1], t["1"], t[1.5], t[1.0] --> "i", "s", "f", "i"
local t = {} t[nil] = 1 --> !?:1: table index is nil
local t = {} t[0/0] = 1 --> !?:1: table index is NaN
local t = {} return t[nil], t[0/0], t[{}], rawget(t, nil) --> nil, nil, nil, nil
local t = {[-1] = "a", [0] = "b", [1] = "c", [1 << 62] = "d", [math.mininteger] = "e"} return t[-1], t[0], t[1], t[1 << 62], t[math.mininteger], t[-2^63], t[2^62] --> "a", "b", "c", "d", "e", "e", "d"
local t = {} t[1e300] = 1 t[-1e300] = 2 t[math.huge] = 3 return t[1e300], t[-1e300], t[math.huge], t[-math.huge] --> 1, 2, 3, nil
local t = {} t[-0.0] = 1 return t[0], t[0.0], next(t) --> 1, 1, 0, 1
]====]
-- constructors with many items, at the sizes where encodings change
for _, n in ipairs { 1, 49, 50, 51, 99, 100, 101, 255, 256, 257, 511, 512, 513, 1000, 5000, 66000 } do
  local parts = {}
  for i = 1, n do parts[i] = tostring(i) end
  local t = load("return {" .. table.concat(parts, ",") .. "}")()
  T.eq(#t, n)
  T.eq(t[n], n)
  T.eq(t[(n + 1) // 2], (n + 1) // 2)
  t = load("local function f() return 'x', 'y' end return {" .. table.concat(parts, ",") .. ", f()}")()
  T.eq(#t, n + 2)
  T.eq(t[n + 2], "y")
  t = load("return {...}")(table.unpack(parts, 1, math.min(n, 5000)))
  T.eq(#t, math.min(n, 5000))
  for i = 1, n do parts[i] = "k" .. i .. "=" .. i end
  t = load("return {" .. table.concat(parts, ",") .. "}")()
  T.eq(t["k" .. n], n)
  local count = 0
  for _ in pairs(t) do count = count + 1 end
  T.eq(count, n)
end
-- many constants in one function: integers, floats, strings, used as operands and keys
local parts = { "local t = {} local a = 1.5 local x = 0" }
for i = 1, 700 do
  parts[#parts + 1] = ("t['k%d'] = %d.25 x = x + %d.5 t[%d] = a + %d"):format(i, i, i, i * 1000, i * 70000)
end
parts[#parts + 1] = "return t, x"
local t, x = load(table.concat(parts, "\n"))()
T.eq(x, 700 * 701 / 2 + 350)
for i = 1, 700 do
  T.eq(t["k" .. i], i + 0.25)
  T.eq(t[i * 1000], 1.5 + i * 70000)
end
-- long chains of operators of every precedence
for _, op in ipairs { "+", "*", "..", "and", "or", "^", "-", "//", "&", "|", "~" } do
  local f = load("return 1" .. (" " .. op .. " 1"):rep(150))
  T.ok(f, op)
  local g = load("local a = 1 return a" .. (" " .. op .. " a"):rep(150))
  T.eq(f(), g(), op)
end
T.eq(load("return " .. ("("):rep(150) .. "7" .. (")"):rep(150))(), 7)
T.eq(load("return " .. ("-"):rep(1):rep(1) .. (" -"):rep(151) .. "7")(), 7)
T.eq(load("return " .. ("not "):rep(150) .. "7")(), true)
T.done()
