-- Manual 6.4: string.format.
local T = require "harness"
T.exprs [====[
("%d"):format(5), ("%5d"):format(5), ("%-5d|"):format(5), ("%05d"):format(5), ("%+d"):format(5), ("% d"):format(5), ("%.3d"):format(5), ("%5.3d"):format(5), ("%+05d"):format(-5), ("%d"):format(math.mininteger), ("%i"):format(7) --> "5", "    5", "5    |", "00005", "+5", " 5", "005", "  005", "-0005", "-9223372036854775808", "7"
("%x"):format(255), ("%X"):format(255), ("%#x"):format(255), ("%08x"):format(255), ("%x"):format(-1), ("%o"):format(8), ("%#o"):format(8), ("%u"):find("u"), ("%-8x|"):format(255), ("%.4x"):format(10) --> "ff", "FF", "0xff", "000000ff", "ffffffffffffffff", "10", "010", 2, "ff      |", "000a"
("%u"):format(5) --> "5"
("%c"):format(65), ("%c%c"):format(0, 255), ("%5c|"):format(65), ("%-5c|"):format(65) --> "A", "\x00\xff", "    A|", "A    |"
("%f"):format(1.5), ("%.2f"):format(1.005), ("%10.3f|"):format(math.pi), ("%-10.3f|"):format(math.pi), ("%+.1f"):format(2.25), ("%.0f"):format(2.5), ("%#.0f"):format(2), ("%010.2f"):format(-3.14159), ("% f"):format(1) --> "1.500000", "1.00", "     3.142|", "3.142     |", "+2.2", "2", "2.", "-000003.14", " 1.000000"
("%e"):format(12345.678), ("%.2e"):format(12345.678), ("%E"):format(0.00012), ("%g"):format(1e20), ("%g"):format(0.0001), ("%g"):format(100000), ("%g"):format(1000000), ("%G"):format(1e-10), ("%.3g"):format(1234), ("%#g"):format(1), ("%.14g"):format(0.1), ("%.17g"):format(0.1), ("%.99f"):format(1/3) --> "1.234568e+04", "1.23e+04", "1.200000E-04", "1e+20", "0.0001", "100000", "1e+06", "1E-10", "1.23e+03", "1.00000", "0.1", "0.10000000000000001", "0.333333333333333314829616256247390992939472198486328125000000000000000000000000000000000000000000000"
("%a"):format(1), ("%a"):format(0.5), ("%A"):format(255.5), ("%.2a"):format(1.999), ("%a"):format(0), ("%a"):format(-0.0), ("%a"):format(math.huge), ("%a"):format(-math.huge), ("%10a|"):format(1) --> "0x1p+0", "0x1p-1", "0X1.FFP+7", "0x2.00p+0", "0x0p+0", "-0x0p+0", "inf", "-inf", "    0x1p+0|"
("%f"):format(math.huge), ("%f"):format(-math.huge), ("%5.1f"):format(math.huge), ("%d"):format(3.0), ("%d"):format("10"), ("%f"):format("1.5"), ("%f"):format(3), ("%g"):format(2^63), ("%.20f"):format(0.5) --> "inf", "-inf", "  inf", "3", "10", "1.500000", "3.000000", "9.22337e+18", "0.50000000000000000000"
("%s"):format("x"), ("%5s|"):format("x"), ("%-5s|"):format("x"), ("%.2s"):format("xyz"), ("%5.1s|"):format("xyz"), ("%s"):format(nil), ("%s"):format(true), ("%s"):format(1.0), ("%s"):format(1), ("%.0s"):format("x"), ("%.20s"):format("short"), ("%s"):format("a\0b") --> "x", "    x|", "x    |", "xy", "    x|", "nil", "true", "1.0", "1", "", "short", "a\x00b"
("%10s|"):format("a\0b") --> !?:1: bad argument #1 to 'format' (string contains zeros)
("%.3s"):format("a\0bcd") --> !?:1: bad argument #1 to 'format' (string contains zeros)
("%s"):format(setmetatable({}, {__tostring = function() return "ts" end})), ("%5.1s|"):format(setmetatable({}, {__tostring = function() return "ts" end})), ("%s"):format(setmetatable({}, {__name = "NM"})):match("^NM: ") --> "ts", "    t|", "NM: "
("%s"):format(setmetatable({}, {__tostring = function() return 1 end})) --> "1"
("%q"):format("x"), ("%q"):format('a"b\\c\nd\0e\r\t'), ("%q"):format("\0001"), ("%q"):format("é"), ("%q"):format(5), ("%q"):format(1.5), ("%q"):format(0.1), ("%q"):format(math.mininteger), ("%q"):format(math.huge), ("%q"):format(-math.huge), ("%q"):format(0/0), ("%q"):format(true), ("%q"):format(nil), ("%q"):format(false), ("%q"):format(1e100), ("%q"):format(2.0) --> "\"x\"", "\"a\\\"b\\\\c\\\nd\\0e\\13\\9\"", "\"\\0001\"", "\"\xc3\xa9\"", "5", "0x1.8p+0", "0x1.999999999999ap-4", "0x8000000000000000", "1e9999", "-1e9999", "(0/0)", "true", "nil", "false", "0x1.249ad2594c37dp+332", "0x1p+1"
("%q"):format({}) --> !?:1: bad argument #1 to 'format' (value has no literal form)
("%q"):format(print) --> !?:1: bad argument #1 to 'format' (value has no literal form)
("%5q"):format("x") --> !?:1: specifier '%q' cannot have modifiers
("%-q"):format("x") --> !?:1: specifier '%q' cannot have modifiers
("%.3q"):format("x") --> !?:1: specifier '%q' cannot have modifiers
("%%"):format(), ("100%%"):format(), ("%d%%"):format(50), ("%5%"):len() > 0 --> "%", "100%", "50%", true
("%5%"):format() --> !?:1: bad argument #1 to 'format' (no value)
("%d"):format() --> !?:1: bad argument #1 to 'format' (no value)
("%d"):format("x") --> !?:1: bad argument #1 to 'format' (number expected, got string)
("%d"):format(1.5) --> !?:1: bad argument #1 to 'format' (number has no integer representation)
("%d"):format("1.5") --> !?:1: bad argument #1 to 'format' (number has no integer representation)
("%d"):format({}) --> !?:1: bad argument #1 to 'format' (number expected, got table)
("%d"):format(2^63) --> !?:1: bad argument #1 to 'format' (number has no integer representation)
("%s"):format() --> !?:1: bad argument #1 to 'format' (no value)
("%c"):format("x") --> !?:1: bad argument #1 to 'format' (number expected, got string)
("%f"):format("x") --> !?:1: bad argument #1 to 'format' (number expected, got string)
("%f"):format({}) --> !?:1: bad argument #1 to 'format' (number expected, got table)
("%x"):format(1.5) --> !?:1: bad argument #1 to 'format' (number has no integer representation)
("%"):format() --> !?:1: bad argument #1 to 'format' (no value)
("%y"):format(1) --> !?:1: invalid conversion '%y' to 'format'
("%10"):format(1) --> !?:1: invalid conversion '%10' to 'format'
("%.d"):format(5), ("%5.d|"):format(5), ("%.f"):format(5.5) --> "5", "    5|", "6"
("%100d"):format(1) --> !?:1: invalid conversion specification: '%100d'
("%.100d"):format(1) --> !?:1: invalid conversion specification: '%.100d'
("%99d"):format(1) == (" "):rep(98) .. "1", #("%.99f"):format(1), #("%99.99f"):format(1e308), #("%-99s|"):format("x") --> true, 101, 409, 100
("%#s"):format("x") --> !?:1: invalid conversion specification: '%#s'
("%+s"):format("x") --> !?:1: invalid conversion specification: '%+s'
("% s"):format("x") --> !?:1: invalid conversion specification: '% s'
("%0s"):format("x") --> !?:1: invalid conversion specification: '%0s'
("%#d"):format(1) --> !?:1: invalid conversion specification: '%#d'
("%+x"):format(1) --> !?:1: invalid conversion specification: '%+x'
("%0c"):format(65) --> !?:1: invalid conversion specification: '%0c'
("%#i"):format(1) --> !?:1: invalid conversion specification: '%#i'
("%--5d|"):format(1) --> "1    |"
("%-+ #0-5d"):format(1) --> !?:1: invalid conversion specification: '%-+ #0-5d'
("%1$d"):format(1) --> !?:1: invalid conversion '%1$' to 'format'
("%ld"):format(1) --> !?:1: invalid conversion '%l' to 'format'
("%*d"):format(5, 1) --> !?:1: invalid conversion '%*' to 'format'
("%s %s"):format(1) --> !?:1: bad argument #2 to 'format' (no value)
("%s"):format(1, 2, 3), (""):format(1), ("no args"):format() --> "1", "", "no args"
("%p"):format(1), ("%p"):format(nil), ("%p"):format(true), ("%p"):format({}) ~= ("%p"):format({}), ("%p"):format(print) == ("%p"):format(print), ("%10p|"):format(5), ("%p"):format("short") == ("%p"):format("short"), ("%-10p|"):format(1.5), ("%p"):format(coroutine.create(print)) ~= nil --> "(null)", "(null)", "(null)", true, true, "    (null)|", true, "(null)    |", true
("%.5p"):format({}) --> !?:1: invalid conversion specification: '%.5p'
("%s|%10.4f|%-6d|%x|%c|%q"):format("str", 3.14159, 42, 255, 65, "q") --> "str|    3.1416|42    |ff|A|\"q\""
("%5s%5s%5s"):format("a", "b", "c"), ("%s%s%s"):format(1, nil, {} ~= nil), ("%i"):format(-0), ("%.3f"):format(-0.0) --> "    a    b    c", "1niltrue", "0", "-0.000"
string.format(), 1 --> !?:1: bad argument #1 to 'format' (string expected, got no value)
string.format({}) --> !?:1: bad argument #1 to 'format' (string expected, got table)
string.format("%s", ("x"):rep(10000)) == ("x"):rep(10000), string.format("%-10000s", "x") --> !?:1: invalid conversion specification: '%-10000s'
string.format(5), string.format(1.5, 2) --> "5", "1.5"
("%5.2s|%.0f|%5.0f|%-8.3e|"):format("abc", 0.5, 1.5, 1234.5) --> "   ab|0|    2|1.234e+03|"
]====]
-- %d, %x, %o against arithmetic
for _, v in ipairs { 0, 1, 7, 8, 255, 256, 65535, 1 << 31, (1 << 53) + 1, math.maxinteger } do
  local function base(n, b)
    local s = ""
    repeat s = ("0123456789abcdef"):sub(n % b + 1, n % b + 1) .. s n = n // b until n == 0
    return s
  end
  T.eq(("%d"):format(v), base(v, 10))
  T.eq(("%x"):format(v), base(v, 16))
  T.eq(("%o"):format(v), base(v, 8))
  T.eq(("%X"):format(v), base(v, 16):upper())
  T.eq(("%d"):format(-v), v == 0 and "0" or "-" .. base(v, 10))
  for width = 1, 30, 3 do
    T.eq(("%" .. width .. "d"):format(v), (" "):rep(width - #base(v, 10)) .. base(v, 10))
    T.eq(("%-" .. width .. "d"):format(v), base(v, 10) .. (" "):rep(width - #base(v, 10)))
    T.eq(("%0" .. width .. "d"):format(v), ("0"):rep(width - #base(v, 10)) .. base(v, 10))
    T.eq(("%." .. width .. "d"):format(v), ("0"):rep(width - #base(v, 10)) .. base(v, 10))
  end
end
for width = 1, 40, 3 do
  for _, s in ipairs { "", "a", "hello world", ("x"):rep(39) } do
    T.eq(("%" .. width .. "s"):format(s), (" "):rep(width - #s) .. s)
    T.eq(("%-" .. width .. "s"):format(s), s .. (" "):rep(width - #s))
    T.eq(("%." .. width .. "s"):format(s), s:sub(1, width))
  end
end
T.done()
