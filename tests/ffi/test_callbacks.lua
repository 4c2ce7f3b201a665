-- Callbacks: conversions, errors, free and set, threads that Lua has never seen, a forked child.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local lib = check.native()
local case, eq, fails = check.case, check.eq, check.fails

case("conversions", function()
  eq(lib.t_call(function(v) return v * 2 end, 21), 42)
  eq(lib.t_call_d(function(a, b) return a + b end, 1.5, 2.5), 4.0)
  local p = lib.t_call_point(function(q) return { q.y, q.x } end, { 1, 2 })
  eq(p.x, 2.0)
  eq(p.y, 1.0)
  local b = lib.t_call_big(function(v) v.v[7] = 80 return v end)
  eq(b.v[0], 1)
  eq(b.v[7], 80)
  eq(lib.t_call_narrow(function(a, c, d) return d and a + c or 0 end, 200, -300, true), -100)
  local keep = "kept alive by this function"
  eq(ffi.string(lib.t_call_string(function(s)
    eq(ffi.string(s), "in")
    return keep
  end, "in")), keep)
  eq(lib.t_repeat(function(i) return i end, 1000), 499500)
end)

case("an error is raised when C has returned", function()
  local calls = 0
  local function boom(i)
    calls = calls + 1
    if i == 3 then error({ code = 7 }) end
    return 1
  end
  local ok, err = pcall(lib.t_repeat, boom, 10)
  eq(ok, false)
  eq(err.code, 7)
  eq(calls, 4, "callbacks after the error do not run")
  eq(lib.t_repeat(function() return 1 end, 10), 10)
  fails("callbacks.lua", lib.t_call, function() error "where" end, 1)
  fails({ "callback", "string" }, lib.t_call, function() return "no number" end, 1)
  fails("callback", lib.t_call, function() end, 1)
end)

case("errors in nested calls", function()
  local function inner() return lib.t_call(function() error("deep", 0) end, 1) end
  local ok, err = pcall(lib.t_call, function()
    local ok2, err2 = pcall(inner)
    eq(ok2, false)
    eq(err2, "deep")
    return inner()
  end, 1)
  eq(ok, false)
  eq(err, "deep")
  local depth = 0
  local function recurse(n)
    depth = math.max(depth, n)
    return n < 30 and lib.t_call(recurse, n + 1) or n
  end
  eq(lib.t_call(recurse, 0), 30)
  fails("yield", function()
    local co = coroutine.wrap(function() return lib.t_call(function() coroutine.yield(1) end, 1) end)
    co()
  end)
  local co = coroutine.wrap(function() return lib.t_call(function(v) return v + 1 end, 1) end)
  eq(co(), 2)
end)

case("the value after an error, where nothing can raise it", function()
  local cb = ffi.cast("int (*)(int)", function() error("this line on stderr is expected", 0) end)
  eq(lib.t_crew(cb, 1, 1), 0)
  cb:onerror(-5)
  eq(lib.t_crew(cb, 1, 2), -10)
  fails("callback", function() cb:onerror({}) end)
  cb:free()
end)

case("errno through a callback", function()
  eq(lib.t_call_errno(function() eq(ffi.errno(), 11) end), 11)
  eq(lib.t_call_errno(function() ffi.errno(22) end), 22)
  eq(lib.t_call_errno(function() lib.t_set_errno(23) end), 23)
end)

case("free and set", function()
  local cb = ffi.cast("int (*)(int)", function(v) return v + 1 end)
  lib.t_store(cb)
  eq(lib.t_stored(1), 2)
  cb:set(function(v) return v + 100 end)
  eq(lib.t_stored(1), 101)
  cb:free()
  fails("freed", lib.t_stored, 1)
  fails("callback", function() cb:free() end)
  fails("callback", function() cb:set(print) end)
  fails("freed", cb, 1)
  local plain = ffi.cast("int (*)(int)", lib.t_i32)
  fails("callback", function() plain:free() end)
  local self
  self = ffi.cast("int (*)(int)", function(v) self:free() return v end)
  eq(lib.t_call(self, 5), 5)
  fails("freed", lib.t_call, self, 5)
end)

