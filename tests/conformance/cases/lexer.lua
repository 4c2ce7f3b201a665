-- Manual 3.1: lexical conventions.
local T = require "harness"
T.exprs [====[
"\a\b\f\n\r\t\v\\\"\'" --> "\x07\x08\x0c\n\r\t\x0b\\\"'"
'\65\066\10\0\255' --> "AB\n\x00\xff"
"\x41\x7a\xfF" --> "Az\xff"
"\u{41}\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10FFFF}" --> "A\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf"
"\u{110000}\u{1FFFFF}\u{3FFFFFF}\u{4000000}\u{7FFFFFFF}" --> "\xf4\x90\x80\x80\xf7\xbf\xbf\xbf\xfb\xbf\xbf\xbf\xbf\xfc\x84\x80\x80\x80\x80\xfd\xbf\xbf\xbf\xbf\xbf"
"a\z     b", "a\z --> !?:1: unexpected symbol near '"ab"'
"ab\z c\z  d" --> "abcd"
"\0a\0", #"\0a\0" --> "\x00a\x00", 3
"\1234", "\0012" --> "{4", "\x012"
#"\u{0000000000000041}" --> 1
[[a]], [=[a]]b]=], [== --> !?:1: unexpected symbol near '[[a]]'
[[]], [=[]=], #[[]] --> "", "", 0
"a--b", 'it''s' --> !?:1: unexpected symbol near '"a--b"'
'\'' .. "\"" , "'" .. '"' --> "'\"", "'\""
"\q" --> !?:1: invalid escape sequence near '"\q'
"\400" --> !?:1: decimal escape too large near '"\400"'
"\256" --> !?:1: decimal escape too large near '"\256"'
"\x4" --> !?:1: hexadecimal digit expected near '"\x4"'
"\x4g" --> !?:1: hexadecimal digit expected near '"\x4g'
"\xg" --> !?:1: hexadecimal digit expected near '"\xg'
"\u{110000000}" --> !?:1: UTF-8 value too large near '"\u{110000000'
"\u{80000000}" --> !?:1: UTF-8 value too large near '"\u{80000000'
"\u41" --> !?:1: missing '{' near '"\u4'
"\u{}" --> !?:1: hexadecimal digit expected near '"\u{}'
"\u{41" --> !?:1: missing '}' near '"\u{41"'
"\u{4g}" --> !?:1: missing '}' near '"\u{4g'
"abc --> !?:1: unfinished string near <eof>
'abc --> !?:1: unfinished string near <eof>
"abc\ --> !?:1: unfinished string near <eof>
"\ --> !?:1: unfinished string near <eof>
"\300" --> !?:1: decimal escape too large near '"\300"'
"\39999" --> !?:1: decimal escape too large near '"\3999'
[[abc --> !?:1: unfinished long string (starting at line 1) near <eof>
[=[abc]] --> !?:1: unfinished long string (starting at line 1) near <eof>
[==abc --> !?:1: invalid long string delimiter near '[=='
--[[abc --> !?:1: unfinished long comment (starting at line 1) near <eof>
--[==[ x ]] ]==] return 7 --> 7
--[=[ x ]=] return 8 --> 8
return 1 --[[ inner ]] + 2 --> 3
return 1 -- [[ --> 1
return 5 --[ not long --> 5
3, 345, 0xff, 0xBEBADA --> 3, 345, 255, 12499674
3.0, 3.1416, 314.16e-2, 0.31416E1, 34e1 --> 3.0, 3.1416, 3.1416, 3.1416, 340.0
0x0.1E, 0xA23p-4, 0X1.921FB54442D18P+1 --> 0.1171875, 162.1875, 3.141592653589793
0x.8, 0x8., 0x1p4, 0x1P-1, 0x1p+4, 0xA.8p0 --> 0.5, 8.0, 16.0, 0.5, 16.0, 10.5
.5, 5., 5.e1, .5e-1, 5e+0 --> 0.5, 5.0, 50.0, 0.05, 5.0
0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff --> 9223372036854775807, -9223372036854775808, -1
0x1ffffffffffffffff, 0x123456789abcdef01, 0xfffffffffffffffff0 --> -1, 2541551405711093505, -16
9223372036854775807, 9223372036854775808, 9223372036854775806 --> 9223372036854775807, 9.223372036854776e+18, 9223372036854775806
-9223372036854775808, -9223372036854775807, math.type(-9223372036854775808) --> -9.223372036854776e+18, -9223372036854775807, "float"
18446744073709551616, 1e308, 1e309, -1e309, 1e-400, 4.9e-324, 2.5e-324 --> 1.8446744073709552e+19, 1e+308, inf, -inf, 0.0, 4.9406564584125e-324, 4.9406564584125e-324
00000000000000000000000000000000000000017, 0x00000000000000000000000000000000000ff --> 17, 255
1e5, 1E5, 1e05, 1e-0, 0e12, 0x0p100 --> 100000.0, 100000.0, 100000.0, 1.0, 0.0, 0.0
123456789012345678901234567890 --> 1.2345678901234568e+29
0.1e1000, 0x1p1023, 0x1p1024, 0x1p-1074, 0x1p-1075, 0x1.8p-1075 --> inf, 8.98846567431158e+307, inf, 4.9406564584125e-324, 0.0, 4.9406564584125e-324
3x --> !?:1: malformed number near '3x'
3..4 --> !?:1: malformed number near '3..4'
3.4.5 --> !?:1: malformed number near '3.4.5'
0x --> !?:1: malformed number near '0x'
0xg --> !?:1: malformed number near '0xg'
0x1p --> !?:1: malformed number near '0x1p'
0x1pf --> !?:1: malformed number near '0x1pf'
1e --> !?:1: malformed number near '1e'
1e+ --> !?:1: malformed number near '1e+'
1ex --> !?:1: malformed number near '1ex'
0x1.1.1 --> !?:1: malformed number near '0x1.1.1'
08, 09, 010 --> 8, 9, 10
1.2e3.4 --> !?:1: malformed number near '1.2e3.4'
3_000 --> !?:1: malformed number near '3_'
1..2 --> !?:1: malformed number near '1..2'
1 ..2 --> "12"
a.1 --> !?:1: syntax error near '.1'
local and1 = 3; return and1 --> 3
local and = 3 --> !?:1: <name> expected near 'and'
local end_ , _end, End, END = 1, 2, 3, 4 return end_, _end, End, END --> 1, 2, 3, 4
local _, __, _1, a1b2 = 1, 2, 3, 4 return _ + __ + _1 + a1b2 --> 10
local goto_ = 1 return goto_ --> 1
goto = 1 --> !?:1: <name> expected near '='
x = function() end break = 1 --> !?:1: unexpected symbol near '='
local ç = 1 --> !?:1: <name> expected near '<\195>'
return 1 $ 2 --> !?:1: <eof> expected near '$'
return 1 ? 2 --> !?:1: <eof> expected near '?'
return 1 ! 2 --> !?:1: <eof> expected near '!'
return 1 @ 2 --> !?:1: <eof> expected near '@'
return `x` --> !?:1: unexpected symbol near '`'
return #x y --> !?:1: <eof> expected near 'y'
return 1 ~ 3, ~0, 2 ~= 3 --> 2, -1, true
return 1 ~ = 2 --> !?:1: unexpected symbol near '='
return 1 = = 2 --> !?:1: <eof> expected near '='
return 7 // 2, 7 / 2, 7 >> 1, 7 << 1, 7 > 2, 7 >= 2 --> 3, 3.5, 3, 14, true, true
return ("x"):rep(3), ("x"). rep --> "xxx", function
local t = {a = {b = 1}} return t . a . b, t["a"]['b'], t [ [=[a]=] ] . b --> 1, 1, 1
return{}==nil,{}and 1 --> false, 1
local a<const> =1 return a --> 1
local a = 1; ; ; return a; --> 1
;;; -->
return; -->
return 1; --> 1
return 1; return 2 --> !?:1: <eof> expected near 'return'
return 1 return 2 --> !?:1: <eof> expected near 'return'
local x = 5 -- comment at end of chunk -->
a = 'x' .. [[ --> !?:1: unfinished long string (starting at line 1) near <eof>
return "\ --> !?:1: unfinished string near <eof>
return "a\z    " --> "a"
return '\z' --> ""
return "\065\x41\u{41}A" --> "AAAA"
]====]
-- Line ends count once, whichever of the four forms; a first newline of a long string is dropped.
for _, nl in ipairs { "\n", "\r", "\r\n", "\n\r" } do
  local f = load("return [[" .. nl .. "a" .. nl .. "b]], debug.getinfo(1, 'l').currentline")
  local s, line = f()
  T.eq(s, "a\nb")
  T.eq(line, 3)
  T.eq(load("--x" .. nl .. "return debug.getinfo(1, 'l').currentline")(), 2)
  T.eq(load("return 'a\\" .. nl .. "b'")(), "a\nb")
  T.eq(load("return 'a\\z " .. nl .. nl .. "  b'")(), "ab")
  T.eq(load(nl .. nl .. "return debug.getinfo(1, 'l').currentline")(), 3)
  T.eq(select(2, load("--[[" .. nl .. nl .. "]] x x", "=n")), "n:3: syntax error near 'x'")
  T.eq(select(2, load("x = 'a" .. nl .. "'", "=n")), "n:1: unfinished string near ''a'")
end
T.eq(load("return [[\n\nx]]")(), "\nx")
T.eq(load("return [[\r\n\r\nx]]")(), "\nx")
T.eq(load("return [==[a]=]b]==]")(), "a]=]b")
-- a chunk may hold zero bytes in strings, not elsewhere
T.eq(load("return 'a\0b'")(), "a\0b")
T.eq(load("return 1 \0", "=n"), nil)
T.eq(select(2, load("\1 = 2", "=n")), "n:1: unexpected symbol near '<\\1>'")
T.eq(select(2, load("x = \200", "=n")), "n:1: unexpected symbol near '<\\200>'")
T.eq(select(2, load("x = \127", "=n")), "n:1: unexpected symbol near '<\\127>'")
-- every escaped byte round-trips
for b = 0, 255 do
  T.eq(load(("return '\\%d'"):format(b))(), string.char(b))
  T.eq(load(("return '\\%03d9'"):format(b))(), string.char(b) .. "9")
  T.eq(load(("return '\\x%02x'"):format(b))(), string.char(b))
  T.eq(load(("return '\\x%02X'"):format(b))(), string.char(b))
  T.eq(load("return " .. ("%q"):format(string.char(b)))(), string.char(b))
end
-- long names, long strings, many line breaks
local name = ("n"):rep(5000)
T.eq(load("local " .. name .. " = 7 return " .. name)(), 7)
T.eq(#load("return '" .. ("y"):rep(100000) .. "'")(), 100000)
T.eq(#load("return [=[" .. ("]]"):rep(50000) .. "]=]")(), 100000)
T.eq(load(("\n"):rep(70000) .. "return debug.getinfo(1,'l').currentline")(), 70001)
T.eq(select(2, load("x = '" .. ("y"):rep(100), "=n")), "n:1: unfinished string near <eof>")
T.eq(select(2, load("x = [[" .. ("y"):rep(100), "=n")), "n:1: unfinished long string (starting at line 1) near <eof>")
T.eq(select(2, load("\n\n--[[\n\n", "=n")), "n:5: unfinished long comment (starting at line 3) near <eof>")
-- a first line that starts with '#' is skipped by loadfile only
T.eq(select(2, load("#!x\nreturn 1", "=n")), "n:1: unexpected symbol near '#'")
-- equal long strings of a chunk are one object
do
  local text = ("0123456789"):rep(6)
  local f = assert(load(("local a = '%s' local function f() return '%s' end return a, f(), (function() return '%s' end)()")
    :format(text, text, text)))
  local a, b, c = f()
  T.eq(a, text)
  T.eq(("%p"):format(a), ("%p"):format(b))
  T.eq(("%p"):format(a), ("%p"):format(c))
end
T.done()
