-- Random declarations against the C compiler: sizes, alignments, offsets, every member set by one
-- side and read by the other, arguments and results of calls and callbacks, printed types.
-- Arguments: native library (unused), declarations (200), seed, C compiler (cc).
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"

local total = tonumber(arg[2]) or 200
local seed = tonumber(arg[3]) or os.time()
local cc = arg[4] or os.getenv "CC" or "cc"
local batch_size = 200
math.randomseed(seed)
local rnd = math.random
local function pick(t) return t[rnd(#t)] end
local function chance(p) return rnd() < p end

-- name, bits (integers), kind, signed
local scalars = {
  { "char", 8, "int", true }, { "signed char", 8, "int", true }, { "unsigned char", 8, "int" },
  { "short", 16, "int", true }, { "unsigned short", 16, "int" }, { "int", 32, "int", true },
  { "unsigned", 32, "int" }, { "long", 64, "int", true }, { "unsigned long", 63, "int" },
  { "long long", 64, "int", true }, { "unsigned long long int", 63, "int" },
  { "int8_t", 8, "int", true }, { "uint16_t", 16, "int" }, { "int32_t", 32, "int", true },
  { "uint64_t", 63, "int" }, { "size_t", 63, "int" }, { "_Bool", 1, "bool" },
  { "float", 0, "float" }, { "double", 0, "float" }, { "long double", 0, "float" },
  { "void *", 0, "ptr" }, { "const char *", 0, "ptr" }, { "int (*@)(int, ...)", 0, "ptr" },
  { "double *(*@[2])(void)", 0, "skip" },
}
local bit_types = {
  { "int", 32, true }, { "unsigned", 32 }, { "unsigned char", 8 }, { "signed char", 8, true },
  { "short", 16, true }, { "unsigned long", 63 }, { "long long", 64, true }, { "_Bool", 1 },
  { "uint16_t", 16 },
}

local function number(bits, signed)
  if bits == 0 then return 0 end
  local edge = rnd(4)
  if signed then
    local hi = bits == 64 and math.maxinteger or (1 << (bits - 1)) - 1
    if edge == 1 then return hi elseif edge == 2 then return bits == 64 and math.mininteger + 1 or -hi - 1 end
    return rnd(bits == 64 and math.mininteger + 1 or -hi - 1, hi)
  end
  local hi = bits == 63 and math.maxinteger or (1 << bits) - 1
  if edge == 1 then return hi end
  return rnd(0, hi)
end

-- A value for a scalar: the literal in C, and in Lua.
local function literal(s)
  if s[3] == "int" then
    local v = number(s[2], s[4])
    return ("%d%s"):format(v, s[2] >= 63 and "LL" or ""), v
  elseif s[3] == "bool" then
    local v = chance(0.5)
    return v and "1" or "0", v
  elseif s[3] == "float" then
    local v = rnd(-1000000, 1000000) / 64
    return ("%.17g"):format(v), v
  end
  local v = rnd(1, 1 << 40)
  return ("(void *)%dLL"):format(v), v
end

local serial = 0
local function fresh(prefix)
  serial = serial + 1
  return prefix .. serial
end

-- ---- types with members -------------------------------------------------------------------

local records -- of this batch: { name, union, leaves = {{path, c, lua, kind}}, flags }

local function declare(type, name)
  if type:find("@", 1, true) then return (type:gsub("@", name)) end
  return type .. " " .. name
end

local function copy_leaves(out, record, path)
  for _, leaf in ipairs(record.leaves) do
    out[#out + 1] = { path .. leaf[1], leaf[2], leaf[3], leaf[4] }
  end
end

local gen_body

local function gen_member(out, lines, indent, depth)
  local name = fresh "m"
  local r = rnd()
  local attr = chance(0.06) and (" __attribute__((aligned(%d)))"):format(1 << rnd(0, 5)) or ""
  if chance(0.04) then attr = attr .. " __attribute__((packed))" end
  if r < 0.5 then
    local s = pick(scalars)
    lines[#lines + 1] = indent .. declare(s[1], name) .. attr .. ";"
    if s[3] ~= "skip" and not s[5] then
      local c, v = literal(s)
      out[#out + 1] = { "." .. name, c, v, s[3] }
    end
  elseif r < 0.62 then
    local s = pick(scalars)
    if s[3] == "skip" or s[5] or s[1]:find "@" then s = scalars[6] end
    local n, m = rnd(1, 4), chance(0.3) and rnd(1, 3) or nil
    lines[#lines + 1] = ("%s%s %s[%d]%s%s;"):format(indent, s[1], name, n, m and ("[%d]"):format(m) or "", attr)
    for i = 0, n - 1 do
      local c, v = literal(s)
      out[#out + 1] = { (".%s[%d]%s"):format(name, i, m and ("[%d]"):format(rnd(0, m - 1)) or ""), c, v, s[3] }
    end
  elseif r < 0.8 then
    local t = pick(bit_types)
    local full = t[2] == 63 and 64 or t[2]
    if chance(0.12) then
      lines[#lines + 1] = ("%s%s : %d;"):format(indent, t[1], chance(0.5) and 0 or rnd(1, full))
    else
      local w = rnd(1, full)
      lines[#lines + 1] = ("%s%s %s : %d;"):format(indent, t[1], name, w)
      if t[1] == "_Bool" then
        out[#out + 1] = { "." .. name, "1", true, "bool" }
      else
        local v = number(math.min(w, t[3] and 64 or 63), t[3])
        out[#out + 1] = { "." .. name, ("%dLL"):format(v), v, "int" }
      end
    end
  elseif r < 0.9 and #records > 0 then
    local rec = pick(records)
    lines[#lines + 1] = ("%s%s %s%s;"):format(indent, rec.name, name, attr)
    copy_leaves(out, rec, "." .. name)
  elseif depth > 0 then
    local union, body = chance(0.4), {}
    local named = chance(0.5)
    local inner = gen_body(body, union, indent .. "  ", depth - 1)
    lines[#lines + 1] = ("%s%s {"):format(indent, union and "union" or "struct")
    table.move(body, 1, #body, #lines + 1, lines)
    lines[#lines + 1] = indent .. "}" .. (named and " " .. name or "") .. ";"
    copy_leaves(out, { leaves = inner }, named and "." .. name or "")
  else
    lines[#lines + 1] = indent .. "enum { " .. fresh "E" .. " = " .. rnd(-5, 5) .. ", " .. fresh "E" .. " } " .. name .. ";"
  end
end

-- Appends member lines; returns the leaves. Of a union only one member's are used.
function gen_body(lines, union, indent, depth)
  local out = {}
  local chosen = {}
  for i = 1, rnd(1, 7) do
    local mine = union and {} or out
    gen_member(mine, lines, indent, depth)
    if union and #mine > 0 and (#chosen == 0 or chance(0.3)) then chosen = mine end
  end
  return union and chosen or out
end

local function gen_record(lines)
  local union = chance(0.2)
  local tag = fresh "R"
  local rec = { name = (union and "union " or "struct ") .. tag }
  local pack = chance(0.1) and (1 << rnd(0, 3))
  local attr = ""
  if chance(0.15) then attr = attr .. " __attribute__((packed))" end
  if chance(0.08) then attr = attr .. (" __attribute__((aligned(%d)))"):format(1 << rnd(0, 5)) end
  if pack then lines[#lines + 1] = ("#pragma pack(push, %d)"):format(pack) end
  lines[#lines + 1] = rec.name .. " {"
  rec.leaves = gen_body(lines, union, "  ", 2)
  lines[#lines + 1] = "}" .. attr .. ";"
  if pack then lines[#lines + 1] = "#pragma pack(pop)" end
  records[#records + 1] = rec
end

-- ---- typedefs with hard declarators -------------------------------------------------------

local function gen_declarator(inner, depth)
  if depth == 0 then return inner end
  local r = rnd(4)
  if r == 1 then return gen_declarator("*" .. (chance(0.3) and "const " or "") .. inner, depth - 1) end
  local arg = inner:sub(1, 1) == "*" and "(" .. inner .. ")" or inner
  if r == 2 then return gen_declarator(("%s[%d]"):format(arg, rnd(1, 5)), depth - 1) end
  if r == 3 and inner:sub(1, 1) == "*" then
    return gen_declarator("*" .. arg .. "(" .. pick { "void", "int, double *", "char *, ...", "int (*)(void)", "const char *[3]" } .. ")", depth - 1)
  end
  return gen_declarator("*" .. inner, depth - 1)
end

local function gen_typedef(lines, typedefs)
  local name = fresh "T"
  local base = pick { "int", "const char", "unsigned long", "double", "const volatile short", "void *", "_Bool", "float" }
  lines[#lines + 1] = ("typedef %s %s;"):format(base, gen_declarator("*" .. name, rnd(0, 5)))
  typedefs[#typedefs + 1] = name
end

-- ---- functions ----------------------------------------------------------------------------

local function gen_function(lines, code, functions)
  local f = { name = fresh "f", params = {} }
  local function value_type()
    if chance(0.35) and #records > 0 then
      local rec = pick(records)
      if #rec.leaves > 0 then return { rec.name, record = rec } end
    end
    local s
    repeat s = pick(scalars) until s[3] ~= "skip" and not s[5] and not s[1]:find "@"
    return { s[1], scalar = s }
  end
  local decls, stores, passes = {}, {}, {}
  for i = 1, rnd(0, 9) do
    local t = value_type()
    t.var = ("%s_a%d"):format(f.name, i)
    f.params[i] = t
    decls[i] = ("%s a%d"):format(t[1], i)
    stores[i] = ("%s = a%d;"):format(t.var, i)
    passes[i] = t.var
    lines[#lines + 1] = ("extern %s %s;"):format(t[1], t.var)
    code[#code + 1] = ("%s %s;"):format(t[1], t.var)
  end
  f.result = value_type()
  f.result.var = f.name .. "_r"
  lines[#lines + 1] = ("extern %s %s;"):format(f.result[1], f.result.var)
  code[#code + 1] = ("%s %s;"):format(f.result[1], f.result.var)
  local list = #decls > 0 and table.concat(decls, ", ") or "void"
  local proto = ("%s %s(%s)"):format(f.result[1], f.name, list)
  local call = ("void %s_call(%s (*f)(%s))"):format(f.name, f.result[1], list)
  lines[#lines + 1] = proto .. ";"
  lines[#lines + 1] = call .. ";"
  code[#code + 1] = ("%s { %s return %s; }"):format(proto, table.concat(stores, " "), f.result.var)
  code[#code + 1] = ("%s { %s = f(%s); }"):format(call, f.result.var, table.concat(passes, ", "))
  functions[#functions + 1] = f
end

-- ---- comparing ----------------------------------------------------------------------------

local function same(got, want, kind)
  if kind == "ptr" then return ffi.tonumber(ffi.cast("intptr_t", got)) == want end
  return got == want
end

local function compile_leaves(leaves)
  for _, leaf in ipairs(leaves) do
    leaf.get = assert(load("local o = ... return o" .. leaf[1]))
    leaf.set = assert(load("local o, v = ... o" .. leaf[1] .. " = v"))
  end
end

local function lua_value(leaf)
  if leaf[4] == "ptr" then return ffi.cast("void *", leaf[3]) end
  return leaf[3]
end

local function set_all(o, leaves)
  for _, leaf in ipairs(leaves) do
    local v = lua_value(leaf)
    if leaf[4] == "ptr" then
      -- the member can be a pointer to a function
      local ok = pcall(leaf.set, o, v)
      if not ok then leaf.set(o, ffi.cast("int (*)(int, ...)", leaf[3])) end
    else
      leaf.set(o, v)
    end
  end
end

local function expect_all(o, leaves, what)
  for _, leaf in ipairs(leaves) do
    local got = leaf.get(o)
    if not same(got, leaf[3], leaf[4]) then
      error(("%s%s: got %s, want %s"):format(what, leaf[1], tostring(got), tostring(leaf[3])))
    end
  end
end

local function run(command)
  local p = assert(io.popen(command .. " 2>&1"))
  local out = p:read "a"
  if not p:close() then error(command .. "\n" .. out:sub(1, 2000)) end
end

local dir = os.tmpname()
os.remove(dir)
run("mkdir " .. dir)

local unsupported = 0

local function check_function(lib, f)
  local function fill(t)
    if t.record then
      set_all(lib[t.var], t.record.leaves)
      return
    end
    local _, v = literal(t.scalar)
    t.value = v
    lib[t.var] = t.scalar[3] == "ptr" and ffi.cast("void *", v) or v
  end
  local function expect(t, got, what)
    if t.record then return expect_all(got, t.record.leaves, what) end
    if not same(got, t.value, t.scalar[3]) then
      error(("%s: got %s, want %s"):format(what, tostring(got), tostring(t.value)))
    end
  end
  local args = {}
  for i, t in ipairs(f.params) do
    fill(t)
    args[i] = t.record and ffi.new(t[1], lib[t.var]) or lib[t.var]
    if not t.record then lib[t.var] = t.scalar[3] ~= "ptr" and 0 or nil end
    if t.record then ffi.fill(lib[t.var], ffi.sizeof(t[1])) end
  end
  fill(f.result)
  local ok, r = pcall(function() return lib[f.name](table.unpack(args, 1, #f.params)) end)
  if not ok and r:find "by value" then
    unsupported = unsupported + 1
    return
  end
  if not ok then error(r) end
  expect(f.result, r, f.name .. " result")
  for i, t in ipairs(f.params) do expect(t, lib[t.var], f.name .. " argument " .. i) end
  local result = f.result.record and ffi.new(f.result[1], lib[f.result.var]) or lib[f.result.var]
  if f.result.record then ffi.fill(lib[f.result.var], ffi.sizeof(f.result[1])) end
  ok, r = pcall(lib[f.name .. "_call"], function(...)
    for i, t in ipairs(f.params) do expect(t, (select(i, ...)), f.name .. " callback argument " .. i) end
    return result
  end)
  if not ok and r:find "no callback of type" then
    unsupported = unsupported + 1
    return
  end
  if not ok then error(r) end
  expect(f.result, lib[f.result.var], f.name .. " callback result")
end

local function batch(number, count)
  records = {}
  local lines, code, typedefs, functions = {}, {}, {}, {}
  local made = 0
  while made < count do
    local r = rnd()
    if r < 0.55 then gen_record(lines) elseif r < 0.75 then gen_typedef(lines, typedefs)
    else gen_function(lines, code, functions) end
    made = made + 1
  end
  local decls = table.concat(lines, "\n")
  local c = { "#include <stdint.h>\n#include <stddef.h>\n", decls, "\n" }
  for _, l in ipairs(code) do c[#c + 1] = l .. "\n" end
  for i, rec in ipairs(records) do
    c[#c + 1] = ("const unsigned long info_%d_%d[] = { sizeof(%s), _Alignof(%s)"):format(number, i, rec.name, rec.name)
    c[#c + 1] = " };\n"
    c[#c + 1] = ("void set_%d_%d(%s *o) {\n"):format(number, i, rec.name)
    for _, leaf in ipairs(rec.leaves) do c[#c + 1] = ("  o->%s = %s;\n"):format(leaf[1]:sub(2), leaf[2]) end
    c[#c + 1] = ("}\nint get_%d_%d(const %s *o) {\n"):format(number, i, rec.name)
    for k, leaf in ipairs(rec.leaves) do
      c[#c + 1] = ("  if (o->%s != %s) return %d;\n"):format(leaf[1]:sub(2), leaf[2], k)
    end
    c[#c + 1] = "  return 0;\n}\n"
    lines[#lines + 1] = ("extern const unsigned long info_%d_%d[2]; void set_%d_%d(%s *o); int get_%d_%d(const %s *o);")
      :format(number, i, number, i, rec.name, number, i, rec.name)
  end
  for i, name in ipairs(typedefs) do
    c[#c + 1] = ("const unsigned long tsize_%d_%d = sizeof(%s);\n"):format(number, i, name)
    lines[#lines + 1] = ("extern const unsigned long tsize_%d_%d;"):format(number, i)
  end
  local path = ("%s/b%d"):format(dir, number)
  local file = assert(io.open(path .. ".c", "w"))
  file:write(table.concat(c))
  file:close()
  run(("%s -w -O1 -fPIC -shared -o %s.so %s.c"):format(cc, path, path))

  ffi.cdef(table.concat(lines, "\n"))
  local lib = ffi.load(path .. ".so", { gil = pick { "hold", "release", "auto" } })
  for i, rec in ipairs(records) do
    check.case(rec.name, function()
      local info = lib[("info_%d_%d"):format(number, i)]
      check.eq(ffi.sizeof(rec.name), ffi.tonumber(info[0]), "sizeof")
      check.eq(ffi.alignof(rec.name), ffi.tonumber(info[1]), "alignof")
      compile_leaves(rec.leaves)
      local o = ffi.new(rec.name)
      lib[("set_%d_%d"):format(number, i)](o)
      expect_all(o, rec.leaves, "set by C: ")
      local p = ffi.new(rec.name)
      set_all(p, rec.leaves)
      local bad = lib[("get_%d_%d"):format(number, i)](p)
      if bad ~= 0 then error("set by Lua: C sees another " .. rec.leaves[bad][1]) end
    end)
  end
  local asserts = { "#include <stddef.h>\n", decls, "\n" }
  for i, name in ipairs(typedefs) do
    check.case(name, function()
      check.eq(ffi.sizeof(name), ffi.tonumber(lib[("tsize_%d_%d"):format(number, i)]))
      asserts[#asserts + 1] = ('_Static_assert(__builtin_types_compatible_p(%s, %s), "%s");\n')
        :format(name, tostring(ffi.typeof(name)):match("^ctype<(.*)>$"):gsub("%f[%w_]bool%f[^%w_]", "_Bool"), name)
    end)
  end
  check.case("printed types", function()
    local f = assert(io.open(path .. "_types.c", "w"))
    f:write("#include <stdint.h>\n", table.concat(asserts))
    f:close()
    run(("%s -w -fsyntax-only %s_types.c"):format(cc, path))
  end)
  for _, f in ipairs(functions) do check.case(f.name, check_function, lib, f) end
  if check.failed == 0 then os.execute("rm " .. path .. "*") end
end

local done = 0
while done < total and check.failed == 0 do
  local n = math.min(batch_size, total - done)
  batch(done, n)
  done = done + n
end
print(("seed %d, %s, %d declarations, %d functions not callable by value"):format(seed, cc, done, unsupported))
if check.failed == 0 then os.execute("rm -r " .. dir) else print("kept: " .. dir) end
check.done()
