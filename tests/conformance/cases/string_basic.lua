-- Manual 6.4: the string library but patterns, format and pack.
local T = require "harness"
T.exprs [====[
("hello"):sub(2, 4), ("hello"):sub(-3), ("hello"):sub(2), ("hello"):sub(-100, 100), ("hello"):sub(4, 2), ("hello"):sub(0), ("hello"):sub(-1, -1), ("hello"):sub(10) --> "ell", "llo", "ello", "hello", "", "hello", "o", ""
("hello"):sub(math.mininteger, math.maxinteger), ("hello"):sub(math.maxinteger), ("x"):sub(1, -2), (""):sub(1, 1), ("abc"):sub(2.0, "3") --> "hello", "", "", "", "bc"
("x"):sub() --> !?:1: bad argument #1 to 'sub' (number expected, got no value)
("x"):sub({}) --> !?:1: bad argument #1 to 'sub' (number expected, got table)
("x"):sub(1.5) --> !?:1: bad argument #1 to 'sub' (number has no integer representation)
string.sub() --> !?:1: bad argument #1 to 'sub' (string expected, got no value)
string.sub(123, 2), string.sub(1.5, 1, 1) --> "23", "1"
("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(1, -1), ("abc"):byte(10), ("abc"):byte(0), (""):byte(), ("abc"):byte(2, 1) --> 97, 98, 99, 97, nil, nil, nil
select("#", ("abc"):byte(10)), select("#", ("abc"):byte(0, 100)), ("\0\255"):byte(1, 2) --> 0, 3, 0, 255
string.char(), string.char(72, 105), string.char(0, 255), string.char("65") --> "", "Hi", "\x00\xff", "A"
string.char(256) --> !?:1: bad argument #1 to 'char' (value out of range)
string.char(-1) --> !?:1: bad argument #1 to 'char' (value out of range)
string.char(65, {}) --> !?:1: bad argument #2 to 'char' (number expected, got table)
string.char(65.5) --> !?:1: bad argument #1 to 'char' (number has no integer representation)
("abc"):rep(3), ("abc"):rep(0), ("abc"):rep(-1), ("abc"):rep(2, "-"), ("abc"):rep(1, "-"), (""):rep(100), (""):rep(3, ","), ("a"):rep(3, "") --> "abcabcabc", "", "", "abc-abc", "abc", "", ",,", "aaa"
("x"):rep(1 << 62) --> !?:1: resulting string too large
("x"):rep(math.maxinteger) --> !?:1: resulting string too large
("ab"):rep(math.maxinteger // 2 + 1) --> !?:1: resulting string too large
("x"):rep() --> !?:1: bad argument #1 to 'rep' (number expected, got no value)
("x"):rep("y") --> !?:1: bad argument #1 to 'rep' (number expected, got string)
(""):rep(1 << 20), ("x"):rep(math.mininteger) --> "", ""
("aBc1"):upper(), ("aBc1"):lower(), ("abc"):reverse(), (""):reverse(), ("a\0b"):reverse(), ("abc"):len(), ("a\0b"):len(), string.len(12.5) --> "ABC1", "abc1", "cba", "", "b\x00a", 3, 3, 4
("é"):upper(), ("\xc0"):lower() --> "\xc3\xa9", "\xc0"
string.len() --> !?:1: bad argument #1 to 'len' (string expected, got no value)
string.len({}) --> !?:1: bad argument #1 to 'len' (string expected, got table)
string.upper(nil) --> !?:1: bad argument #1 to 'upper' (string expected, got nil)
string.reverse(true) --> !?:1: bad argument #1 to 'reverse' (string expected, got boolean)
string.format("%s %s", 1, 2.0), #string.format("%s", ("x"):rep(500)) --> "1 2.0", 500
"abc" .. 5 == "abc5", ("x"):rep(3) == "xxx", ("%d"):rep(2, " "):format(1, 2) --> true, true, "1 2"
string.len(string.dump(function() end)) > 10, type(string.dump(print == nil and print or function() return 1 end)), load(string.dump(function() return 42 end))() --> true, "string", 42
string.dump(print) --> !?:1: unable to dump given function
string.dump(5) --> !?:1: bad argument #1 to 'dump' (function expected, got number)
load(string.dump(function(a, b) return a + b, "s", 1.5, nil, true end))(1, 2) --> 3, "s", 1.5, nil, true
load(string.dump(function(...) local t = {...} return #t, ... end, true))(7, 8) --> 2, 7, 8
load(string.dump(load("local a = 1 return function() return a end")))()() --> 1
load(string.dump(function() return x end), "n", "b", {x = 9})() --> 9
load(string.dump(function() return 1 end), "n", "t") --> nil, "attempt to load a binary chunk (mode is 't')"
load("return 1", "n", "b") --> nil, "attempt to load a text chunk (mode is 'b')"
load(string.dump(function() error("E") end), "=other")() --> !?:1: E
pcall(load(string.dump(function() local x x() end, true))) --> false, "?:-1: attempt to call a nil value"
pcall(load(string.dump(load("local function f() error('E') end f()", "=src"), true))) --> false, "E"
pcall(load(string.dump(load("local t = {} t.x.y = 1", "=src"), true))) --> false, "?:-1: attempt to index a nil value (field 'x')"
load(string.dump(load("local u1, u2 = 5, 6 return function() return u1, u2 end")()))() --> _G, nil
("a,b,c"):find(","), ("a.b"):find("."), ("a.b"):find(".", 1, true), ("a.b"):find("%."), ("abc"):find("x"), ("abc"):find(""), ("abc"):find("", 4), ("abc"):find("", 5), ("abc"):find("", -10), ("abc"):find("c", -1), ("abc"):find("a", -1) --> 2, 1, 2, 2, nil, 1, 4, nil, 1, 3, nil
("a+b"):find("+", 1, true), ("a\0b"):find("\0"), ("a\0b\0c"):find("\0", 3, true), ("aXbX"):find("X", 3), ("abc"):find("b", 2.0), ("abc"):find("b", "2"), ("abc"):find("bc", 2, 5) --> 2, 2, 4, 4, 2, 2, 2, 3
("hello world"):find("o w"), ("hello world"):find("(o)( )"), ("hello"):find("l+"), ("hello"):find("xyz*"), (""):find(""), (""):find("", 2), ("abc"):find("abc"), ("abc"):find("abcd") --> 5, 5, 3, nil, 1, nil, 1, nil
("x"):find() --> !?:1: bad argument #1 to 'find' (string expected, got no value)
("x"):find({}) --> !?:1: bad argument #1 to 'find' (string expected, got table)
("x"):find("x", {}) --> !?:1: bad argument #2 to 'find' (number expected, got table)
table.concat({("a b"):byte(1, -1)}, ","), ("%5s|%-5s|"):format("a", "b"), tostring(12):rep(2) --> "97,32,98", "    a|b    |", "1212"
("x"):bad() --> !?:1: attempt to call a nil value (method 'bad')
#string.rep("ab", 1000, ","), string.rep("ab", 3, ", ") --> 2999, "ab, ab, ab"
"a" < "b", "a" .. "b" < "ac", "\0" < "\1", ("a"):rep(300) < ("a"):rep(301), ("a"):rep(300) .. "b" > ("a"):rep(300) .. "a" --> true, true, true, true, true
]====]
-- sub and byte against a model
local s = "abcdefgh"
for i = -10, 10 do
  for j = -10, 10 do
    local a, b = i, j
    if a < 0 then a = math.max(#s + a + 1, 1) elseif a == 0 then a = 1 end
    if b < 0 then b = #s + b + 1 elseif b > #s then b = #s end
    local want = {}
    for k = a, b do want[#want + 1] = string.char(96 + k) end
    T.eq(s:sub(i, j), table.concat(want))
    T.eq(select("#", s:byte(i, j)), #want)
  end
end
-- strings of every length around the limits of short and long, built several ways, are equal and work as keys
local t = {}
for n = 0, 130 do
  local a, b, c = ("k"):rep(n), "", {}
  for i = 1, n do b = b .. "k" c[i] = "k" end
  c = table.concat(c)
  T.ok(a == b and b == c and not (a ~= b))
  t[a] = n
  T.eq(t[b], n)
  t[c] = n + 1
  T.eq(t[a], n + 1)
  T.eq(a < b, false)
  T.eq(a <= b, true)
  T.eq(("x" .. a):sub(2), a)
  T.eq(#(a .. "\0" .. b), 2 * n + 1)
end
T.done()
