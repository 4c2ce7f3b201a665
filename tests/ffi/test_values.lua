-- Values: conversions, arrays, records, pointers, 64-bit numbers, metatypes, finalizers, memory.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local case, eq, fails = check.case, check.eq, check.fails

case("numbers into C types", function()
  local a = ffi.new "int8_t[1]"
  for _, v in ipairs { { 127, 127 }, { 128, -128 }, { -1.9, -1 }, { 1e10, 0 }, { true, 1 }, { 300, 44 } } do
    a[0] = v[1]
    eq(a[0], v[2], tostring(v[1]))
  end
  local b = ffi.new "bool[1]"
  b[0] = 2
  eq(b[0], true)
  b[0] = 0.0
  eq(b[0], false)
  local f = ffi.new "float[1]"
  f[0] = 0.1
  eq(f[0], 0.10000000149011612)
  f[0] = 3
  eq(f[0], 3.0)
  local u = ffi.new "uint64_t[1]"
  u[0] = -1
  eq(tostring(u[0]), "18446744073709551615ULL")
  u[0] = 2.0 ^ 63
  eq(tostring(u[0]), "9223372036854775808ULL")
  u[0] = 7
  eq(u[0], 7)
  local i = ffi.new "int64_t[1]"
  i[0] = math.mininteger
  eq(i[0], math.mininteger)
  local l = ffi.new "long double[1]"
  l[0] = 0.5
  eq(l[0], 0.5)
end)

case("strict", function()
  eq(ffi.strict(true), false)
  local a, u, b = ffi.new "int[1]", ffi.new "uint8_t[1]", ffi.new "struct { unsigned x : 3; int y : 3; }"
  local ok, err = pcall(function()
    for _, v in ipairs { 1.5, 0 / 0, 2 ^ 40, 1 << 40, -2147483649, math.huge } do
      fails({ "does not fit", "'int'", "number" }, function() a[0] = v end)
    end
    a[0] = 2147483647
    a[0] = 3.0
    eq(a[0], 3)
    fails({ "256", "does not fit", "unsigned char" }, function() u[0] = 256 end)
    fails("does not fit", function() u[0] = -1 end)
    fails("does not fit", function() b.x = 8 end)
    fails("does not fit", function() b.y = 4 end)
    b.y = -4
    eq(b.y, -4)
    ffi.cdef "int abs(int);"
    fails({ "abs", "#1", "1.5" }, ffi.C.abs, 1.5)
    fails({ "abs", "#1", "1099511627776" }, ffi.C.abs, 1 << 40)
    eq(ffi.C.abs(-3), 3)
    eq(ffi.tonumber(ffi.cast("int", 1.5)), 1)
  end)
  eq(ffi.strict(false), true)
  if not ok then error(err) end
end)

case("arrays", function()
  local a = ffi.new("int[4]", { 1, 2, 3, 4 })
  eq(a[3], 4)
  a[0] = 10
  eq(a[0], 10)
  eq(ffi.sizeof(a), 16)
  local z = ffi.new("int[3]", { [0] = 7, 8, 9 })
  eq(z[0] * 100 + z[1] * 10 + z[2], 789)
  local r = ffi.new("int[3]", 5)
  eq(r[2], 5)
  r = ffi.new("int[3]", { 6 })
  eq(r[2], 6)
  r = ffi.new("int[3]", 1, 2)
  eq(r[2], 0)
  local m = ffi.new("int[2][3]", { { 1, 2, 3 }, { 4, 5, 6 } })
  eq(m[1][2], 6)
  m[1] = { 7, 8, 9 }
  eq(m[1][0], 7)
  local s = ffi.new("char[8]", "hello")
  eq(ffi.string(s), "hello")
  eq(s[5], 0)
  local v = ffi.new("double[?]", 5, { 1, 2 })
  eq(ffi.sizeof(v), 40)
  eq(v[1], 2.0)
  eq(v[4], 0.0)
  local V = ffi.typeof "uint8_t[?]"
  eq(ffi.string(V(3, "abc"), 3), "abc")
  eq(ffi.sizeof(V(0)), 0)
  fails("too many", ffi.new, "int[2]", 1, 2, 3)
  fails("too many", ffi.new, "int[2]", { 1, 2, 3 })
  fails("long", ffi.new, "char[2]", "abc")
  eq(ffi.string(ffi.new("char[3]", "abc")), "abc")
  local big = ffi.new("struct { long double d; } [3]")
  big[2].d = 1.5
  eq(big[2].d, 1.5)
  eq(a[2.0], 3)
  eq(a[ffi.new("int64_t", 2)], 3)
end)

