-- Every construct of the language, and the forms that code generators get wrong. It is compiled, never run.
local a, b, c, d = 1, 2.5, "s"
local none
local k1 <const>, k2 <const> = 10, 20
local k3 <const> = "a constant"
local k4 <const> = k1
local nilk <const> = nil
local truek <const> = true
local up = {}

-- literals
local l = { 0, -0, 0.0, -0.0, 1e308 * 10, 0x7fffffffffffffff, 0x8000000000000000, 0xA.8p-3, .5, 5., 3e+2, 3E-2,
  9223372036854775807, 9223372036854775808, 65535, 65536, -65535, -65536, 65535.0, 65536.0, 1e15, 2^53,
  'a\a\b\f\n\r\t\v\\\"\'', "\065\10\x7f\u{7FFFFFFF}\u{800}\u{10FFFF}\z
     joined", [[
first newline is dropped]], [==[ ]] ]=] ]==], "line\
continued", nil, true, false, ..., }

-- operators on registers, constants, immediates, both sides
return function(x, y, ...)
  local t = { x + y, x + 1, 1 + x, x + 1.5, 1.5 + x, x + 128, x - 1, x - -127, x - 128, 1 - x, x * 2, 2 * x, x / 2,
    2 / x, x // 2, x % 2, 2 % x, x ^ 2, 2 ^ x, x & 1, 1 & x, x | 0xff, 1.0 | x, x ~ 1, ~x, x << 1, 1 << x, x >> 1,
    1 >> x, x << -1, x << 200, 200 << x, x .. y, x .. "s" .. y .. 1, (x .. y) .. x, -x, not x, #x, - -x, not not x,
    -k1, k1 + k2, k1 .. k3, k1 / 0, k1 // 0, k1 % 0, 0 / 0, 1 << 63, 1 << 64, 1 >> 1, 7 // -2, -7 // 2, 7 % -3,
    -7.5 % 2, 2 ^ 0.5, ~0, 5 & 3.0, 5 | "1", "10" + 5, 1 < 2, x < 1, 1 < x, x <= 1, x > 1.0, 1.0 >= x, x == 1, 1 == x,
    x == "s", "s" ~= x, x == nil, x ~= true, x == k3, x == y, x ~= y, x < 1e10, x == 1e10, x == 300, x < 300 }

  -- logic: values, conditions, nesting
  local v = x and y
  v = x or y
  v = x and y or t
  v = (x or y) and t
  v = not (x and y)
  v = not (x or y) and 1 or 2
  v = x == y and 1
  v = x == y or x < y
  v = (x and nil) or (y and false) or true
  v = nil and x or y
  v = 1 and x
  v = false or x
  v = x and 1 and y
  v = (x == 1) == (y == 2)
  v = x and (y or t) and not v
  v = f(x and y, x or y) or t[x and y] and t.z
  if x and y or v then f() elseif not x or not y then g() else h() end
  if nil then f() end
  if false then f() else g() end
  if 1 then f() end
  if not nil then f() end
  if x == nil then return end
  if (x) then end
  while nil do f() end
  while true do if x then break end end
  while not (x and y) do x = y end
  repeat x = x and y until x or y
  repeat local z = x; up.f = function() return z end until z

  -- tables
  t = {}
  t = { x }
  t = { x, y, ... }
  t = { f() }
  t = { (f()) }
  t = { f(), g() }
  t = { x = 1, ["y"] = 2, [x] = y, [1] = x, [k1] = k2, [1.5] = x, [true] = nil; x, { { } } }
  t = { [f()] = g(), h() }
  t.x, t.y = t.y, t.x
  t[x], t[y] = t[y], t[x]
  t[1], t[255], t[256], t[-1], t[1.0], t["x"], t[k3] = 1, 2, 3
  t["a key that is longer than forty characters, so not a short string"] = x
  t.a.b.c[x].d = t.e.f[1].g
  t[x == y] = x ~= y
  t[not x] = -x
  x.y, x = 1, 2
  x, x.y = 1, 2
  x[y], y, x = y, x, x[y]
  up.x, up = 1, nil
  up, up.x = nil, 1

  -- calls
  f()
  f(x)
  f(x, y, ...)
  f(g())
  f((g()))
  f(x, g(h()))
  f "s"
  f [[s]]
  f { x }
  f { x } "y" [[z]] (x)
  x:m()
  x:m "s"
  x.y:m(x, ...)
  x:m():n { }
  ("s"):rep(3)
  (x or y):m(...)
  x["a method name that is longer than forty characters, really it is"](x)
  local p, q, r = f()
  local s = f(), g()
  local u, w = (f())
  p, q = f(), g(), h()
  p, q, r = ...
  p, q = x
  local e1, e2 = ..., f()

  -- scopes
  do local x <const> = y; do local x = x; up.g = function() x = x + 1; return x end end end
  do local c <close> = x; return f(c) end
  do local c <close>, d = x, y; goto out; end
  ::out::
  for i = 1, 10 do local i = i; up[i] = function() i = i + 1 return i end end
  for i = x, y, -1 do if i == x then break end up[i] = function() return i end end
  for i = 1.0, 2 do goto continue; ::continue:: end
  for i, v in pairs(x) do up[i] = function() return v end; if v then break end end
  for i in f, x, y, t do return i end
  for a, b, c, d, e, f in x do end
  do
    local n = 0
    ::again:: n = n + 1
    local m = n
    up.h = function() return m end
    if n < 10 then goto again end
    do goto done end
    local z
    ::done::
  end

  -- functions
  local function rec(n) return n == 0 and 1 or n * rec(n - 1) end
  local function va(...) local a, b = ... return ..., select('#', ...), { ... }, (...) end
  function up.field(x) return x end
  function up.a.b.c:method(x, ...) return self, x, ... end
  function global(x) return up, x, k1, k3, truek, nilk end
  local function _(_ENV) return x, print end
  local _ENV = { print = print }
  y = print(x)
  ;;;
  return rec(5), va(1, 2), function() return function() return x, y, t, up end end
end