case("many of them", function()
  local list = {}
  for i = 1, 3000 do list[i] = ffi.cast("int (*)(int)", function(v) return v + i end) end
  for i = 1, 3000, 37 do eq(lib.t_call(list[i], 1), 1 + i) end
  for i = 1, 3000 do list[i]:free() end
  for i = 1, 200 do
    local cb = ffi.cast("int (*)(int)", function(v) return v - i end)
    eq(lib.t_call(cb, 0), -i)
    cb:free()
  end
  local f = function(v) return v end
  for _ = 1, 5000 do lib.t_call(f, 1) end -- one callback for all
end)

case("the collector inside of callbacks", function()
  local sum = lib.t_repeat(function(i)
    local t = {}
    for k = 1, 10 do t[k] = { tostring(k) } end
    if i % 50 == 0 then collectgarbage() end
    return #t
  end, 300)
  eq(sum, 3000)
end)

case("qsort", function()
  ffi.cdef [[ void qsort(void *base, size_t n, size_t size, int (*cmp)(const int *, const int *));
    void *bsearch(const void *key, const void *base, size_t n, size_t size,
                  int (*cmp)(const int *, const int *)); ]]
  local n = 500
  local a = ffi.new("int[?]", n)
  for i = 0, n - 1 do a[i] = (i * 7919) % 1000 end
  local function cmp(x, y) return x[0] - y[0] end
  ffi.C.qsort(a, n, 4, cmp)
  for i = 1, n - 1 do assert(a[i - 1] <= a[i]) end
  local key = ffi.new("int[1]", a[77])
  local hit = ffi.cast("int *", ffi.C.bsearch(key, a, n, 4, cmp))
  eq(hit[0], a[77])
end)

case("threads of C", function()
  local calls = check.quick and 200 or 2000
  local sum = lib.t_crew(function(i) return i end, 4, calls)
  eq(sum, 4 * calls * (calls - 1) // 2)
end)

case("pthread_create with a Lua function", function()
  ffi.cdef [[ typedef unsigned long pthread_t;
    int pthread_create(pthread_t *, const void *attr, void *(*start)(void *), void *arg);
    int pthread_join(pthread_t, void **); ]]
  local got
  local start = ffi.cast("void *(*)(void *)", function(p)
    got = tonumber(ffi.cast("int *", p)[0]) or ffi.tonumber(ffi.cast("int *", p)[0])
    return ffi.cast("void *", 77)
  end)
  local id, arg1, out = ffi.new "pthread_t[1]", ffi.new("int[1]", 123), ffi.new "void *[1]"
  eq(ffi.C.pthread_create(id, nil, start, arg1), 0)
  eq(ffi.C.pthread_join(id[0], out), 0)
  eq(got, 123)
  eq(ffi.tonumber(ffi.cast("intptr_t", out[0])), 77)
  start:free()
end)

case("scandir", function()
  ffi.cdef [[ struct dirent { unsigned long ino; long off; unsigned short len; unsigned char type;
      char name[256]; };
    int scandir(const char *, struct dirent ***, int (*)(const struct dirent *),
                int (*)(const struct dirent **, const struct dirent **));
    void free(void *); int strcmp(const char *, const char *); ]]
  local list = ffi.new "struct dirent **[1]"
  local n = ffi.C.scandir("/", list, function(d) return d.name[0] ~= 46 and 1 or 0 end,
    function(a, b) return ffi.C.strcmp(a[0].name, b[0].name) end)
  assert(n > 3, n)
  local last = ""
  for i = 0, n - 1 do
    local name = ffi.string(list[0][i].name)
    assert(last < name, name)
    last = name
    ffi.C.free(list[0][i])
  end
  ffi.C.free(list[0])
end)

case("in a forked child", function()
  ffi.cdef "int waitpid(int, int *, int);"
  local pid = lib.t_fork_call(ffi.cast("int (*)(int)", function(v) return v + 40 end), 2)
  local status = ffi.new "int[1]"
  eq(ffi.C.waitpid(pid, status, 0), pid)
  eq(status[0], 42 << 8)
end)

case("modes of a callback", function()
  for _, mode in ipairs { "hold", "release", "auto" } do
    local cb = ffi.gil(ffi.cast("int (*)(int)", function(v) return v end), mode)
    eq((ffi.gil(cb)), mode)
    eq(lib.t_repeat(cb, 2000), 1999000)
    cb:free()
  end
end)

check.done()
