-- Bad input: each is an error that names the function, the argument, the C type and the Lua value.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local lib = check.native()
local case, eq, fails = check.case, check.eq, check.fails
ffi.cdef [[ size_t strlen(const char *); char *strcpy(char *, const char *); ]]

local strlen = ffi.C.strlen

case("arguments of the wrong type", function()
  fails({ "#1", "'t_i32'", "nil", "'int'" }, lib.t_i32, nil)
  fails({ "#1", "'t_i32'", 'string "12"', "'int'" }, lib.t_i32, "12")
  fails({ "#1", "'t_i32'", "table", "'int'" }, lib.t_i32, {})
  fails({ "#1", "'t_i32'", "function", "'int'" }, lib.t_i32, print)
  fails({ "#1", "'t_i32'", "'int *'", "'int'" }, lib.t_i32, ffi.new "int *")
  fails({ "#2", "'t_sum'", "nil", "'int'" }, lib.t_sum, 1, nil, 3, 4, 5, 6)
  fails({ "#1", "'t_f64'", "string", "'double'" }, lib.t_f64, "1.5")
  fails({ "#1", "'t_ptr'", "number 5", "'char *'" }, lib.t_ptr, 5)
  fails({ "#1", "'t_ptr'", "const" }, lib.t_ptr, "literal")
  fails({ "#1", "'t_ptr'", "'int *'", "'char *'" }, lib.t_ptr, ffi.new "int *")
  fails({ "#1", "'t_ptr'", "table", "'char *'" }, lib.t_ptr, {})
  fails({ "#1", "'strlen'", "boolean true", "'const char *'" }, strlen, true)
  fails({ "#1", "'strcpy'", "const" }, ffi.C.strcpy, "x", "y")
  fails({ "#1", "'t_add'", "number 1", "'struct t_point'" }, lib.t_add, 1, 2)
  fails({ "#1", "'t_add'", "'struct t_pair'", "'struct t_point'" }, lib.t_add, ffi.new "struct t_pair", nil)
  fails({ "#1", "'t_add'", "NULL" }, lib.t_add, ffi.cast("struct t_point *", nil), { 1, 2 })
  fails({ "#1", "'t_color'", "T_PINK", "constant" }, lib.t_color, "T_PINK")
  fails({ "#1", "'t_call'", "number 5", "'int (*)(int)'" }, lib.t_call, 5, 5)
  fails({ "#1", "'t_i32'", "ctype" }, lib.t_i32, ffi.typeof "int")
  fails({ "#1", "'t_i32'", "thread" }, lib.t_i32, coroutine.create(print))
  fails({ "t_ptr" }, lib.t_ptr, ffi.new("const char[4]"))
  local closed = io.tmpfile()
  ffi.cdef "struct FILE_; int fileno(struct FILE_ *);"
  assert(ffi.C.fileno(closed) > 2)
  closed:close()
  fails({ "fileno", "closed" }, ffi.C.fileno, closed)
end)

case("too few and too many", function()
  fails({ "t_i32", "1 expected", "got 0", "int t_i32(int)" }, lib.t_i32)
  fails({ "t_i32", "1 expected", "got 2" }, lib.t_i32, 1, 2)
  fails({ "t_get_errno", "0 expected" }, lib.t_get_errno, 1)
  fails({ "t_sum", "6 expected", "got 5" }, lib.t_sum, 1, 2, 3, 4, 5)
end)

case("NULL", function()
  local p = ffi.cast("struct t_pair *", nil)
  fails({ "NULL", "struct t_pair *" }, function() return p.a end)
  fails({ "NULL", "struct t_pair *" }, function() p.a = 1 end)
  fails("NULL", function() return p[0] end)
  fails("NULL", function() ffi.cast("int *", nil)[0] = 1 end)
  fails({ "string", "NULL" }, ffi.string, ffi.cast("char *", nil))
  fails({ "string", "NULL" }, ffi.string, nil)
  fails({ "copy", "#1", "NULL" }, ffi.copy, nil, "x")
  fails({ "copy", "#2", "NULL" }, ffi.copy, ffi.new "char[4]", nil, 4)
  fails({ "fill", "NULL" }, ffi.fill, ffi.nullptr, 4)
  fails("NULL", ffi.cast("int (*)(int)", 0), 1)
end)

case("outside of an array", function()
  local a = ffi.new "int[4]"
  for _, i in ipairs { 4, -1, 1000000000, math.maxinteger, math.mininteger } do
    fails({ "outside", tostring(i), "int [4]", "4" }, function() return a[i] end)
    fails({ "outside", "int [4]" }, function() a[i] = 1 end)
  end
  fails("int [4]", function() return a[0 / 0] end)
  fails("int [4]", function() return a["1"] end)
  fails("int [4]", function() return a[nil] end)
  fails("int [4]", function() return a[{}] end)
  fails("outside", function() return ffi.new("int[?]", 3)[3] end)
  fails("outside", function() return ffi.new("int[0]")[0] end)
  fails("void *", function() return ffi.cast("void *", a)[0] end)
  fails("indexed", function() return ffi.new("int", 5)[0] end)
end)

