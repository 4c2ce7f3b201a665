-- Calls: every type in and out, records by value, variable arguments, variables, errno.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local lib = check.native()
local case, eq, fails = check.case, check.eq, check.fails

case("integers wrap as in C", function()
  eq(lib.t_i8(127), -128)
  eq(lib.t_u8(255), 0)
  eq(lib.t_i16(32767), -32768)
  eq(lib.t_u16(65535), 0)
  eq(lib.t_i32(2147483647), -2147483648)
  eq(lib.t_u32(4294967295), 0)
  eq(lib.t_i64(math.maxinteger), math.mininteger)
  eq(lib.t_u64(5), 6)
  eq(tostring(lib.t_u64(math.maxinteger)), "9223372036854775808ULL")
  eq(tostring(lib.t_u64(ffi.cast("uint64_t", -2))), "18446744073709551615ULL")
  eq(lib.t_u64(ffi.cast("uint64_t", -1)), 0)
  eq(lib.t_i32(1.9), 2)
  eq(lib.t_i32(-1.9), 0)
  eq(lib.t_i32(true), 2)
  eq(lib.t_i32(ffi.new("int8_t", -5)), -4)
end)

case("other scalars", function()
  eq(lib.t_not(false), true)
  eq(lib.t_not(true), false)
  eq(lib.t_f32(1.5), 3.0)
  eq(lib.t_f64(0.1), 0.2)
  eq(lib.t_f64(3), 6.0)
  eq(lib.t_ld(1.25), 2.5)
  local c = lib.t_c64(ffi.new("complex", 1, 2))
  eq(c.re, 1.0)
  eq(c.im, -2.0)
  local f = lib.t_c32(ffi.new("complex float", 3, 4))
  eq(f.re, 3.0)
  eq(f.im, -4.0)
  eq(lib.t_ptr(nil) == ffi.nullptr, true)
  local buf = ffi.new("char[4]")
  eq(lib.t_ptr(buf) == ffi.cast("char *", buf), true)
  eq(ffi.string(lib.t_color("T_BLUE")), "blue")
  eq(ffi.string(lib.t_color(lib.T_RED)), "red")
end)

