-- Manual 2.6, 6.2: coroutines.
local T = require "harness"
T.exprs{ pre = "local C = coroutine local yield, wrap, create, resume, status, close, running, isyieldable = C.yield, C.wrap, C.create, C.resume, C.status, C.close, C.running, C.isyieldable", [====[
local co = create(function(a, b) local c = yield(a + b) local d, e = yield(c * 2) return d + e end) return resume(co, 1, 2), resume(co, 10), resume(co, 3, 4), resume(co) --> true, true, true, false, "cannot resume dead coroutine"
local co = create(function(...) return select("#", ...), ... end) return resume(co, nil, nil) --> true, 2, nil, nil
local co = create(function() return select("#", yield()) end) resume(co) return resume(co, nil, 2, nil) --> true, 3
local co = create(function() yield(1, nil, 3) end) local t = table.pack(resume(co)) return t.n, t[2], t[4], status(co) --> 4, 1, 3, "suspended"
local co = wrap(function() for i = 1, 3 do yield(i) end end) return co(), co(), co(), co() --> 1, 2, 3
local co = wrap(function() return 1 end) co() co() --> !?:1: cannot resume dead coroutine
local co = wrap(function() error("msg") end) co() --> !?:1: ?:1: msg
local co = wrap(function() error("msg", 0) end) co() --> !?:1: msg
local co = wrap(function() error({code = 5}) end) co() --> !!{["code"]=5}
local co = wrap(function() error() end) co() --> !!nil
local co = create(function() error("msg") end) return resume(co), status(co), resume(co) --> false, "dead", false, "cannot resume dead coroutine"
local co = create(function() error({1}) end) return resume(co), status(co) --> false, "dead"
local co co = create(function() return status(co), running() == co, select(2, running()) end) return status(co), resume(co), status(co) --> "suspended", true, "dead"
local main, ismain = running() return type(main), ismain, isyieldable(), isyieldable(main) --> "thread", true, false, false
local co = create(function() yield(isyieldable()) return isyieldable() end) return resume(co), isyieldable(co), resume(co), isyieldable(co) --> true, true, true, true
local a, b a = create(function() return resume(b) end) b = create(function() return status(a), resume(a) end) return resume(a) --> true, true, "normal", false, "cannot resume non-suspended coroutine"
local co co = create(function() return resume(co) end) return resume(co) --> true, false, "cannot resume non-suspended coroutine"
local co co = wrap(function() return co() end) return co() --> !?:1: ?:1: cannot resume non-suspended coroutine
local co co = wrap(function() return pcall(co) end) return co() --> false, "cannot resume non-suspended coroutine"
yield() --> !attempt to yield from outside a coroutine
pcall(yield, 1) --> false, "attempt to yield from outside a coroutine"
resume(5) --> !?:1: bad argument #1 to 'resume' (thread expected, got number)
resume(print) --> !?:1: bad argument #1 to 'resume' (thread expected, got function)
create(5) --> !?:1: bad argument #1 to 'create' (function expected, got number)
create() --> !?:1: bad argument #1 to 'create' (function expected, got no value)
wrap("x") --> !?:1: bad argument #1 to 'wrap' (function expected, got string)
status({}) --> !?:1: bad argument #1 to 'status' (thread expected, got table)
close(5) --> !?:1: bad argument #1 to 'close' (thread expected, got number)
status() --> !?:1: bad argument #1 to 'status' (thread expected, got no value)
create(print), wrap(print), type(create(print)), type(wrap(print)) --> thread, function, "thread", "function"
resume(create(math.max), 3, 9, 4), wrap(math.max)(2, 1) --> true, 2
resume(create(setmetatable({}, {__call = print}))) --> !?:1: bad argument #1 to 'create' (function expected, got table)
local co = create(yield) return resume(co, 1, 2), status(co), resume(co, 3, 4), status(co) --> true, "suspended", true, "dead"
local co = create(pcall) return resume(co, yield, 1, 2), resume(co, 5, 6), status(co) --> true, true, "dead"
local co = wrap(function() return pcall(function() yield(1) error("e", 0) end) end) return co(), co() --> 1, false, "e"
local co = wrap(function() return pcall(function(...) return yield(...) end, 1, 2) end) return co(), co(3, 4) --> 1, true, 3, 4
local co = wrap(function() return pcall(pcall, pcall, yield, 1) end) return co(), co(2) --> 1, true, true, true, 2
local co = wrap(function() return pcall(pcall, error, "x") end) return co() --> true, false, "x"
local co = wrap(function() local r = {} for i = 1, 3 do r[i] = select(2, pcall(function() yield(i) error("e" .. i, 0) end)) end return table.unpack(r) end) return co(), co(), co(), co() --> 1, 2, 3, "e1", "e2", "e3"
local co = wrap(function() return xpcall(function() yield(1) error("e", 0) end, function(m) return m .. "!" end) end) return co(), co() --> 1, false, "e!"
local co = wrap(function() return xpcall(function(...) yield(...) return "ok" end, print, 7, 8) end) return co(), co() --> 7, true, "ok"
local co = wrap(function() return xpcall(yield, print, 7, 8) end) return co(), co(9) --> 7, true, 9
local co = wrap(function() return xpcall(error, function() yield(1) end) end) return co() --> false, "error in error handling"
local co = wrap(function() return select(2, pcall(error, setmetatable({}, {__tostring = function() return yield(1) end}))) end) return type(co()) --> "table"
local M = {__add = function(a, b) return yield("add") end, __index = function(t, k) return yield(k) end, __newindex = function(t, k, v) rawset(t, k, yield(v)) end, __call = function(self, ...) return yield(...) end, __len = function() return yield("len") end, __unm = function() return yield("unm") end, __concat = function(a, b) return yield("cat") end, __eq = function() return yield("eq") end, __lt = function() return yield("lt") end, __le = function() return yield("le") end} local co = wrap(function() local t = setmetatable({}, M) local a = t + 1 local b = t.foo t.bar = 5 local c = t(1, 2) local d = #t local e = -t local f = t .. "x" local g = t == setmetatable({}, M) local h = t < 1 local i = t <= 1 local j = 1 > t return a, b, t.bar, c, d, e, f, g, h, i, j end) local r, v = {}, nil for i = 1, 30 do local x = table.pack(co(i)) r[#r + 1] = x[1] if x.n > 5 then return r, table.unpack(x) end end --> {"add", "foo", 5, 1, "len", "unm", "cat", "eq", "lt", "le", "lt", 2}, 2, 3, 4, 5, 6, 7, 8, true, true, true, true
local M = {__lt = function() return yield("lt") end} local co = wrap(function() local t = setmetatable({}, M) if t < t then return "yes" else return "no" end end) return co(), co(true) --> "lt", "yes"
local M = {__lt = function() return yield("lt") end} local co = wrap(function() local t = setmetatable({}, M) if not (t < t) then return "yes" else return "no" end end) return co(), co(true) --> "lt", "no"
local M = {__eq = function() return yield("eq") end} local co = wrap(function() local n = 0 while setmetatable({}, M) ~= setmetatable({}, M) do n = n + 1 end return n end) return co(), co(false), co(false), co(true) --> "eq", "eq", "eq", 2
local M = {__concat = function(a, b) return yield(type(b) == "table" and "T" or b) end} local co = wrap(function() local t = setmetatable({}, M) return t .. "a" .. "b" .. t .. "c" .. "d" end) return co(), co("x"), co("y"), co("z") --> !?:1: cannot resume dead coroutine
local co = wrap(function() for k, v in function(s, c) return yield(c) end, "s", 0 do yield("body" .. k) end return "end" end) return co(), co(1), co(), co(2), co(), co(nil) --> 0, "body1", 1, "body2", 2, "end"
local co = wrap(function() for k in pairs(setmetatable({}, {__pairs = function(t) yield("pairs") return next, {10}, nil end})) do yield(k) end return "end" end) return co(), co(), co() --> "pairs", 1, "end"
local co = wrap(function() for i, v in ipairs(setmetatable({}, {__index = function(t, i) return yield(i) end})) do yield("v" .. v) end return "end" end) return co(), co("a"), co(), co(nil) --> !?:1: attempt to yield across a C-call boundary
local co = wrap(function() table.sort({3, 2, 1}, function(a, b) yield() end) end) return co() --> !?:1: attempt to yield across a C-call boundary
local co = wrap(function() return (("abc"):gsub(".", function(c) yield(c) end)) end) return co() --> !?:1: attempt to yield across a C-call boundary
local co = wrap(function() for w in ("a b"):gmatch("%a") do yield(w) end end) return co(), co(), co() --> "a", "b"
local co = wrap(function() return load(function() yield() end) end) return co() --> nil, "attempt to yield across a C-call boundary"
local co = wrap(function() return table.concat(setmetatable({}, {__index = function(t, k) return yield(k) end, __len = function() return 2 end})) end) return co() --> !?:1: attempt to yield across a C-call boundary
local co = wrap(function() return tostring(setmetatable({}, {__tostring = function() yield() end})) end) return co() --> !?:1: attempt to yield across a C-call boundary
local co = wrap(function() return dofile and select("#", pcall(dofile, "/nonexistent")) end) return co() --> 2
local co = wrap(function() local x <close> = setmetatable({}, {__close = function() yield("closing") end}) return 1 end) return co(), co() --> "closing", 1
local co = wrap(function() return require and type(require) end) return co() --> "function"
local co = create(function() yield() end) resume(co) return close(co), status(co), resume(co), close(co) --> true, "dead", false, true
local co = create(function() end) return close(co), status(co), resume(co) --> true, "dead", false, "cannot resume dead coroutine"
local co = create(function() error("x", 0) end) resume(co) return close(co), close(co), status(co) --> false, true, "dead"
local co co = create(function() return pcall(close, co) end) return resume(co) --> true, false, "cannot close a running coroutine"
local a, b a = create(function() return resume(b) end) b = create(function() return pcall(close, a) end) return resume(a) --> true, true, false, "cannot close a normal coroutine"
close(running()) --> !?:1: cannot close a running coroutine
pcall(close, (running())) --> false, "cannot close a running coroutine"
local co = create(function() local x <close> = setmetatable({}, {__close = function(_, e) error("c:" .. tostring(e), 0) end}) yield() end) resume(co) return close(co) --> false, "c:nil"
local gen = function(n) return wrap(function() for i = 1, n do yield(i) end end) end local s = 0 for i in gen(10) do s = s + i end return s --> 55
local function perm(a, n) n = n or #a if n <= 1 then yield(table.concat(a)) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end local r = {} for p in wrap(function() perm{"a", "b", "c"} end) do r[#r + 1] = p end return r --> {"bca", "cba", "cab", "acb", "bac", "abc"}
local function walk(t) if t then walk(t[1]) yield(t.v) walk(t[2]) end end local r = {} for v in wrap(function() walk{v = 2, {v = 1}, {v = 3}} end) do r[#r + 1] = v end return r --> {1, 2, 3}
local co = wrap(function(...) local n = 0 while true do n = n + select("#", ...) yield(n) end end) return co(1, 2), co(), co() --> 2, 4, 6
local inner = create(function() yield(1) yield(2) end) local outer = wrap(function() local _, v = resume(inner) yield(v) _, v = resume(inner) yield(v) return status(inner) end) return outer(), outer(), outer() --> 1, 2, "suspended"
local s = {} local ping, pong ping = wrap(function() while true do s[#s + 1] = "ping" yield() end end) pong = wrap(function() while true do s[#s + 1] = "pong" yield() end end) for i = 1, 2 do ping() pong() end return table.concat(s, " ") --> "ping pong ping pong"
local co = create(function() local x = 5 yield(function() x = x + 1 return x end) return x end) local _, f = resume(co) f() return f(), resume(co) --> 7, true, 7
local co = create(function() return running() end) local _, r, m = resume(co) return r == co, m --> true, false
local co = wrap(function() return error(setmetatable({}, {__tostring = function() return "custom" end})) end) return co() --> !!meta{}
local co = create(function() local ok, e = pcall(function() local ok2, e2 = pcall(function() yield("a") error("in") end) yield(e2) error("out", 0) end) return e end) return resume(co), resume(co), resume(co) --> true, true, true, "out"
local t = {} for i = 1, 3 do t[i] = wrap(function() for j = 1, 2 do yield(i * 10 + j) end end) end local r = {} for j = 1, 2 do for i = 1, 3 do r[#r + 1] = t[i]() end end return r --> {11, 21, 31, 12, 22, 32}
debug.traceback(create(function() end)), debug.traceback(create(function() end), "msg"), debug.traceback(create(print), nil), debug.traceback(create(print), 5) --> "stack traceback:", "msg\nstack traceback:", "stack traceback:", "5\nstack traceback:"
local co = create(function() local function f() yield() end f() end) resume(co) return (debug.traceback(co):gsub("%?:%d+", "?")) --> "stack traceback:\n\t[C]: in function 'coroutine.yield'\n\t?: in local 'f'\n\t?: in function <?>"
local co = create(function(x) error("oops") end) resume(co) return debug.traceback(co) --> "stack traceback:\n\t[C]: in function 'error'\n\t?:1: in function <?:1>"
local co = create(function() local a, b = 1, "x" yield() end) resume(co) return debug.getlocal(co, 1, 1), debug.getlocal(co, 1, 2), debug.getinfo(co, 1, "l").currentline, debug.getinfo(co, 0, "n").name --> "a", "b", 1, "yield"
]====] }
-- thousands of coroutines alive at once, resumed in turn
local live = {}
for i = 1, 3000 do
  live[i] = coroutine.create(function(a) while true do a = a + coroutine.yield(a) end end)
end
for round = 1, 3 do
  for i = 1, #live do
    local ok, v = coroutine.resume(live[i], i)
    if not ok or v ~= round * i then T.eq(v, round * i) end
  end
end
T.ok(true)
-- nested coroutines, down to the limit of C calls
local function nest(n)
  if n == 0 then return "bottom" end
  return coroutine.wrap(nest)(n - 1)
end
T.eq(nest(150), "bottom")
local ok, message = pcall(nest, 100000)
T.eq(ok, false)
T.ok(message:find("C stack overflow", 1, true))
-- a deep Lua stack inside a coroutine, and yields from the bottom of it
local co = coroutine.wrap(function()
  local function down(n) if n == 0 then return coroutine.yield("deep") end return (down(n - 1)) end
  return down(10000)
end)
T.eq(co(), "deep")
T.eq(co("back"), "back")
-- values survive many yields through nested pcalls
co = coroutine.wrap(function(...)
  local acc = { ... }
  for i = 1, 50 do
    local ok, v = pcall(function() return pcall(function() acc[#acc + 1] = coroutine.yield(#acc) error("again") end) end)
  end
  return table.unpack(acc)
end)
local last = co("first")
for i = 1, 50 do
  T.eq(last, i)
  last = co(i * 2)
end
T.eq(last, "first")
T.done()