case("records", function()
  ffi.cdef [[
    typedef struct { int x, y; } v_pt;
    typedef struct { v_pt a; v_pt *p; union { int i; float f; }; char name[8]; const int c; } v_rec;
    typedef struct { int n; v_pt pts[?]; } v_vls;
    struct v_flex { int n; int data[1]; };
  ]]
  local p = ffi.new("v_pt", 1, 2)
  eq(p.x + p.y, 3)
  p = ffi.new("v_pt", { y = 5 })
  eq(p.x, 0)
  eq(p.y, 5)
  p = ffi.new("v_pt", { 3, 4 })
  eq(p.y, 4)
  local r = ffi.new("v_rec", { a = { 1, 2 }, p = p, i = 9, name = "abc", c = 5 })
  eq(r.a.y, 2)
  eq(r.p.x, 3)
  r.p.x = 30
  eq(p.x, 30)
  r.f = 1.0
  eq(r.i, 0x3f800000)
  eq(ffi.string(r.name), "abc")
  eq(r.c, 5)
  r.a = { 7, 8 }
  eq(r.a.x, 7)
  r.a = p
  eq(r.a.x, 30)
  r.name = "xyz"
  eq(ffi.string(r.name), "xyz")
  fails({ "const", "'c'" }, function() r.c = 1 end)
  fails({ "no member", "'q'" }, function() return r.q end)
  fails({ "no member", "'q'" }, function() r.q = 1 end)
  fails({ "member 'x'", "v_pt", "string" }, function() p.x = "1" end)
  fails({ "v_pt" }, function() r.a = 5 end)
  local copy = ffi.new("v_pt", p)
  copy.x = 0
  eq(p.x, 30)
  local v = ffi.new("v_vls", 3, { n = 3 })
  v.pts[2].y = 77
  eq(v.pts[2].y, 77)
  fails("outside", function() return v.pts[3] end)
  eq(ffi.sizeof(v), 4 + 3 * 8)
  v = ffi.new("v_vls", 2, { 2, { { 1, 2 }, { 3, 4 } } })
  eq(v.pts[1].y, 4)
  v = ffi.new("struct { int n; char text[?]; }", 6, 5, "hello")
  eq(ffi.string(v.text), "hello")
  fails("too many", ffi.new, "v_vls", 1, { 2, { { 1, 2 }, { 3, 4 } } })
  local mem = ffi.new "char[64]"
  local flex = ffi.cast("struct v_flex *", mem)
  flex.data[5] = 55
  eq(flex.data[5], 55)
  local nested = ffi.new("struct { struct { int a; } s; int b; }", { s = { a = 1 }, b = 2 })
  local inner = nested.s
  nested = nil
  collectgarbage()
  eq(inner.a, 1) -- the reference keeps the whole alive
end)

case("pointers", function()
  local a = ffi.new("int[5]", { 0, 10, 20, 30, 40 })
  local p = ffi.cast("int *", a)
  eq((p + 2)[0], 20)
  eq((2 + p)[1], 30)
  eq((p + 4) - p, 4)
  eq((p + 4 - 3)[0], 10)
  eq((a + 1)[0], 10)
  eq(p == a + 0, true)
  eq(p < p + 1, true)
  eq(p + 1 <= p, false)
  eq(p ~= p + 1, true)
  p[1] = 11
  eq(a[1], 11)
  eq(p[-1 + 2], 11)
  eq(ffi.cast("char *", p) == ffi.cast("void *", p), true)
  eq(ffi.nullptr == ffi.new "int *", true)
  eq(tostring(ffi.new "int *"), "cdata<int *>: NULL")
  eq(ffi.cast("void *", 16) - ffi.cast("void *", 6), 10)
  eq(ffi.tonumber(ffi.cast("uintptr_t", ffi.cast("void *", 4096))), 4096)
  local pp = ffi.new("int *[1]", { p })
  eq(pp[0][2], 20)
  pp[0] = nil
  eq(pp[0] == ffi.nullptr, true)
  eq(ffi.cast("const char *", "text")[0], 116)
  eq(ffi.string(ffi.cast("const char *", "text")), "text")
  local keep = ffi.cast("int *", ffi.new("int[1000]", 7))
  collectgarbage()
  eq(keep[999], 7)
  keep = keep + 500
  collectgarbage()
  eq(keep[499], 7)
  local s = ffi.new "struct { int a, b; }"
  local ps = ffi.addressof(s)
  ps.b = 3
  eq(s.b, 3)
  eq(ffi.istype("struct { int a, b; } *", ps), false) -- another anonymous struct
end)