case("many arguments", function()
  eq(lib.t_sum(1, 2, 3, 4, 5, 6), 91)
  eq(lib.t_ten(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 385)
  eq(lib.t_mixed(1, 2, 3, 4, 5, 6, 7), 140.0)
  eq(lib.t_doubles(1, 2, 3, 4, 5, 6, 7, 8, 9), 285.0)
end)

case("records by value", function()
  local P = ffi.typeof "struct t_point"
  local p = lib.t_add(P(1, 2), P(3, 4))
  eq(p.x, 4.0)
  eq(p.y, 6.0)
  p = lib.t_add({ x = 1, y = 1 }, { 2, 3 })
  eq(p.x, 3.0)
  eq(p.y, 4.0)
  local s = lib.t_swap({ 5, 7 })
  eq(s.a, 7)
  eq(s.b, 5)
  local m = lib.t_mix({ 2.5, 9 })
  eq(m.d, 2.5)
  eq(m.i, 10)
  local x = lib.t_xim({ 9, 2.5 })
  eq(x.i, 10)
  eq(x.d, 5.0)
  local q = lib.t_small({ 1, 300, 3 })
  eq(q.a, 3)
  eq(q.b, 300)
  eq(q.c, 1)
  local f = lib.t_floats({ 1, 2, 3 })
  eq(f.a, 3.0)
  eq(f.b, 2.0)
  eq(f.c, 1.0)
  local b = lib.t_big({ v = { 1, 2, 3, 4, 5, 6, 7, 8 } }, 3)
  for i = 0, 7 do eq(b.v[i], 3 * (i + 1)) end
  local u = lib.t_union({ i = 0 })
  eq(u.i, -1)
  eq(u.bytes[3], 255)
  local t = lib.t_bits({ a = 1, b = 4000, c = -3 })
  eq(t.a, 2)
  eq(t.b, 4000)
  eq(t.c, -4)
  eq(lib.t_spill(1, 2, 3, 4, 5, { 6, 7 }, 8), 15 + 600 + 7000 + 80000)
  local ptr = ffi.new("struct t_point[1]", { { 8, 9 } })
  eq(lib.t_add(ptr + 0, ptr[0]).y, 18.0)
  -- an integer and a floating half, in the last integer register
  eq(lib.t_edge12(0.5, 1, 2, 3, 4, 5, { 8, true, 16 }, 32), 16056.5)
  eq(lib.t_edge16(0.5, 1, 2, 3, 4, 5, { 8, 16 }, 32), 16055.5)
  eq(lib.t_edge_more(0.5, 1, 2, 3, 4, 5, ffi.new("struct t_edge16", 8, 16), 32), 16055.5)
  -- gcc passes these in memory, clang in registers
  ffi.cdef [[
    union t_disputed { long long a : 49; int8_t b; } __attribute__((packed));
    struct t_unnamed { const char *p; int : 8; }; struct t_unnamed_float { float f; int : 8; };
    union t_unnamed_none { double d; int : 0; };
    struct t_named { long i; int x : 8, : 8; };
    struct t_disputing { uint16_t m; unsigned long n : 11; union t_disputed u; };
    int abs(int);
  ]]
  for _, extra in ipairs { "", ", struct { char c[99]; }" } do
    local f = ffi.cast(("int (*)(struct t_disputing%s)"):format(extra), ffi.C.abs)
    fails({ "by value", "compilers" }, f, ffi.new "struct t_disputing", extra ~= "" and {} or nil)
  end
  if ffi.arch ~= "x64" then return end
  fails({ "by value", "compilers" }, ffi.cast("int (*)(struct t_unnamed)", ffi.C.abs), {})
  fails({ "by value", "compilers" }, ffi.cast("int (*)(struct t_unnamed_float)", ffi.C.abs), {})
  fails({ "by value", "compilers" }, ffi.cast("int (*)(union t_unnamed_none)", ffi.C.abs), {})
  eq(ffi.cast("int (*)(struct t_named)", ffi.C.abs)({ -7 }), 7)
end)

case("variable arguments", function()
  eq(lib.t_vsum(3, 1, 2, 3), 6)
  eq(lib.t_vsum(0), 0)
  eq(lib.t_vmix("dils", 1.5, 2, 3, "four"), 10.5)
  eq(lib.t_vmix("pp", nil, ffi.nullptr), 2.0)
  eq(lib.t_vmix("d", ffi.new("float", 0.5)), 0.5)
  eq(lib.t_vmix("iP", ffi.new("int8_t", -1), ffi.new("struct t_point", 1, 2)), 2.0)
  local many = {}
  for i = 1, 40 do many[i] = i end
  eq(lib.t_vsum(40, table.unpack(many)), 820)
  local buf = ffi.new "char[100]"
  ffi.cdef "int snprintf(char *, size_t, const char *, ...);"
  eq(ffi.C.snprintf(buf, 100, "%d %s %.2f %lld", 1, "x", 2.5, math.maxinteger), 28)
  eq(ffi.string(buf), "1 x 2.50 9223372036854775807")
  fails({ "t_vsum", "at least 1" }, lib.t_vsum)
  fails({ "#2", "t_vsum" }, lib.t_vsum, 1, {})
end)

case("variables", function()
  eq(lib.t_global, 42)
  lib.t_global = 43
  eq(lib.t_global, 43)
  eq(lib.t_get_errno(), lib.t_get_errno())
  eq(lib.t_constant, 7)
  fails("const", function() lib.t_constant = 1 end)
  eq(lib.t_array[2], 3)
  lib.t_array[2] = 33
  eq(lib.t_array[2], 33)
  fails("outside", function() return lib.t_array[4] end)
  eq(ffi.string(lib.t_name), "native")
  lib.t_record.b = 66
  eq(lib.t_record.b, 66)
  fails({ "missing declaration", "t_nothing" }, function() return lib.t_nothing end)
  ffi.cdef "int t_declared_only(void);"
  fails({ "t_declared_only" }, function() return lib.t_declared_only end)
  fails("type", function() return lib.size_t end)
end)

case("errno belongs to the calls of this thread", function()
  lib.t_set_errno(33)
  eq(ffi.errno(), 33)
  eq(ffi.errno(44), 33)
  eq(lib.t_get_errno(), 44)
  io.open "/nonexistent/file"
  eq(ffi.errno(), 44)
  collectgarbage()
  eq(ffi.errno(), 44)
end)

case("names by __asm__", function()
  ffi.cdef [[ int renamed(int v) __asm__("t_i32"); ]]
  eq(lib.renamed(1), 2)
end)

case("functions are values", function()
  eq(lib.t_i32 == lib.t_i32, true)
  eq(tostring(ffi.typeof(lib.t_i32)), "ctype<int (int)>")
  local p = ffi.cast("int (*)(int)", lib.t_i32)
  eq(p(41), 42)
  eq(ffi.istype("int (*)(int)", p), true)
  fails("cannot convert", ffi.new, "int (*)(double)", lib.t_i32)
  fails({ "function pointer", "expected 1", "got 0" }, function()
    local ok, err = pcall(p)
    error(err:gsub("%(1 expected", "(expected 1"))
  end)
  local null = ffi.cast("int (*)(int)", nil)
  fails("NULL", null, 1)
  local T = ffi.new("struct { int (*f)(int); }", { lib.t_i32 })
  eq(T.f(9), 10)
end)

case("declared const and volatile parameters", function()
  ffi.cdef [[ int t_const(const int v) __asm__("t_i32");
    unsigned t_bytes(const unsigned char *restrict p, size_t len, int) __asm__("t_checksum"); ]]
  eq(lib.t_const(1), 2)
  eq(lib.t_bytes("\1\2", 2, 1), 33)
  eq(lib.t_bytes(ffi.new("uint8_t[2]", { 1, 2 }), 2, 1), 33)
end)

check.done()
