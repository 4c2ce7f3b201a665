-- Manual 3.3.8: to-be-closed variables.
local T = require "harness"
T.exprs{ pre = "local log = {} local function C(name, f) return setmetatable({name = name}, {__close = function(o, e) log[#log + 1] = name .. ':' .. (type(e) == 'table' and 'T' or tostring(e)) if f then return f(o, e) end end}) end local function out(...) return table.concat(log, ' '), ... end", [====[
do local a <close> = C"a" end return out() --> "a:nil"
do local a <close> = C"a" local b <close> = C"b" log[#log + 1] = "body" end return out() --> "body b:nil a:nil"
do local a <close> = nil local b <close> = false end return out() --> ""
local a <close> = 5 --> !?:1: variable 'a' got a non-closable value
local a <close> = {} --> !?:1: variable 'a' got a non-closable value
local a <close> = setmetatable({}, {}) --> !?:1: variable 'a' got a non-closable value
do local x <const>, a <close> = 1, "str" end --> !?:1: variable 'a' got a non-closable value
local function f() local a <close> = C"a" return 1, 2, 3 end return f(), out() --> 1, "a:nil"
local function f() local a <close> = C"a" return 1, 2, 3 end local r = {f()} return out(r) --> "a:nil", {1, 2, 3}
local function f() local a <close> = C"a" return out() end local x = f() return x, out() --> "", "a:nil"
local function f() local a <close> = C"a" error("x", 0) end return pcall(f), out() --> false, "a:x"
local function f() local a <close> = C"a" error({}, 0) end return pcall(f), out() --> false, "a:T"
local function f() local a <close> = C"a" local b <close> = C"b" error("x", 0) end local r = {pcall(f)} return out(r[1], r[2]) --> "b:x a:x", false, "x"
local function f() local a <close> = C"a" local b <close> = C("b", function() error("in b", 0) end) error("x", 0) end local r = {pcall(f)} return out(r[1], r[2]) --> "b:x a:in b", false, "in b"
local function f() local a <close> = C("a", function() error("in a", 0) end) local b <close> = C("b", function() error("in b", 0) end) end local r = {pcall(f)} return out(r[1], r[2]) --> "b:nil a:in b", false, "in a"
local function f() local a <close> = C"a" local b <close> = C("b", function(_, e) error(nil) end) error("x", 0) end local r = {pcall(f)} return out(r[1], r[2]) --> "b:x a:nil", false, nil
for i = 1, 3 do local a <close> = C("a" .. i) if i == 2 then break end end return out() --> "a1:nil a2:nil"
for i = 1, 3 do local a <close> = C("a" .. i) if i == 2 then goto c end log[#log + 1] = "b" .. i ::c:: end return out() --> "b1 a1:nil a2:nil b3 a3:nil"
local i = 1 ::top:: do local a <close> = C("a" .. i) i = i + 1 if i <= 3 then goto top end end return out() --> "a1:nil a2:nil a3:nil"
local i = 0 while i < 3 do local a <close> = C("a" .. i) i = i + 1 end return out() --> "a0:nil a1:nil a2:nil"
local i = 0 repeat local a <close> = C("a" .. i) i = i + 1 local stop = i >= 2 until stop return out() --> "a0:nil a1:nil"
local function f() for i = 1, 3 do local a <close> = C("a" .. i) if i == 2 then return i end end end local r = f() return out(r) --> "a1:nil a2:nil", 2
for k, v in next, {1}, nil, C"iter" do log[#log + 1] = "k" .. k end return out() --> "k1 iter:nil"
for k, v in next, {1, 2, 3}, nil, C"iter" do if k == 2 then break end end return out() --> "iter:nil"
local ok, m = pcall(function() for k, v in next, {1, 2, 3}, nil, C"iter" do error("e", 0) end end) return out(ok, m) --> "iter:e", false, "e"
local function f() for k in next, {1}, nil, C"iter" do return "r" .. k end end local r = f() return out(r) --> "iter:nil", "r1"
for k in next, {}, nil, 5 do end --> !?:1: variable '(for state)' got a non-closable value
for k in next, {}, nil, {} do end --> !?:1: variable '(for state)' got a non-closable value
for k in next, {}, nil, nil, C"ignored" do end return out() --> ""
local co = coroutine.wrap(function() local a <close> = C"a" coroutine.yield(1) return 2 end) local x = co() local l1 = #log local y = co() return out(x, l1, y) --> "a:nil", 1, 0, 2
local co = coroutine.create(function() local a <close> = C"a" coroutine.yield(1) end) coroutine.resume(co) local r = {coroutine.close(co)} return out(r[1], r[2], coroutine.status(co)) --> "a:nil", true, nil, "dead"
local co = coroutine.create(function() local a <close> = C("a", function(_, e) error("ce", 0) end) coroutine.yield(1) end) coroutine.resume(co) local r = {coroutine.close(co)} return out(r[1], r[2], coroutine.status(co)) --> "a:nil", false, "ce", "dead"
local co = coroutine.wrap(function() local a <close> = C("a", function() coroutine.yield("in close") end) return "done" end) local x, y = co(), co() return out(x, y) --> "a:nil", "in close", "done"
local co = coroutine.wrap(function() local a <close> = C("a", function() coroutine.yield("c1") coroutine.yield("c2") end) local b <close> = C("b", function() coroutine.yield("d") end) return 1, 2, 3 end) return out(co(), co(), co(), co()) --> "b:nil a:nil", "d", "c1", "c2", 1, 2, 3
local co = coroutine.wrap(function() local a <close> = C("a", function() coroutine.yield("c") end) error("E", 0) end) local x = co() return out(x, pcall(co)) --> !?:1: attempt to yield across a C-call boundary
local co = coroutine.wrap(function() return pcall(function() local a <close> = C("a", function(_, e) coroutine.yield("c" .. e) end) error("E", 0) end) end) return out(co(), co()) --> "a:E", "cE", false, "E"
local co = coroutine.wrap(function() return pcall(function() local a <close> = C("a", function(_, e) coroutine.yield(e) error("2nd", 0) end) local b <close> = C("b", function(_, e) coroutine.yield(e) error("1st", 0) end) error("E", 0) end) end) return out(co(), co(), co()) --> "b:E a:1st", "E", "1st", false, "2nd"
local co = coroutine.wrap(function() for k in next, {1}, nil, C("it", function() coroutine.yield("ic") end) do coroutine.yield(k) end return "end" end) return out(co(), co(), co()) --> "it:nil", 1, "ic", "end"
local function f(...) local a <close> = C"a" return ... end return out(f(1, 2, 3)) --> "a:nil", 1, 2, 3
local function f(...) local a <close> = C"a" return ... end local t = {f(1, nil, 3)} return out(#t, t[1], t[3]) --> "a:nil", 3, 1, 3
local function f() local a <close> = C"a" return (function() log[#log + 1] = "tail" return 1 end)() end local r = f() return out(r) --> "tail a:nil", 1
local a <const> = C"a" do local b <close> = a end do local b <close> = a end return out() --> "a:nil a:nil"
do local a <close> = C("a", function(o, e) return "ignored" end) end return out() --> "a:nil"
do local a <close> = C"a" do local b <close> = C"b" end local c <close> = C"c" end return out() --> "b:nil c:nil a:nil"
local function f() local a <close> = C"a" local function g() local b <close> = C"b" error("x", 0) end pcall(g) log[#log + 1] = "after" end f() return out() --> "b:x after a:nil"
local function f() local x = 0 do local a <close> = C("a", function() x = x + 1 end) end return x end return f(), out() --> 1, "a:nil"
local function f() local x = 0 local a <close> = C("a", function() x = x + 1 end) return x end return f(), out() --> 0, "a:nil"
local function f() local x = 0 local a <close> = C("a", function() x = x + 1 end) return function() return x end end return f()(), out() --> 1, "a:nil"
local mt = {} local a = setmetatable({}, mt) mt.__close = function() log[#log + 1] = "late" end do local x <close> = a end return out() --> "late"
local mt = {__close = function() end} do local x <close> = setmetatable({}, mt) mt.__close = nil end --> !?:1: attempt to call a nil value (metamethod 'close')
local mt = {__close = function() end} do local x <close> = setmetatable({}, mt) mt.__close = 7 end --> !?:1: attempt to call a number value (metamethod 'close')
local mt = {__close = setmetatable({}, {__call = function(self, o, e) log[#log + 1] = "called" end})} do local x <close> = setmetatable({}, mt) end return out() --> "called"
local ok, m = xpcall(function() local a <close> = C"a" error("x", 0) end, function(m) log[#log + 1] = "handler" return m .. "!" end) return out(ok, m) --> "handler a:x!", false, "x!"
local ok, m = xpcall(function() local a <close> = C("a", function() error("y", 0) end) error("x", 0) end, function(m) log[#log + 1] = "handler " .. m return m .. "!" end) return out(ok, m) --> "handler x a:x! handler y", false, "y!"
local co = coroutine.create(function() local a <close> = C"a" local b <close> = C"b" coroutine.yield() end) coroutine.close(co) return out(coroutine.status(co)) --> "", "dead"
local co = coroutine.create(function() local a <close> = C("a", function(_, e) error(e or "none", 0) end) error("boom", 0) end) local r1 = {coroutine.resume(co)} local r2 = {coroutine.close(co)} return out(r1, r2) --> "a:boom", {false, "boom"}, {false, "boom"}
local co co = coroutine.wrap(function() local a <close> = C"a" return pcall(error, "inner") end) return out(co()) --> "a:nil", false, "inner"
local s = 0 for i = 1, 100 do local a <close> = C("", function() s = s + i end) end return s --> 5050
local function rec(n) local a <close> = C(tostring(n)) if n > 0 then return rec(n - 1) end return "bottom" end local r = rec(3) return out(r) --> "0:nil 1:nil 2:nil 3:nil", "bottom"
local function g() local a <close> = C"a" local t <const> = {1, 2} return table.unpack(t) end return out(g(), g()) --> "a:nil a:nil", 1, 1, 2
debug.getinfo(1, "l") and out() --> ""
]====] }
-- the error object chain: each __close sees the latest error
local seen = {}
local function closer(n)
  return setmetatable({}, { __close = function(_, e) seen[#seen + 1] = e error(n, 0) end })
end
local ok, e = pcall(function()
  local a <close> = closer(1)
  local b <close> = closer(2)
  local c <close> = closer(3)
  error("start", 0)
end)
T.eq(ok, false)
T.eq(e, 1)
T.list(seen, { "start", 3, 2 })
-- many pending variables
local closed = 0
local src = {}
for i = 1, 190 do src[i] = "local v" .. i .. " <close> = mk()" end
load(table.concat(src, "\n"), "=n", "t", { mk = function()
  return setmetatable({}, { __close = function() closed = closed + 1 end })
end })()
T.eq(closed, 190)
-- closed variables on deep stacks and in reused registers
local function deep(n)
  local v <close> = setmetatable({}, { __close = function() closed = closed - 1 end })
  if n == 0 then error("bottom", 0) end
  return (deep(n - 1))
end
closed = 0
T.eq(select(2, pcall(deep, 150)), "bottom")
T.eq(closed, -151)
T.done()
