-- Manual 2.3 and the messages of run-time errors: variable names, positions, levels, handlers, tracebacks.
local T = require "harness"
T.exprs [====[
local a; a.x = 1 --> !?:1: attempt to index a nil value (local 'a')
local a; return a.x --> !?:1: attempt to index a nil value (local 'a')
local a; return a[1] --> !?:1: attempt to index a nil value (local 'a')
local a; return a.b.c --> !?:1: attempt to index a nil value (local 'a')
local a = {} ; return a.b.c --> !?:1: attempt to index a nil value (field 'b')
local a = {b = {}} ; return a.b.c.d --> !?:1: attempt to index a nil value (field 'c')
local a = {} ; a.b.c = 1 --> !?:1: attempt to index a nil value (field 'b')
local a = {} ; return a[1][2] --> !?:1: attempt to index a nil value (field 'integer index')
local a, k = {}, "key" ; return a[k].x --> !?:1: attempt to index a nil value (field '?')
local a, k = {}, 5 ; return a[k].x --> !?:1: attempt to index a nil value (field '?')
return x.y --> !?:1: attempt to index a nil value (global 'x')
x.y = 1 --> !?:1: attempt to index a nil value (global 'x')
return x.y.z --> !?:1: attempt to index a nil value (global 'x')
x = {} return x.y.z --> !?:1: attempt to index a nil value (field 'y')
return ("x").y.z --> !?:1: attempt to index a nil value (field 'y')
local s = "x" return s.y.z --> !?:1: attempt to index a nil value (field 'y')
local a = 5; return a.x --> !?:1: attempt to index a number value (local 'a')
local a = true; return a.x --> !?:1: attempt to index a boolean value (local 'a')
local a = print; return a.x --> !?:1: attempt to index a function value (local 'a')
local a = 5; a.x = 1 --> !?:1: attempt to index a number value (local 'a')
local a; a() --> !?:1: attempt to call a nil value (local 'a')
x() --> !?:1: attempt to call a nil value (global 'x')
x.y() --> !?:1: attempt to index a nil value (global 'x')
x = {} x.y() --> !?:1: attempt to call a nil value (field 'y')
x = {} x.y.z() --> !?:1: attempt to index a nil value (field 'y')
x = {} x:y() --> !?:1: attempt to call a nil value (method 'y')
local a = {} a:nope() --> !?:1: attempt to call a nil value (method 'nope')
local a = {} a.b:nope() --> !?:1: attempt to index a nil value (field 'b')
local s = "x" s:nope() --> !?:1: attempt to call a nil value (method 'nope')
(1)() --> !?:1: attempt to call a number value
("x")() --> !?:1: attempt to call a string value (constant 'x')
({})() --> !?:1: attempt to call a table value
(nil)() --> !?:1: attempt to call a nil value
local t = {{}} t[1]() --> !?:1: attempt to call a table value (field 'integer index')
local t = {} t[1]() --> !?:1: attempt to call a nil value (field 'integer index')
local t = {} local k = "kk" t[k]() --> !?:1: attempt to call a nil value (field '?')
local function f() return nil end f()() --> !?:1: attempt to call a nil value
local a, b = {}, 1 return a + b --> !?:1: attempt to perform arithmetic on a table value (local 'a')
local a, b = 1, {} return a + b --> !?:1: attempt to perform arithmetic on a table value (local 'b')
local a = {} return a.x + 1 --> !?:1: attempt to perform arithmetic on a nil value (field 'x')
local a = {} return 1 + a.x --> !?:1: attempt to perform arithmetic on a nil value (field 'x')
return x + 1 --> !?:1: attempt to perform arithmetic on a nil value (global 'x')
return 1 + x --> !?:1: attempt to perform arithmetic on a nil value (global 'x')
return x.y + 1 --> !?:1: attempt to index a nil value (global 'x')
local a = "x" return a + 1 --> !?:1: attempt to add a 'string' with a 'number'
local a = "x" return 1 - a --> !?:1: attempt to sub a 'number' with a 'string'
return "abc" * 2 --> !?:1: attempt to mul a 'string' with a 'number'
return {} .. "x" --> !?:1: attempt to concatenate a table value
local a return a .. "x" --> !?:1: attempt to concatenate a nil value (local 'a')
local a return "x" .. a --> !?:1: attempt to concatenate a nil value (local 'a')
local a return "x" .. a .. "y" --> !?:1: attempt to concatenate a nil value (local 'a')
local a = {} return a.b .. "x" --> !?:1: attempt to concatenate a nil value (field 'b')
return x .. "y" --> !?:1: attempt to concatenate a nil value (global 'x')
return -x --> !?:1: attempt to perform arithmetic on a nil value (global 'x')
return -{} --> !?:1: attempt to perform arithmetic on a table value
return -"x" --> !?:1: attempt to unm a 'string' with a 'string'
local a = {} return -a.b --> !?:1: attempt to perform arithmetic on a nil value (field 'b')
return ~1.5 --> !?:1: number has no integer representation
return ~"x" --> !?:1: attempt to perform bitwise operation on a string value (constant 'x')
return ~{} --> !?:1: attempt to perform bitwise operation on a table value
local a = 1.5 return a & 1 --> !?:1: number (local 'a') has no integer representation
local a = 1.5 return 1 | a --> !?:1: number (local 'a') has no integer representation
local a = {} return a & 1 --> !?:1: attempt to perform bitwise operation on a table value (local 'a')
local a = "1.5" return a & 1 --> !?:1: attempt to perform bitwise operation on a string value (local 'a')
local a = 2^63 return a | 0 --> !?:1: number (local 'a') has no integer representation
return 1 << {} --> !?:1: attempt to perform bitwise operation on a table value
return 1 << 1.5 --> !?:1: number has no integer representation
return #x --> !?:1: attempt to get length of a nil value (global 'x')
return #5 --> !?:1: attempt to get length of a number value
local a = {} return #a.b --> !?:1: attempt to get length of a nil value (field 'b')
local a = 5 return #a --> !?:1: attempt to get length of a number value (local 'a')
return 1 < {} --> !?:1: attempt to compare number with table
return {} < {} --> !?:1: attempt to compare two table values
return x < 1 --> !?:1: attempt to compare nil with number
return 1 <= x --> !?:1: attempt to compare number with nil
return "a" < 1 --> !?:1: attempt to compare string with number
return nil > 1 --> !?:1: attempt to compare number with nil
return print <= print --> !?:1: attempt to compare two function values
local a = {} a[nil] = 1 --> !?:1: table index is nil
local a = {} a[0/0] = 1 --> !?:1: table index is NaN
local a = {} local k a[k] = 1 --> !?:1: table index is nil
for i = 1, x do end --> !?:1: bad 'for' limit (number expected, got nil)
for i = x, 1 do end --> !?:1: bad 'for' initial value (number expected, got nil)
for i = 1, 2, {} do end --> !?:1: bad 'for' step (number expected, got table)
for k in x do end --> !?:1: attempt to call a nil value (for iterator 'for iterator')
for k in x.y do end --> !?:1: attempt to index a nil value (global 'x')
local t = {} for k in t.iter do end --> !?:1: attempt to call a nil value (for iterator 'for iterator')
local up = nil return (function() return up.x end)() --> !?:1: attempt to index a nil value (upvalue 'up')
local up return (function() return up() end)() --> !?:1: attempt to call a nil value (upvalue 'up')
local up = {} return (function() return up.x.y end)() --> !?:1: attempt to index a nil value (field 'x')
local up = {} return (function() up.x.y = 1 end)() --> !?:1: attempt to index a nil value (field 'x')
local up return (function() return up + 1 end)() --> !?:1: attempt to perform arithmetic on a nil value (upvalue 'up')
local up return (function() return (function() return up .. "" end)() end)() --> !?:1: attempt to concatenate a nil value (upvalue 'up')
local a <const> = nil return a.x --> !?:1: attempt to index a nil value
local a <const> = 5 return a.x --> !?:1: attempt to index a number value
local t <const> = {} return t.x.y --> !?:1: attempt to index a nil value (field 'x')
local _ENV = {} return x.y --> !?:1: attempt to index a nil value (global 'x')
local _ENV = {} x() --> !?:1: attempt to call a nil value (global 'x')
local t = {} t.x.y.z = 1 --> !?:1: attempt to index a nil value (field 'x')
local t = {x = 5} t.x.y = 1 --> !?:1: attempt to index a number value (field 'x')
local t = {x = 5} t.x() --> !?:1: attempt to call a number value (field 'x')
local t = {x = 5} t.x:y() --> !?:1: attempt to index a number value (field 'x')
local a, b, c = 1, 2 return a + b + c --> !?:1: attempt to perform arithmetic on a nil value (local 'c')
local a, b, c = 1, 2 return (a + b) .. c --> !?:1: attempt to concatenate a nil value (local 'c')
local a, b = 1, 2 return a.x.y + b --> !?:1: attempt to index a number value (local 'a')
return math.nope() --> !?:1: attempt to call a nil value (field 'nope')
return math.floor.x.y --> !?:1: attempt to index a function value (field 'floor')
return string.rep.x --> !?:1: attempt to index a function value (field 'rep')
return math.floor({}) --> !?:1: bad argument #1 to 'floor' (number expected, got table)
return math.floor() --> !?:1: bad argument #1 to 'floor' (number expected, got no value)
return ("x"):rep({}) --> !?:1: bad argument #1 to 'rep' (number expected, got table)
return ("x").rep() --> !?:1: bad argument #1 to 'rep' (string expected, got no value)
return string.rep("x") --> !?:1: bad argument #2 to 'rep' (number expected, got no value)
return setmetatable(1, 2) --> !?:1: bad argument #1 to 'setmetatable' (table expected, got number)
return tostring() --> !?:1: bad argument #1 to 'tostring' (value expected)
return ipairs() --> !?:1: bad argument #1 to 'ipairs' (value expected)
return math.max() --> !?:1: bad argument #1 to 'max' (value expected)
return io.open() --> !?:1: bad argument #1 to 'open' (string expected, got no value)
return ("x"):format({}, {}):bad() --> !?:1: attempt to call a nil value (method 'bad')
return ("%d"):format("x") --> !?:1: bad argument #1 to 'format' (number expected, got string)
error("msg") --> !?:1: msg
error("msg", 0) --> !msg
error("msg", 1) --> !?:1: msg
error("msg", 2) --> !msg
error() --> !!nil
error(nil) --> !!nil
error(5) --> !!5
error(5.5) --> !!5.5
error(true) --> !!true
error({}) --> !!{}
error(setmetatable({}, {__tostring = function() return "obj" end})) --> !!meta{}
error("a\0b") --> !?:1: a\x00b
local function f() error("in f", 2) end f() --> !?:1: in f
local function f() error("in f", 2) end local function g() f() end g() --> !?:1: in f
local function f() error("in f", 3) end local function g() f() end g() --> !?:1: in f
pcall(error), pcall(error, nil), pcall(error, "x"), pcall(error, "x", 0), pcall(error, "x", 1), pcall(error, "x", 2) --> false, false, false, false, false, false, "?:1: x"
pcall(error, {1}), pcall(error, 5), pcall(function() error() end), pcall(function() error("x") end) --> false, false, false, false, "?:1: x"
pcall() --> !?:1: bad argument #1 to 'pcall' (value expected)
pcall(5) --> false, "attempt to call a number value"
pcall(nil) --> false, "attempt to call a nil value"
pcall(print and function(...) return ... end, 1, nil, 3) --> true, 1, nil, 3
xpcall() --> !?:1: bad argument #2 to 'xpcall' (function expected, got no value)
xpcall(print) --> !?:1: bad argument #2 to 'xpcall' (function expected, got no value)
xpcall(error, print and function(m) return m, 2 end, "x") --> false, "x"
xpcall(error, 5, "x") --> !?:1: bad argument #2 to 'xpcall' (function expected, got number)
xpcall(error, nil, "x") --> !?:1: bad argument #2 to 'xpcall' (function expected, got nil)
xpcall(function(...) return ... end, nil, 1, 2) --> !?:1: bad argument #2 to 'xpcall' (function expected, got nil)
xpcall(function() local x = nil; x() end, function(m) return m .. "!" end) --> false, "?:1: attempt to call a nil value (local 'x')!"
xpcall(function() error({}) end, function(m) return type(m) end) --> false, "table"
xpcall(function() error("x") end, function(m) error("y") end) --> false, "error in error handling"
xpcall(function() error("x") end, function(m) return nil end) --> false, nil
xpcall(function() error("a", 0) end, function(m) if #m < 5 then error(m .. "a", 0) end return "done " .. m end) --> false, "done aaaaa"
select("#", xpcall(function() return 1, 2, 3 end, print)) --> 4
select(2, xpcall(function() error("x") end, debug.traceback)) ~= nil --> true
select(2, xpcall(function() local function inner() error("deep") end inner() end, function(m) return (debug.traceback(m, 1):gsub("%[C%].*", "")) end)) --> "?:1: deep\nstack traceback:\n\t?:1: in function <?:1>\n\t"
assert(true, "m"), assert(1, 2, 3), assert("x") --> true, 1, "x"
assert(false) --> !?:1: assertion failed!
assert(nil, "msg") --> !?:1: msg
assert(false, {1}) --> !!{1}
assert(nil, nil) --> !!nil
assert() --> !?:1: bad argument #1 to 'assert' (value expected)
assert(false, 5) --> !!5
pcall(pcall), pcall(pcall, error), pcall(pcall, pcall, error, "x") --> false, true, true, true, false, "x"
pcall(string.rep), pcall(string.rep, "x", -1), pcall(("x").rep, "x", {}), pcall(setmetatable, {}) --> false, true, false, false, "bad argument #2 to 'setmetatable' (nil or table expected, got no value)"
pcall(next, {}, "x"), pcall(rawset, {}, nil, 1), pcall(rawget, 1) --> false, false, false, "bad argument #1 to 'rawget' (table expected, got number)"
local t = setmetatable({}, {__index = function(t, k) error("idx " .. k) end}) return t.foo --> !?:1: idx foo
local t = setmetatable({}, {__index = function(t, k) return t.x.y end}) return pcall(function() return t.foo end) == false --> true
local t = setmetatable({}, {__add = function(a, b) return a.x.y end}) return t + 1 --> !?:1: attempt to index a nil value (field 'x')
local t = setmetatable({}, {__call = function() error("called") end}) t() --> !?:1: called
local t = setmetatable({}, {__gc = 1, __name = "MyType"}) return t.x.y --> !?:1: attempt to index a nil value (field 'x')
local t = setmetatable({}, {__name = "MyType"}) return math.floor(t) --> !?:1: bad argument #1 to 'floor' (number expected, got MyType)
local t = setmetatable({}, {__name = "MyType"}) return t < 1 --> !?:1: attempt to compare MyType with number
local t = setmetatable({}, {__name = "MyType"}) return t + 1 --> !?:1: attempt to perform arithmetic on a MyType value (local 't')
local t = setmetatable({}, {__name = "MyType"}) return t() --> !?:1: attempt to call a MyType value (local 't')
local t = setmetatable({}, {__name = "MyType"}) return ("x"):rep(t) --> !?:1: bad argument #1 to 'rep' (number expected, got MyType)
local co = coroutine.wrap(function() local t = nil; return t.x end) return co() --> !?:1: ?:1: attempt to index a nil value (local 't')
load("x.y.z = 1", "=chunk")() --> !chunk:1: attempt to index a nil value (global 'x')
load("local a\n\n\nreturn a.b", "=chunk")() --> !chunk:4: attempt to index a nil value (local 'a')
load("local a = {}\nreturn a.b\n.c\n.d", "=chunk")() --> !chunk:3: attempt to index a nil value (field 'b')
load("f(\n1,\n2\n)", "=chunk")() --> !chunk:1: attempt to call a nil value (global 'f')
load("local a, b = 1\nreturn a +\nb", "=chunk")() --> !chunk:2: attempt to perform arithmetic on a nil value (local 'b')
load("return 1 +\n\n{}", "=chunk")() --> !chunk:1: attempt to perform arithmetic on a table value
load("local t = {\nx = nil + 1\n}", "=chunk")() --> !chunk:2: attempt to perform arithmetic on a nil value
load("for i = 1,\n{}\ndo end", "=chunk")() --> !chunk:3: bad 'for' limit (number expected, got table)
load("\n\nerror('x')", "=chunk")() --> !chunk:3: x
load("local function f()\nerror('x', 2)\nend\n\nf()", "@chunk.lua")() --> !chunk.lua:5: x
load("if\n\nx.y\nthen end", "=chunk")() --> !chunk:4: attempt to index a nil value (global 'x')
load("return\n\nx.y", "=chunk")() --> !chunk:3: attempt to index a nil value (global 'x')
load("a = 1\nb = a\n.x\n.y", "=chunk")() --> !chunk:3: attempt to index a number value (global 'a')
load("x = 'a'\n..\n{}", "=chunk")() --> !chunk:2: attempt to concatenate a table value
]====]
-- stack overflow: reported, and everything usable afterwards
local function over() return 1 + over() end
local ok, m = pcall(over)
T.eq(ok, false)
T.ok(m:find("stack overflow", 1, true))
T.eq(select(2, xpcall(over, function(m) return (m:match("stack overflow")) end)), "stack overflow")
for _ = 1, 5 do T.eq((pcall(over)), false) end
T.ok(select(2, pcall(function() local function f(t) return f(t) .. "" end f{} end)):find("stack overflow"))
local mt = {}
mt.__index = function(t, k) return t[k .. "x"] end
T.ok(select(2, pcall(function() return setmetatable({}, mt).a end)):find("C stack overflow"))
mt = { __add = function(a, b) return a + b end }
T.ok(select(2, pcall(function() return setmetatable({}, mt) + 1 end)):find("C stack overflow"))
T.ok(select(2, pcall(string.gsub, "x", ".", function() local function f() return ("x"):gsub(".", f) end return f() end)):find("C stack overflow"))
T.eq(select(2, pcall(function() local function f() return pcall(f) end return f() end)), true)
T.ok(select(2, pcall(function() local t = {} for i = 1, 1e7 do t[#t + 1] = i if #t == 100000 then return table.unpack(t, 1, 2e6) end end end)):find("too many results"))
T.eq(select(3, pcall(load, ("x = "):rep(1) .. ("("):rep(300) .. "1" .. (")"):rep(300), "=n")), "C stack overflow")
T.eq(select(3, pcall(load, "x = " .. ("{"):rep(300) .. ("}"):rep(300), "=n")), "C stack overflow")
T.eq(select(3, pcall(load, "x = " .. ("-"):rep(1) .. (" -"):rep(300) .. "1", "=n")), "C stack overflow")
T.eq(select(3, pcall(load, "x = 1" .. (" .. 1"):rep(300), "=n")), "C stack overflow")
T.eq(select(3, pcall(load, ("do "):rep(300) .. ("end "):rep(300), "=n")), "C stack overflow")
-- limits of the compiler
local function names(n, sep) local t = {} for i = 1, n do t[i] = "v" .. i end return table.concat(t, sep or ", ") end
T.ok(load("local " .. names(200)))
T.eq(select(2, load("local " .. names(201), "=n")), "n:1: too many local variables (limit is 200) in main function near <eof>")
T.eq(select(2, load("\nfunction f()\nlocal " .. names(201) .. " end", "=n")), "n:3: too many local variables (limit is 200) in function at line 2 near 'end'")
T.ok(load("local function f(" .. names(199) .. ") end"))
T.ok(load("return {" .. names(300) .. "}"))
T.eq(load("f(" .. names(300) .. ")", "=n"), nil)
T.eq(select(2, load("f(" .. names(300) .. ")", "=n")), "n:1: function or expression needs too many registers near 'v255'")
T.eq(select(3, pcall(load, names(300) .. " = 1", "=n")), "C stack overflow")
T.done()
