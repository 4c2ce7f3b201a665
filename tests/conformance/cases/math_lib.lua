-- Manual 6.7: mathematical functions.
local T = require "harness"
T.exprs [====[
math.abs(-5), math.abs(5), math.abs(-5.5), math.abs(math.mininteger), math.abs(-0.0), math.abs("-3") --> 5, 5, 5.5, -9223372036854775808, 0.0, 3.0
math.ceil(1.2), math.ceil(-1.2), math.ceil(5), math.ceil(1e100), math.ceil(-0.5), math.ceil(2^62 + 0.0), math.floor(1.7), math.floor(-1.7), math.floor(5), math.floor(-0.0), math.floor(1e100), math.floor(math.huge) --> 2, -1, 5, 1e+100, 0, 4611686018427387904, 1, -2, 5, 0, 1e+100, inf
math.type(math.floor(2^53)), math.type(math.floor(2^63)), math.type(math.ceil(-2^63)), math.floor(-2^63), math.ceil(2^63) --> "integer", "float", "integer", -9223372036854775808, 9.223372036854776e+18
math.max(1, 2, 3), math.max(1.5, 1), math.max(-1), math.max(1, 1.0), math.max(1.0, 1), math.min(3, 1, 2), math.min(1, 0.5), math.max(math.huge, 1), math.min(0/0, 1) ~= math.min(0/0, 1) --> 3, 1.5, -1, 1, 1.0, 1, 0.5, inf, true
math.max("10", 9), math.min("x") --> !attempt to compare string with number
math.max() --> !?:1: bad argument #1 to 'max' (value expected)
math.min() --> !?:1: bad argument #1 to 'min' (value expected)
math.max({}) --> {}
math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(-7, -3), math.fmod(7.5, 2), math.fmod(-7.5, 2), math.fmod(math.mininteger, -1), math.fmod(5, math.huge), math.fmod(math.mininteger, 3) --> 1, -1, 1, -1, 1.5, -1.5, 0, 5.0, -2
math.fmod(1, 0) --> !?:1: bad argument #2 to 'fmod' (zero)
math.fmod(1, 0.0) ~= math.fmod(1, 0.0), math.fmod(1.0, 0) ~= math.fmod(1.0, 0) --> true, true
math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(math.huge), math.modf(-math.huge), math.modf(0.0), math.modf(-0.0), math.modf(1e100) --> 3, -3, 5, inf, -inf, 0, 0, 1e+100, 0.0
math.modf(3.25) --> 3, 0.25
math.modf(0/0) --> nan, nan
math.sqrt(4), math.sqrt(2), math.sqrt(0), math.sqrt(-1) ~= math.sqrt(-1), math.exp(0), math.exp(1), math.log(1), math.log(math.exp(2)), math.log(8, 2), math.log(1000, 10), math.log(27, 3), math.log(0), math.log(2, 0), math.log(100, 10.0), math.log(1024, 2.0) --> 2.0, 1.4142135623730951, 0.0, true, 1.0, 2.718281828459045, 0.0, 2.0, 3.0, 3.0, 3.0, -inf, -0.0, 2.0, 10.0
math.sin(0), math.cos(0), math.tan(0), math.asin(1), math.acos(1), math.atan(1), math.atan(1, 2), math.atan(-1, -1), math.atan(0, -1), math.atan(-0.0, -1), math.deg(math.pi), math.rad(180) --> 0.0, 1.0, 0.0, 1.5707963267948966, 0.0, 0.7853981633974483, 0.4636476090008061, -2.356194490192345, 3.141592653589793, -3.141592653589793, 180.0, 3.141592653589793
string.format("%.10f %.10f %.10f", math.sin(1), math.cos(1), math.tan(1)) --> "0.8414709848 0.5403023059 1.5574077247"
math.tointeger(5), math.tointeger(5.0), math.tointeger(5.5), math.tointeger("5"), math.tointeger({}), math.tointeger(2^63), math.tointeger(-2^63), math.tointeger(0/0), math.tointeger(math.huge) --> 5, 5, nil, 5, nil, nil, -9223372036854775808, nil, nil
math.tointeger() --> !?:1: bad argument #1 to 'tointeger' (value expected)
math.type(1), math.type(1.0), math.type("1"), math.type(nil), math.type({}), math.type(2^31) --> "integer", "float", nil, nil, nil, "float"
math.type() --> !?:1: bad argument #1 to 'type' (value expected)
math.ult(1, 2), math.ult(-1, 2), math.ult(1, -1), math.ult(2, 2), math.ult(math.maxinteger, math.mininteger), math.ult("1", 2.0) --> true, false, true, false, true, true
math.ult(1.5, 2) --> !?:1: bad argument #1 to 'ult' (number has no integer representation)
math.ult(1) --> !?:1: bad argument #2 to 'ult' (number expected, got no value)
math.pi, math.huge, math.maxinteger, math.mininteger, -math.huge --> 3.141592653589793, inf, 9223372036854775807, -9223372036854775808, -inf
math.abs() --> !?:1: bad argument #1 to 'abs' (number expected, got no value)
math.abs("x") --> !?:1: bad argument #1 to 'abs' (number expected, got string)
math.floor("x") --> !?:1: bad argument #1 to 'floor' (number expected, got string)
math.floor({}) --> !?:1: bad argument #1 to 'floor' (number expected, got table)
math.sqrt("4"), math.sqrt("0x10") --> 2.0, 4.0
math.random(0) ~= nil, math.type(math.random(0)), math.type(math.random()), math.type(math.random(10)), math.random(5, 5), math.random(1), math.random(math.mininteger, math.maxinteger) ~= nil, math.random(3.0) <= 3 --> true, "integer", "float", "integer", 5, 1, true, true
math.random(0.5) --> !?:1: bad argument #1 to 'random' (number has no integer representation)
math.random(5, 1) --> !?:1: bad argument #1 to 'random' (interval is empty)
math.random(1, 2, 3) --> !?:1: wrong number of arguments
math.random(-1) --> !?:1: bad argument #1 to 'random' (interval is empty)
math.random("x") --> !?:1: bad argument #1 to 'random' (number expected, got string)
math.random(1.5, 2) --> !?:1: bad argument #1 to 'random' (number has no integer representation)
math.randomseed(42) local a, b = math.random(1000), math.random() math.randomseed(42) return a == math.random(1000), b == math.random() --> true, true
math.randomseed(42) return math.random(1, 100), math.random(1, 100), math.random(1, 100), math.random(0) --> 50, 76, 86, -7059243630996204619
math.randomseed(123, 456) return math.random(1 << 40), math.random(-10, 10), string.format("%.17g", math.random()) --> 742559290030, 5, "0.036994645590003761"
math.randomseed(7) local t = {} for i = 1, 20 do t[i] = math.random(6) end return t --> {3, 2, 2, 6, 6, 6, 4, 1, 6, 6, 1, 1, 2, 3, 3, 2, 1, 5, 2, 1}
math.randomseed(1.0) return math.random(100) --> 30
math.randomseed("x") --> !?:1: bad argument #1 to 'randomseed' (number expected, got string)
math.randomseed(2^70) return math.random(100) --> !?:1: bad argument #1 to 'randomseed' (number has no integer representation)
math.pow, math.cosh, math.ldexp, math.log10, math.mod --> function, function, function, function, nil
math.floor(3.999999999999999999), math.ceil(-0.0), 1 / math.ceil(-0.5), 1 / math.floor(-0.0) --> 4, 0, inf, inf
7 // 0.5, 7 % 0.3, -7 // 2, -7 % 2.5, 1e15 % 7, 2^53 % 3, -2^53 % 3, 5.0 // 0, 0x7fffffffffffffff // 2, 0x7fffffffffffffff % 10 --> 14.0, 0.10000000000000026, -4, 0.5, 6.0, 2.0, 1.0, inf, 4611686018427387903, 7
1e15 // 1, 1e300 // 1e-10, -1 // 1e300, 1 % -1e300, -1 % 1e300, 3 % -2, -3 % 2, 3.5 % -2, -3.5 % 2, 0 % 5, -0.0 % 5, 0 // -5 --> 1e+15, inf, -1.0, -1e+300, 1e+300, -1, 1, -0.5, 0.5, 0, -0.0, 0
]====]
-- random stays in range and reaches both ends
math.randomseed(1)
for _, r in ipairs { { 1, 6 }, { -3, 3 }, { 0, 1 }, { 10, 10 }, { 1, 255 }, { 0, 2 }, { -128, 127 } } do
  local lo, hi, good = math.huge, -math.huge, true
  for _ = 1, 5000 do
    local v = math.random(r[1], r[2])
    good = good and math.type(v) == "integer" and v >= r[1] and v <= r[2]
    lo, hi = math.min(lo, v), math.max(hi, v)
  end
  T.ok(good and lo == r[1] and hi == r[2])
end
local sum, good = 0, true
for _ = 1, 5000 do local v = math.random() sum = sum + v good = good and v >= 0 and v < 1 end
T.ok(good and sum > 2300 and sum < 2700)
-- division and modulo agree: a == (a // b) * b + a % b, sign of the divisor, for integers and exact floats
local values = { 0, 1, -1, 2, -2, 3, 7, -7, 10, 255, -256, 1 << 40, math.maxinteger, math.mininteger, 2.5, -2.5, 0.5, 1024.0 }
for _, a in ipairs(values) do
  for _, b in ipairs(values) do
    if b ~= 0 then
      local q, r = a // b, a % b
      if math.type(a) == "integer" and math.type(b) == "integer" then
        T.eq(q * b + r, a)
        T.ok(r == 0 or (r < 0) == (b < 0))
        T.eq(math.type(q), "integer")
      elseif math.abs(a + 0.0) < 1e9 and math.abs(b + 0.0) < 1e9 then
        T.eq(q * b + r, a + 0.0)
        T.ok(r == 0 or (r < 0) == (b < 0))
      end
    end
  end
end
T.done()