case("copy, fill and string past the end", function()
  local a = ffi.new "char[4]"
  fails({ "copy", "5", "char [4]", "4" }, ffi.copy, a, "abcd")
  fails({ "copy", "100" }, ffi.copy, a, ffi.new "char[200]", 100)
  fails({ "copy", "#2", "8" }, ffi.copy, ffi.new "char[8]", a, 8)
  fails({ "copy", "#2" }, ffi.copy, ffi.new "char[8]", "ab", 8)
  fails({ "copy", "length" }, ffi.copy, a, a)
  fails({ "copy", "negative" }, ffi.copy, a, "x", -1)
  fails({ "fill", "5", "char [4]" }, ffi.fill, a, 5)
  fails({ "fill", "negative" }, ffi.fill, a, -5)
  fails({ "string", "5", "char [4]" }, ffi.string, a, 5)
  fails({ "string", "negative" }, ffi.string, a, -1)
  fails({ "string", "length", "int [2]" }, ffi.string, ffi.new "int[2]")
  fails("const", ffi.fill, ffi.new "const char[4]", 4)
  fails({ "copy", "string" }, ffi.copy, "literal", "x")
  fails("fill", ffi.fill, 5, 5)
  fails("string", ffi.string, {})
  ffi.fill(a, 4, 65)
  eq(ffi.string(a), "AAAA") -- no terminator: stops at the end
end)

case("new, cast, load, cdef", function()
  fails({ "char [?]", "-1" }, ffi.new, "char[?]", -1)
  fails("char [?]", ffi.new, "char[?]", 0 / 0)
  fails("char [?]", ffi.new, "char[?]", 1e300)
  fails("char [?]", ffi.new, "char[?]", "5")
  fails("char [?]", ffi.new, "char[?]")
  fails("memory", ffi.new, "char[?]", 1 << 60)
  fails("struct never", ffi.new, "struct never")
  fails("void", ffi.new, "void")
  fails("int ()", ffi.new, "int(void)")
  fails("C type", ffi.new, 5)
  fails("C type", ffi.sizeof, {})
  fails({ "cast", "table" }, ffi.cast, "int", {})
  fails({ "cast", "struct t_point" }, ffi.cast, "struct t_point", 5)
  fails("nonexistent_library", ffi.load, "nonexistent_library")
  fails("empty", ffi.load, "")
  fails({ "gil", "sometimes" }, ffi.load, "c", { gil = "sometimes" })
  fails({ "release", "often" }, ffi.gil, lib.t_i32, "often")
  fails("gil", ffi.gil, 5, "hold")
  fails("string", ffi.cdef)
  fails("const", function() ffi.new("const int[1]")[0] = 1 end)
  fails("cannot be called", ffi.new("int"), 1)
  fails("add", function() return ffi.new "struct t_pair" + 1 end)
  fails("compare", function() return ffi.new "struct t_pair" < 1 end)
  fails("add", function() return ffi.new "int[2]" + ffi.new "int[2]" end)
  fails("size", function() return ffi.cast("struct never *", 0) + 1 end)
  eq(ffi.new "int[2]" == 5, false)
  local deep = {}
  for _ = 1, 100000 do deep = { deep } end
  fails({}, ffi.new, "struct t_pair", deep)
  local self = {}
  self[1] = self
  fails({}, ffi.new, "int[3]", self)
end)

case("callbacks without end", function()
  local forever
  function forever(v)
    return lib.t_call(forever, v + 1)
  end
  fails("stack overflow", forever, 0)
  local function deep(v) return deep(v + 1) + 1 end
  fails("stack overflow", lib.t_call, deep, 1)
  eq(lib.t_call(function(v) return v end, 5), 5)
end)

case("metamethods reached by debug", function()
  local mt = debug.getmetatable(ffi.new "int[2]")
  for _, event in ipairs { "__tostring", "__call", "__add", "__unm", "__eq", "__lt", "__len" } do
    pcall(mt[event])
    pcall(mt[event], 1, 2)
    pcall(mt[event], {}, "x")
    pcall(mt[event], io.stdout, io.stdout)
  end
  for _, event in ipairs { "__index", "__newindex" } do
    pcall(mt[event])
    pcall(mt[event], 1, "x", 2)
    pcall(mt[event], "str", "x", 2)
  end
end)

case("variables and libraries", function()
  fails({ "t_global", "string" }, function() lib.t_global = "x" end)
  fails("missing declaration", function() lib.nothing = 1 end)
  fails("function", function() ffi.load(arg[1]).t_i32 = 1 end)
  ffi.cdef "int not_there_at_all(void);"
  fails({ "not_there_at_all", "cannot resolve" }, function() return ffi.C.not_there_at_all end)
  fails("string", function() return lib[{}] end)
end)

check.done()