case("64-bit numbers", function()
  local max = ffi.cast("uint64_t", -1)
  eq(tostring(max), "18446744073709551615ULL")
  eq(tostring(max - 1), "18446744073709551614ULL")
  eq(max + 1, 0)
  eq(max - max, 0)
  eq(tostring(max / 2), "9223372036854775807")
  eq(tostring(max // 3), "6148914691236517205")
  eq(max % 10, 5)
  eq(max > 5, true)
  eq(5 < max, true)
  eq(max == ffi.cast("uint64_t", -1), true)
  eq(max & 0xff, 255)
  eq(max >> 60, 15)
  eq(~max, 0)
  eq(tostring(max ~ 1), "18446744073709551614ULL")
  eq(ffi.tonumber(max), 2.0 ^ 64)
  eq(ffi.tonumber(ffi.new("uint64_t", 5)), 5)
  eq(tostring(ffi.new("int64_t", -5)), "-5LL")
  eq(-ffi.new("int64_t", 5), -5)
  eq(ffi.new("int64_t", 7) / 2, 3)
  eq(ffi.new("int64_t", -7) / 2, -3)
  eq(ffi.new("int64_t", -7) % 4, -3)
  eq(ffi.new("int64_t", 2) ^ 10, 1024)
  eq(ffi.new("int64_t", 6) * 1.5, 9.0)
  eq(ffi.new("int64_t", 6) * 2.0, 12)
  fails("0", function() return max // 0 end)
  fails("0", function() return ffi.new("int64_t", 5) % 0 end)
  fails({ "add", "string" }, function() return max + "x" end)
  eq(ffi.new("double", 1.5) + 1, 2.5)
end)

case("complex", function()
  local c = ffi.new("complex", 1, -2)
  eq(c.re, 1.0)
  eq(c.im, -2.0)
  eq(c[0], 1.0)
  eq(c[1], -2.0)
  eq(tostring(c), "1-2i")
  c.re = 5
  c.im = 6
  eq(tostring(c), "5+6i")
  fails("complex", function() return c.x end)
  eq(ffi.new("complex float", { 3, 4 }).im, 4.0)
  eq(ffi.new("complex", ffi.new("complex float", 1, 2)).im, 2.0)
end)

case("metatypes", function()
  local V
  local mt = {
    __add = function(a, b) return V(a.x + b.x, a.y + b.y) end,
    __mul = function(a, b) return type(a) == "number" and V(a * b.x, a * b.y) or V(a.x * b, a.y * b) end,
    __unm = function(a) return V(-a.x, -a.y) end,
    __eq = function(a, b) return a.x == b.x and a.y == b.y end,
    __lt = function(a, b) return a.x < b.x end,
    __len = function() return 2 end,
    __call = function(self, k) return self.x + k end,
    __concat = function(a, b) return tostring(a) .. tostring(b) end,
    __tostring = function(a) return ("<%g,%g>"):format(a.x, a.y) end,
    __index = { norm = function(self) return math.sqrt(self.x ^ 2 + self.y ^ 2) end, dim = 2 },
    __newindex = function(self, k, v) rawset(_G, "metatype_set", k .. tostring(v)) end,
    __pairs = function(self) return next, { x = self.x }, nil end,
    __new = function(ct, x, y) return ffi.new(ct, x or 1, y or x or 1) end,
  }
  V = ffi.metatype("struct { double x, y; }", mt)
  eq(tostring(V(1, 2) + V(3, 4)), "<4,6>")
  eq(tostring(2 * V(1, 2)), "<2,4>")
  eq(tostring(V(1, 2) * 3), "<3,6>")
  eq(tostring(-V(1, 2)), "<-1,-2>")
  eq(V(1, 2) == V(1, 2), true)
  eq(V(1, 2) < V(2, 0), true)
  eq(#V(1, 2), 2)
  eq(V(1, 2)(10), 11.0)
  eq(V(1, 1) .. V(2, 2), "<1,1><2,2>")
  eq(V(3, 4):norm(), 5.0)
  eq(V(3, 4).dim, 2)
  eq(V.dim, 2)
  eq(tostring(V()), "<1,1>")
  local v = V(1, 2)
  v.other = 5
  eq(metatype_set, "other5")
  for k, x in pairs(v) do eq(k .. x, "x1.0") end
  local p = ffi.addressof(v)
  eq(p:norm(), math.sqrt(5))
  eq(tostring(p), "<1,2>")
  eq(#p, 2)
  eq(p(1), 2.0)
  fails("set already", ffi.metatype, V, {})
  fails("struct", ffi.metatype, "int", {})
  fails("table", ffi.metatype, "struct { int q; }", 5)
  local F = ffi.metatype("struct { int i; }", { __index = function(self, k) return k .. self.i end })
  eq(F(5).abc, "abc5")
end)

case("finalizers", function()
  local n = 0
  do
    local o = ffi.gc(ffi.new "int[4]", function(c) n = n + c[0] end)
    o[0] = 5
  end
  collectgarbage()
  collectgarbage()
  eq(n, 5)
  do
    local o = ffi.gc(ffi.new "int[4]", function() n = -1 end)
    ffi.gc(o, nil)
  end
  collectgarbage()
  eq(n, 5)
  local T = ffi.metatype("struct { int id; }", { __gc = function(o) n = n + o.id end })
  for i = 1, 10 do T(i) end
  collectgarbage()
  collectgarbage()
  eq(n, 60)
  ffi.cdef "void *malloc(size_t); void free(void *);"
  for _ = 1, 100 do
    local m = ffi.gc(ffi.C.malloc(1000), ffi.C.free)
    ffi.fill(m, 1000, 1)
  end
  collectgarbage()
  fails("cdata", ffi.gc, 5, print)
end)

case("copy, fill, string", function()
  local a = ffi.new "char[8]"
  ffi.copy(a, "abc")
  eq(ffi.string(a), "abc")
  ffi.copy(a, "xyz", 2)
  eq(ffi.string(a), "xyc")
  ffi.fill(a, 8, 65)
  eq(ffi.string(a), "AAAAAAAA")
  eq(ffi.string(a, 3), "AAA")
  ffi.fill(a, 2)
  eq(a[0], 0)
  local i = ffi.new("int[2]", 1, 2)
  local j = ffi.new "int[2]"
  ffi.copy(j, i, 8)
  eq(j[1], 2)
  ffi.copy(i + 1, j, 4)
  eq(i[1], 1)
  eq(ffi.string("lua"), "lua")
  eq(ffi.string(ffi.cast("uint8_t *", a) + 2, 2), "AA")
end)

case("types of values", function()
  eq(ffi.istype("int[2]", ffi.new "int[2]"), true)
  eq(ffi.istype("int[3]", ffi.new "int[2]"), false)
  eq(ffi.istype("int64_t", ffi.new "long long"), true)
  eq(ffi.istype("v_pt", ffi.new "v_pt"), true)
  eq(ffi.istype("v_pt", ffi.cast("v_pt *", nil)), true)
  eq(ffi.istype("int", 5), false)
  eq(ffi.type(ffi.new "int"), "cdata")
  eq(ffi.type(5), "number")
  eq(ffi.typeof "int" == ffi.typeof "int", true)
  eq(ffi.typeof "int" == ffi.typeof "unsigned", false)
  eq(tostring(ffi.typeof(ffi.new "int[3]")), "ctype<int [3]>")
  eq(ffi.os, "Linux")
  eq(ffi.abi "64bit", true)
  eq(ffi.abi "win", false)
  eq(getmetatable(ffi.new "int"), "ffi")
end)

case("function pointers in records", function()
  local S = ffi.new "struct { int (*f)(int); }"
  fails("NULL", function() S.f(1) end)
  S.f = function(v) return v * 3 end
  eq(S.f(5), 15)
  S.f:free()
end)

case("globals for scripts of LuaJIT", function()
  eq(type(ffi.new "int"), "userdata")
  ffi.compat()
  ffi.compat()
  eq(type(ffi.new "int"), "cdata")
  eq(type(5), "number")
  eq(tonumber(ffi.cast("uint8_t", 300)), 44)
  eq(tonumber("ff", 16), 255)
  eq(tonumber "x", nil)
  fails("number expected", tonumber, "1", "x")
end)

check.done()
