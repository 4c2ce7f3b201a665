-- Manual 2.4: metatables and metamethods, all of them.
local T = require "harness"
T.exprs{ pre = "local function V(x) return setmetatable({v = x}, M) end M = {} for _, e in ipairs{'add','sub','mul','div','mod','pow','idiv','band','bor','bxor','shl','shr','concat'} do M['__' .. e] = function(a, b) return e, type(a) == 'table' and a.v or a, type(b) == 'table' and b.v or b end end for _, e in ipairs{'unm', 'bnot', 'len'} do M['__' .. e] = function(a, b) return e, a.v, rawequal(a, b) end end local a, b = V(1), V(2)", [====[
a + b, a + 1, 1 + a, a + "x", "x" + a, a + 1.5, nil == nil and a + 300 --> "add", "add", "add", "add", "add", "add", "add"
a - b, a - 1, 1 - a, a - "x", "x" - a, a - 1.5, a - 300 --> "sub", "sub", "sub", "sub", "sub", "sub", "sub"
a * b, a * 2, 2 * a, a * 2.5 --> "mul", "mul", "mul", "mul"
a / b, a / 2, 2 / a, a % b, a % 2, 2 % a, a ^ b, a ^ 2, 2 ^ a, a // b, a // 2, 2 // a --> "div", "div", "div", "mod", "mod", "mod", "pow", "pow", "pow", "idiv", "idiv", "idiv"
a & b, a & 1, 1 & a, a & 1.5, "x" & a, a | b, a | 1, 1 | a, a ~ b, a ~ 1, 1 ~ a, a & "abc", a | {} == nil --> "band", "band", "band", "band", "band", "bor", "bor", "bor", "bxor", "bxor", "bxor", "band", false
a << b, a << 1, 1 << a, a >> b, a >> 1, 1 >> a, a << "z" --> "shl", "shl", "shl", "shr", "shr", "shr", "shl"
a .. b, a .. "x", "x" .. a, 1 .. a, a .. 1, a .. nil, nil .. a --> "concat", "concat", "concat", "concat", "concat", "concat", "concat"
"x" .. "y" .. a, a .. "x" .. "y", "x" .. a .. "y", 1 .. 2 .. a --> "xconcat", "concat", "xconcat", "1concat"
-a, ~a, #a, -a == "unm" --> "unm", "bnot", "len", true
a + nil, nil + a, a + {}, {} + a, a + true, print and a + type(print) --> "add", "add", "add", "add", "add", "add"
a + b * 2, (a + b) .. "", #a .. "", -(-a == 1 and 1 or 2) --> "add", "add", "len", -2
local t = {} t[1], t[2] = a + b, 1 + a return t --> {"add", "add"}
select("#", a + b), select("#", (function() return a + b end)()) --> 1, 1
]====] }
T.exprs [====[
local M = {__add = function(a, b) return 1 end} local a, b = setmetatable({}, M), setmetatable({}, {__add = function() return 2 end}) return a + b, b + a, a + 1, 1 + b --> 1, 2, 1, 2
setmetatable({}, {}) + 1 --> !?:1: attempt to perform arithmetic on a table value
local a = setmetatable({}, {__add = 5}) return a + 1 --> !?:1: attempt to call a number value (metamethod 'add')
local a = setmetatable({}, {__add = setmetatable({}, {__call = function(self, x, y) return type(x), y end})}) return a + 7 --> "table"
local a = setmetatable({}, {__concat = function(x, y) return type(x) .. "+" .. type(y) end}) return a .. 1, 1 .. a, a .. "x" .. 2, 1 .. 2 .. a .. 3 .. 4, a .. a --> "table+number", "number+table", "table+string", "12table+string", "table+table"
local n = 0 local M M = {__concat = function(x, y) n = n + 1 return setmetatable({}, M) end} local a = setmetatable({}, M) local r = a .. "1" .. "2" .. a .. "3" return n, type(r) --> 4, "table"
local M = {__eq = function(a, b) return a.v == b.v end} local a, b, c = setmetatable({v = 1}, M), setmetatable({v = 1}, M), setmetatable({v = 2}, M) return a == b, a ~= b, a == c, a == 1, 1 == a, a == a, rawequal(a, b) --> true, false, false, false, false, true, false
local n = 0 local a, b = setmetatable({}, {__eq = function() n = n + 1 return 5 end}), {} return a == b, b == a, a ~= b, n, a == a, n --> true, true, false, 3, true, 3
local a = setmetatable({}, {__eq = function() return nil end}) return a == {}, a ~= {}, {} == a --> false, true, false
local a = setmetatable({}, {__eq = 5}) return a == {} --> !?:1: attempt to call a number value (metamethod 'eq')
local M = {__lt = function(a, b) return a.v < b.v end, __le = function(a, b) return a.v <= b.v end} local a, b = setmetatable({v = 1}, M), setmetatable({v = 2}, M) return a < b, a > b, a <= b, a >= b, a < a, a <= a --> true, false, true, false, false, true
local M = {__lt = function(a, b) return 1 end, __le = function() return nil end} local a = setmetatable({}, M) return a < 1, 1 < a, a < "x", "x" > a, a <= 1, 1 >= a, a < 1.5, a > 100000, not (a < 1) --> true, true, true, true, false, false, true, true, false
local a = setmetatable({}, {__lt = function(x, y) return type(x), type(y) end}) local t = {} if a < 1 then t[1] = "y" end if 1 > a then t[2] = "y" end return t, a < {} --> {"y", "y"}, true
local log = {} local M = {__lt = function(x, y) log[#log + 1] = (type(x) == "table" and "t" or x) .. (type(y) == "table" and "t" or y) return true end} local a = setmetatable({}, M) local _ = a < 5, a > 5, 5 < a, 5 > a return log --> {"t5", "5t", "5t", "t5"}
local log = {} local M = {__le = function(x, y) log[#log + 1] = (type(x) == "table" and "t" or x) .. (type(y) == "table" and "t" or y) return true end} local a = setmetatable({}, M) local _ = a <= 5, a >= 5, 5 <= a, 5 >= a, a <= 1000 return log --> {"t5", "5t", "5t", "t5", "t1000"}
setmetatable({}, {__lt = function() return true end}) <= 1 --> false
setmetatable({}, {}) < setmetatable({}, {}) --> !?:1: attempt to compare two table values
setmetatable({}, {__name = "My.Type"}) < setmetatable({}, {__name = "Other"}) --> !?:1: attempt to compare My.Type with Other
setmetatable({}, {__name = "My.Type"}) < 1 --> !?:1: attempt to compare My.Type with number
setmetatable({}, {__name = "My.Type"}) + 1 --> !?:1: attempt to perform arithmetic on a My.Type value
#setmetatable({}, {__name = "My.Type"}) .. {} --> !?:1: attempt to concatenate a table value
setmetatable({}, {__name = "My.Type"})() --> !?:1: attempt to call a My.Type value
setmetatable({}, {__name = "My.Type"}) .. "x" --> !?:1: attempt to concatenate a My.Type value
setmetatable({}, {__name = "My.Type"}) & 1 --> !?:1: attempt to perform bitwise operation on a My.Type value
local t = setmetatable({}, {__index = function(t, k) return k .. "!" end}) return t.x, t[1], t.y, rawget(t, "x") --> "x!", "1!", "y!", nil
local t = setmetatable({a = 1}, {__index = {a = 2, b = 3}}) return t.a, t.b, t.c --> 1, 3, nil
local a = setmetatable({}, {__index = setmetatable({}, {__index = setmetatable({}, {__index = {x = "deep"}})})}) return a.x, a.y --> "deep", nil
local t = setmetatable({}, {__index = "abc"}) return t.len, t.x --> function, nil
local t = setmetatable({}, {__index = 5}) return t.x --> !?:1: attempt to index a number value
local t = setmetatable({}, {__index = function(...) return ... end}) local r = t.x return type(r), (t[1]) == t, select("#", t.x) --> "table", true, 1
local t = setmetatable({}, {__index = setmetatable({}, {__call = function(self, t, k) return k end})}) return t.x --> nil
local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x --> !?:1: '__index' chain too long; possible loop
local t = {} setmetatable(t, {__index = setmetatable({}, {__index = t})}) return t.x --> !?:1: '__index' chain too long; possible loop
local t = {} for i = 1, 3000 do t = setmetatable({}, {__index = t}) end return t.x --> !?:1: '__index' chain too long; possible loop
local t = {x = 1} for i = 1, 1990 do t = setmetatable({}, {__index = t}) end return t.x --> 1
local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v * 2) end}) t.x = 1 t.x = 3 t[1] = 5 return t.x, t[1] --> 3, 10
local u = {} local t = setmetatable({}, {__newindex = u}) t.x = 1 return rawget(t, "x"), u.x --> nil, 1
local u = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v .. "!") end}) local t = setmetatable({}, {__newindex = u}) t.x = 1 return t.x, u.x --> nil, "1!"
local t = setmetatable({x = false}, {__newindex = error}) t.x = 2 return t.x --> 2
local t = setmetatable({}, {__newindex = 5}) t.x = 1 --> !?:1: attempt to index a number value
local t = setmetatable({}, {__newindex = "abc"}) t.x = 1 --> !?:1: attempt to index a string value
local t = setmetatable({}, {}) getmetatable(t).__newindex = t t.x = 1 --> !?:1: '__newindex' chain too long; possible loop
local t = {} for i = 1, 3000 do t = setmetatable({}, {__newindex = t}) end t.x = 1 --> !?:1: '__newindex' chain too long; possible loop
local t = setmetatable({}, {__index = function(t, k) error("no field " .. k, 2) end}) return t.foo --> !?:1: no field foo
local t = setmetatable({}, {__newindex = function(t, k) error("ro " .. tostring(k), 0) end}) t.foo = 1 --> !ro foo
local c = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end}) return c(), c(1, nil), c{}, c"x", (c(5)) --> 0, 2, 1, 1, 1
local c = setmetatable({v = 9}, {__call = function(self, a) return self.v, a end}) return c(1), pcall(c, 2), c:v --> !?:1: function arguments expected near <eof>
local c = setmetatable({}, {__call = function(self, n) if n == 0 then return "end" end return self(n - 1) end}) return c(10000) --> "end"
local c = setmetatable({}, {__call = setmetatable({}, {__call = function(a, b, x) return type(a), type(b), x end})}) return c(7) --> "table", "table", 7
local c = setmetatable({}, {__call = 5}) return c() --> !?:1: attempt to call a number value (local 'c')
local c = setmetatable({}, {__call = nil}) return c() --> !?:1: attempt to call a table value (local 'c')
local t = {f = setmetatable({}, {__call = function(self, t, x) return t.y, x end}), y = 3} return t:f(4), t.f(t, 5) --> 3, 3, 5
local co = coroutine.wrap(setmetatable({}, {__call = function(self, a) return a end})) --> !?:1: bad argument #1 to 'wrap' (function expected, got table)
local t = setmetatable({}, {__call = function(_, s, c) c = c + 1 if c <= 3 then return c end end}) local n = 0 for i in t, nil, 0 do n = n + i end return n --> 6
#setmetatable({1, 2}, {__len = function() return 10 end}), #setmetatable({1, 2}, {__len = function() return "x" end}), rawlen(setmetatable({1, 2}, {__len = error})) --> 10, "x", 2
#setmetatable({}, {__len = function() return 1, 2 end}), {#setmetatable({}, {__len = function() return 1, 2 end})} --> 1, {1}
-setmetatable({}, {__unm = function(a, b) return rawequal(a, b) end}), ~setmetatable({}, {__bnot = function(a, b) return rawequal(a, b) end}) --> true, true
tostring(setmetatable({}, {__tostring = function() return "me" end})), tostring(setmetatable({}, {__name = "N"})):match("^N: ") ~= nil, tostring(setmetatable({}, {__name = 5})):match("^table: ") ~= nil --> "me", true, true
tostring(setmetatable({}, {__tostring = function() return 5 end})) --> "5"
tostring(setmetatable({}, {__tostring = function() return {} end})) --> !?:1: '__tostring' must return a string
tostring(setmetatable({}, {__tostring = "x"})) --> !attempt to call a string value
getmetatable(setmetatable({}, {__metatable = "locked"})), getmetatable(setmetatable({}, {__metatable = false})), getmetatable({}) --> "locked", false, nil
setmetatable(setmetatable({}, {__metatable = "locked"}), {}) --> !?:1: cannot change a protected metatable
setmetatable(setmetatable({}, {__metatable = false}), nil) --> !?:1: cannot change a protected metatable
setmetatable({}, 5) --> !?:1: bad argument #2 to 'setmetatable' (nil or table expected, got number)
setmetatable({}) --> !?:1: bad argument #2 to 'setmetatable' (nil or table expected, got no value)
setmetatable(1, {}) --> !?:1: bad argument #1 to 'setmetatable' (table expected, got number)
setmetatable({}, nil), getmetatable(setmetatable(setmetatable({}, {}), nil)) --> {}, nil
getmetatable("").__index == string, getmetatable("x") == getmetatable("y"), getmetatable(1), getmetatable(print), getmetatable(nil), getmetatable(coroutine.create(print)), type(getmetatable(io.stdout)) --> true, true, nil, nil, nil, nil, "table"
getmetatable("").__name, getmetatable("").__add ~= nil, getmetatable("").__unm ~= nil, getmetatable("").__concat --> nil, true, true, nil
pairs(setmetatable({}, {__pairs = function(t) return 1, 2, 3, 4 end})) --> 1, 2, 3
local s = 0 for k, v in pairs(setmetatable({}, {__pairs = function(t) return function(_, k) k = k + 1 if k < 4 then return k, k * 10 end end, t, 0 end})) do s = s + v end return s --> 60
pairs(setmetatable({}, {__pairs = 5})) --> !attempt to call a number value
local s = "" for i, v in ipairs(setmetatable({}, {__index = function(t, i) if i < 4 then return i * i end end})) do s = s .. v .. "," end return s --> "1,4,9,"
ipairs(nil) --> function, nil, 0
ipairs() --> !?:1: bad argument #1 to 'ipairs' (value expected)
type((ipairs(5))) --> "function"
next(setmetatable({}, {__pairs = error, __index = error})), rawget(setmetatable({}, {__index = error}), 1), rawset(setmetatable({}, {__newindex = error}), 1, 2)[1], rawequal(setmetatable({}, {__eq = error}), {}) --> nil, nil, 2, false
table.concat(setmetatable({}, {__index = function(t, i) return "v" .. i end, __len = function() return 3 end}), ",") --> "v1,v2,v3"
table.unpack(setmetatable({}, {__index = function(t, i) return i * i end, __len = function() return 4 end})) --> 1, 4, 9, 16
local t = setmetatable({}, {__index = function() return 1 end}) return t.a + t.b, #t, next(t) --> 2, 0, nil
debug.setmetatable(5, {__index = function(n, k) return k .. n end, __call = function(n, x) return n + x end, __len = function(n) return n end}) local a, b, c, d = (5).x, (5)(6), #7, (5).y debug.setmetatable(5, nil) return a, b, c, d --> "x5", 11, 7, "y5"
debug.setmetatable(nil, {__index = function() return "nil!" end, __add = function(a, b) return b end}) local a, b = (nil).x, nil + 3 debug.setmetatable(nil, nil) return a, b --> "nil!", 3
debug.setmetatable(true, {__tostring = function(b) return b and "T" or "F" end, __unm = function(b) return not b end}) local a, b, c = tostring(true), tostring(false), -true debug.setmetatable(true, nil) return a, b, c --> "T", "F", false
debug.setmetatable(print, {__index = {name = "fn"}, __concat = function() return "cat" end}) local a, b = print.name, print .. "" debug.setmetatable(print, nil) return a, b --> "fn", "cat"
local f = function() end debug.setmetatable(f, {__add = function(f, g) return "composed" end}) local r = f + f debug.setmetatable(f, nil) return r --> "composed"
local c = coroutine.create(print) debug.setmetatable(c, {__index = coroutine}) local r = c:status() debug.setmetatable(c, nil) return r --> "suspended"
local M = {} M.__index = M function M.new(x) return setmetatable({x = x}, M) end function M:get() return self.x end local D = setmetatable({}, {__index = M}) D.__index = D function D:get() return "D" .. M.get(self) end local d = setmetatable(M.new(5), D) return d:get(), M.new(6):get() --> "D5", 6
local t = setmetatable({}, {__index = function(t, k) t[k] = k return k end}) local a = t.x return a, rawget(t, "x") --> "x", "x"
local count = 0 local p = setmetatable({}, {__index = function(_, k) count = count + 1 return nil end}) local _ = p.a, p.b, p[1], p[1.5], p[true] return count --> 5
local mt = {} local t = setmetatable({}, mt) local a = t.x mt.__index = function() return "late" end local b = t.x mt.__index = nil return a, b, t.x --> nil, "late", nil
local mt = {} local t = setmetatable({}, mt) local r = {} r[1] = pcall(function() return t + 1 end) mt.__add = function() return 1 end r[2] = pcall(function() return t + 1 end) mt.__add = nil r[3] = pcall(function() return t + 1 end) return r --> {false, true, false}
local mt = {} local a, b = setmetatable({}, mt), setmetatable({}, mt) local r = {a == b} mt.__eq = function() return true end r[2] = a == b mt.__eq = nil r[3] = a == b return r --> {false, true, false}
local mt = {} local t = setmetatable({1}, mt) local r = {#t} mt.__len = function() return 9 end r[2] = #t mt.__len = nil r[3] = #t return r --> {1, 9, 1}
local mt = {} local t = setmetatable({}, mt) t.a = 1 mt.__newindex = function() end t.b = 2 mt.__newindex = nil t.c = 3 return t --> meta{["a"]=1, ["c"]=3}
local mt = {} local t = setmetatable({}, mt) local r = {pcall(function() t() end)} mt.__call = function() return 1 end r[3] = t() return r[1], r[2], r[3] --> false, "?:1: attempt to call a table value (upvalue 't')", 1
local x = setmetatable({}, {__close = function() end}) do local y <close> = x end return "closed" --> "closed"
local t = setmetatable({}, {__mode = "k", __index = {a = 1}, __gc = true}) return t.a --> 1
local proxy = setmetatable({}, {__index = _G}) return proxy.type(5), proxy.nope --> "number", nil
local t = setmetatable({}, {__div = function(a, b) return "div" end, __idiv = function() return "idiv" end, __mod = function() return "mod" end, __pow = function() return "pow" end}) return t / 0, 0 // t, t % 0, 2 ^ t --> "div", "idiv", "mod", "pow"
"abc" + setmetatable({}, {__add = function(a, b) return a end}), "10" + setmetatable({}, {__add = function(a, b) return a end}) --> "abc", "10"
"10" + 1, "a" < "b", pcall(function() return "a" + 1 end) --> 11, true, false, "?:1: attempt to add a 'string' with a 'number'"
local a = setmetatable({}, {__add = function() error("in add") end}) return a + 1 --> !?:1: in add
local a = setmetatable({}, {__add = function() error() end}) return a + 1 --> !!nil
local a = setmetatable({}, {__add = function() error({1}) end}) return a + 1 --> !!{1}
]====]
T.done()
