-- Manual 3.4.3 and 6.4: numbers as strings, strings as numbers.
local T = require "harness"
T.exprs [====[
tostring(0), tostring(-0), tostring(0.0), tostring(-0.0) --> "0", "0", "0.0", "-0.0"
tostring(1), tostring(1.0), tostring(-1.5), tostring(1e15), tostring(1e16), tostring(1e100) --> "1", "1.0", "-1.5", "1e+15", "1e+16", "1e+100"
tostring(1e14), tostring(123456789012345.0), tostring(1234567890123456.0), tostring(0.1), tostring(1/3) --> "1e+14", "1.2345678901234e+14", "1.2345678901235e+15", "0.1", "0.33333333333333"
tostring(3.14159265358979), tostring(100000000000000), tostring(1e300*1e10), tostring(-1e300*1e10) --> "3.1415926535898", "100000000000000", "inf", "-inf"
tostring(2^53), tostring(2^63), tostring(-2^63), tostring(2^31), tostring(2^24) --> "9.007199254741e+15", "9.2233720368548e+18", "-9.2233720368548e+18", "2147483648.0", "16777216.0"
tostring(1e-5), tostring(0.0001), tostring(1e-300), tostring(5e-324), tostring(123.456e-10) --> "1e-05", "0.0001", "1e-300", "4.9406564584125e-324", "1.23456e-08"
tostring(math.maxinteger), tostring(math.mininteger), tostring(math.pi), tostring(math.huge), tostring(-math.huge) --> "9223372036854775807", "-9223372036854775808", "3.1415926535898", "inf", "-inf"
1 .. "", 1.0 .. "", -0.0 .. "", 2^63 .. "", 1e100 .. "", (2^53) .. "x" --> "1", "1.0", "-0.0", "9.2233720368548e+18", "1e+100", "9.007199254741e+15x"
"10" + 5, "10" * "2", "3.0" + 1, "0x10" + 0, " 10 " + 1, "1e1" + 0 --> 15, 20, 4.0, 16, 11, 10.0
"10" // "3", "10" % "3", "10" / "2", "2" ^ "3", -"2", -"2.0", - " 0x10 " --> 3, 1, 5.0, 8.0, -2, -2.0, -16
"10" | 1, "0xff" & 15, ~"0", "1" << "4", "3.0" | 0, "7" ~ "2" --> !?:1: attempt to perform bitwise operation on a string value (constant '10')
"3.5" | 0 --> !?:1: attempt to perform bitwise operation on a string value (constant '3.5')
"abc" | 0 --> !?:1: attempt to perform bitwise operation on a string value (constant 'abc')
"abc" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"" + 1 --> !?:1: attempt to add a 'string' with a 'number'
" " + 1 --> !?:1: attempt to add a 'string' with a 'number'
"1 2" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"0x" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"1e" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"nan" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"inf" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"1\0" + 1 --> !?:1: attempt to add a 'string' with a 'number'
"1" + {} --> !?:1: attempt to add a 'string' with a 'table'
{} + "1" --> !?:1: attempt to add a 'table' with a 'string'
"a" .. {} --> !?:1: attempt to concatenate a table value
1 .. nil --> !?:1: attempt to concatenate a nil value
"a" < 1 --> !?:1: attempt to compare string with number
"1" < 2 --> !?:1: attempt to compare string with number
"1" == 1, 1 == 1.0, "1" == "1.0", 0 == -0, 0.0 == -0.0 --> false, true, false, true, true
"9223372036854775807" + 0, "9223372036854775808" + 0, "-9223372036854775808" + 0, "-9223372036854775809" + 0 --> 9223372036854775807, 9.223372036854776e+18, -9223372036854775808, -9.223372036854776e+18
"0xffffffffffffffff" + 0, "0x7fffffffffffffff" + 1, "-0x8000000000000000" + 0, "0x1p4" + 0, "0x.1" + 0 --> -1, -9223372036854775808, -9223372036854775808, 16.0, 0.0625
tonumber("10"), tonumber("10.0"), tonumber("  10  "), tonumber("\t\n\v\f\r 10 \t\n\v\f\r"), tonumber("+5"), tonumber("-5"), tonumber("- 5"), tonumber("+-5"), tonumber("--5") --> 10, 10.0, 10, 10, 5, -5, nil, nil, nil
tonumber(""), tonumber(" "), tonumber("x"), tonumber("1x"), tonumber("1 x"), tonumber("0x"), tonumber("0xg"), tonumber("1e"), tonumber("1e+"), tonumber("."), tonumber("e1"), tonumber("-") --> nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
tonumber(".5"), tonumber("5."), tonumber("5.e1"), tonumber("0x.8"), tonumber("0x8."), tonumber("0xA.8p1"), tonumber("0x1P-2"), tonumber("-0x10"), tonumber("+0x10"), tonumber("0X1F") --> 0.5, 5.0, 50.0, 0.5, 8.0, 21.0, 0.25, -16, 16, 31
tonumber("inf"), tonumber("nan"), tonumber("infinity"), tonumber("INF"), tonumber("-inf"), tonumber("0x1p"), tonumber("1e1.5"), tonumber("1,5"), tonumber("1_0"), tonumber("1e5000"), tonumber("-1e5000") --> nil, nil, nil, nil, nil, nil, nil, nil, nil, inf, -inf
tonumber("1\0"), tonumber("\0001"), tonumber("1 \0"), tonumber("0x1e+1"), tonumber("0x1e"), tonumber("1e+1"), tonumber("1E-1") --> nil, nil, nil, nil, 30, 10.0, 0.1
tonumber(nil) --> nil
tonumber() --> !?:1: bad argument #1 to 'tonumber' (value expected)
tonumber({}), tonumber(true), tonumber(print), tonumber(12), tonumber(1.5) --> nil, nil, nil, 12, 1.5
tonumber("10", 2), tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("ZZ", 36), tonumber("7", 8), tonumber("8", 8), tonumber("-ff", 16), tonumber("- ff", 16), tonumber(" 11 ", 2), tonumber("+11", 2) --> 2, 255, 255, 1295, 1295, 7, nil, -255, nil, 3, 3
tonumber("1e1", 10), tonumber("1.0", 10), tonumber("0x10", 16), tonumber("", 10), tonumber(" ", 10), tonumber("1 1", 10), tonumber("9", 10), tonumber("a", 10), tonumber("a", 11) --> nil, nil, nil, nil, nil, nil, 9, nil, 10
tonumber("7fffffffffffffff", 16), tonumber("ffffffffffffffff", 16), tonumber("10000000000000000", 16), tonumber("1111111111111111111111111111111111111111111111111111111111111111", 2) --> 9223372036854775807, -1, 0, -1
tonumber("10", 1) --> !?:1: bad argument #2 to 'tonumber' (base out of range)
tonumber("10", 37) --> !?:1: bad argument #2 to 'tonumber' (base out of range)
tonumber("10", 0) --> !?:1: bad argument #2 to 'tonumber' (base out of range)
tonumber("10", -2) --> !?:1: bad argument #2 to 'tonumber' (base out of range)
tonumber(10, 10) --> !?:1: bad argument #1 to 'tonumber' (string expected, got number)
tonumber({}, 10) --> !?:1: bad argument #1 to 'tonumber' (string expected, got table)
tonumber("10", "x") --> !?:1: bad argument #2 to 'tonumber' (number expected, got string)
tonumber("10", "10"), tonumber("10", 10.0) --> 10, 10
tonumber("10", 10.5) --> !?:1: bad argument #2 to 'tonumber' (number has no integer representation)
tonumber("10", nil), tonumber("0x10", nil) --> 10, 16
math.type(tonumber("1")), math.type(tonumber("1.0")), math.type(tonumber("1e0")), math.type(tonumber("0x1")), math.type(tonumber("0x1p0")), math.type(tonumber("9223372036854775808")) --> "integer", "float", "float", "integer", "float", "float"
math.type("1" + 1), math.type("1.0" + 1), math.type("1" * 1.0), math.type("0x1" // 1), math.type("10" / "5") --> "integer", "float", "float", "integer", "float"
tonumber("0x" .. ("f"):rep(30)), tonumber("0x" .. ("0"):rep(50) .. "7"), tonumber(("0"):rep(250) .. "1"), tonumber("0." .. ("0"):rep(150) .. "1") --> -1, 7, 1, 1e-151
tonumber("1" .. ("0"):rep(150)), tonumber("1" .. ("0"):rep(300)), tonumber("0x1" .. ("0"):rep(30) .. ".8"), tonumber("0x0." .. ("0"):rep(30) .. "8p124") --> 1e+150, 1e+300, 1.329227995784916e+36, 8.0
string.format("%d", "10"), string.format("%d", 3.0), string.format("%d", "3.0") --> "10", "3", "3"
string.format("%d", 3.5) --> !?:1: bad argument #2 to 'format' (number has no integer representation)
string.format("%d", "3.5") --> !?:1: bad argument #2 to 'format' (number has no integer representation)
string.rep("a", "3"), ("x"):rep(2.0) --> "aaa", "xx"
("x"):rep(2.5) --> !?:1: bad argument #1 to 'rep' (number has no integer representation)
("x"):rep("2.5") --> !?:1: bad argument #1 to 'rep' (number has no integer representation)
math.floor("3.7"), math.tointeger(3.0), math.tointeger("3"), math.tointeger(3.5), math.tointeger("x"), math.tointeger({}) --> 3, 3, 3, nil, nil, nil
#"abc" + "1", -"0x10", -"1e1", "0x10" * 1.0 --> 4, -16, -10.0, 16.0
10 == "10", 10 ~= "10", "abc" < "abd", "Z" < "a", "" < "a", "a" < "a\0", "a\0b" < "a\0c", "a\0" > "a" --> false, true, true, true, true, true, true, true
1e15, 1e16, 123456.789e3, 0.1 + 0.2, 1e21, 12345678901234567890 --> 1e+15, 1e+16, 123456789.0, 0.30000000000000004, 1e+21, 1.2345678901234567e+19
2^1023 * 2, -(2^1023 * 2), 0/0 ~= 0/0 --> inf, -inf, true
tostring(3) == "3", tostring(3.0) == "3.0", 3 | 0, 3.0 | 0, 2^53 | 0, -2^63 | 0 --> true, true, 3, 3, 9007199254740992, -9223372036854775808
2^63 | 0 --> !?:1: number has no integer representation
1e100 | 0 --> !?:1: number has no integer representation
0/0 | 0 --> !?:1: number has no integer representation
1/0 | 0 --> !?:1: number has no integer representation
1.5 | 0 --> !?:1: number has no integer representation
"2^53" | 0 --> !?:1: attempt to perform bitwise operation on a string value (constant '2^53')
1 < "x" --> !?:1: attempt to compare number with string
{} < {} --> !?:1: attempt to compare two table values
{} < 1 --> !?:1: attempt to compare table with number
nil < nil --> !?:1: attempt to compare two nil values
nil < 1 --> !?:1: attempt to compare nil with number
true < false --> !?:1: attempt to compare two boolean values
print < print --> !?:1: attempt to compare two function values
"a" <= {} --> !?:1: attempt to compare string with table
("10" + 0) == 10, ("0x10" == 16), 16 == tonumber("0x10") --> true, false, true
string.format("%.14g", 2^53), string.format("%.17g", 0.1), string.format("%.3f", 2/3), string.format("%5.1f|%-8.2e|%g", 3.14159, 12345.678, 1e20) --> "9.007199254741e+15", "0.10000000000000001", "0.667", "  3.1|1.23e+04|1e+20"
0x7fffffffffffffff + 1 == math.mininteger, math.mininteger - 1 == math.maxinteger, math.maxinteger * 2, math.mininteger * -1 --> true, true, -2, -9223372036854775808
1e308 + 1e308, -1e308 - 1e308, 5 // 0.0, -5 // 0.0, 0.0 / 0.0 ~= 0.0 / 0.0, 5 % math.huge, -5 % math.huge, 5 % -math.huge, -5 % -math.huge --> inf, -inf, inf, -inf, true, 5.0, inf, -inf, -5.0
]====]
-- tostring and tonumber are inverse on integers and, with %.17g, on floats
local x = 88172645463325252
local function rnd() x = x ~ (x << 13) x = x ~ (x >> 7) x = x ~ (x << 17) return x end
for _ = 1, 500 do
  local i = rnd() >> (rnd() & 63)
  if rnd() & 1 == 0 then i = -i end
  T.eq(tonumber(tostring(i)), i)
  T.eq(tonumber(("0x%x"):format(i)), i)
  T.eq(math.tointeger(tostring(i)), nil == math.tointeger("1") and nil or i)
  local f = string.unpack("<d", string.pack("<j", rnd()))
  if f == f and f ~= 1/0 and f ~= -1/0 then
    T.eq(tonumber(("%.17g"):format(f)) + 0.0, f)
    T.eq(tonumber(("%a"):format(f)), f)
    T.eq(load("return " .. ("%q"):format(f))(), f)
  end
end
T.done()
