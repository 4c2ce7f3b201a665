-- Manual 6.10: the debug library, hooks included.
local T = require "harness"
T.exprs{ pre = "local getinfo, getlocal, setlocal, getupvalue, setupvalue, sethook, gethook, upvalueid, upvaluejoin, traceback = debug.getinfo, debug.getlocal, debug.setlocal, debug.getupvalue, debug.setupvalue, debug.sethook, debug.gethook, debug.upvalueid, debug.upvaluejoin, debug.traceback local function keys(t) local k = {} for n in pairs(t) do k[#k + 1] = n end table.sort(k) return table.concat(k, ' ') end", [====[
keys(getinfo(1)), keys(getinfo(print)), getinfo(1000) --> "currentline ftransfer func istailcall isvararg lastlinedefined linedefined namewhat nparams ntransfer nups short_src source what", "currentline ftransfer func istailcall isvararg lastlinedefined linedefined namewhat nparams ntransfer nups short_src source what", nil
keys(getinfo(1, "n")), keys(getinfo(1, "S")), keys(getinfo(1, "l")), keys(getinfo(1, "u")), keys(getinfo(1, "t")), keys(getinfo(1, "f")), keys(getinfo(1, "r")), keys(getinfo(1, "L")), keys(getinfo(1, "")) --> "namewhat", "lastlinedefined linedefined short_src source what", "currentline", "isvararg nparams nups", "istailcall", "func", "ftransfer ntransfer", "activelines", ""
getinfo(1, "x") --> !?:1: bad argument #2 to 'getinfo' (invalid option)
getinfo(1, ">S") --> !?:1: bad argument #2 to 'getinfo' (invalid option '>')
getinfo("x") --> !?:1: bad argument #1 to 'getinfo' (number expected, got string)
getinfo() --> !?:1: bad argument #1 to 'getinfo' (number expected, got no value)
getinfo(-1) --> nil
getinfo(1.5) --> !?:1: bad argument #1 to 'getinfo' (number has no integer representation)
getinfo({}, "S") --> !?:1: bad argument #1 to 'getinfo' (number expected, got table)
local i = getinfo(print, "Slut") return i.what, i.short_src, i.source, i.currentline, i.linedefined, i.lastlinedefined, i.nups, i.nparams, i.isvararg, i.istailcall --> "C", "[C]", "=[C]", -1, -1, -1, 0, 0, true, false
local function f(a, b, ...) end local i = getinfo(f, "Slu") return i.what, i.short_src, i.source, i.currentline, i.linedefined, i.lastlinedefined, i.nups, i.nparams, i.isvararg --> "Lua", "?", "=?", -1, 1, 1, 0, 2, true
local i = getinfo(1, "Slutn") return i.what, i.currentline, i.nparams, i.isvararg, i.istailcall, i.name, i.namewhat --> "main", 1, 0, true, false, nil, ""
local i = getinfo(load("\n\nfunction f()\n\nend return f", "=src", "t", {})(), "SL") return i.linedefined, i.lastlinedefined, i.short_src, i.activelines --> 3, 5, "src", {[5]=true}
getinfo(load("local a = 1\n\nlocal b = 2\nreturn a", "=src"), "L").activelines --> {true, nil, true, true}
getinfo(load("local function f(...)\nreturn ...\nend\nreturn f", "=src")(), "L").activelines, getinfo(print, "L").activelines --> {[2]=true, [3]=true}, nil
local function f() return getinfo(1, "n") end local r = f() local g = f local s = g() return r.name, r.namewhat, s.name, s.namewhat --> "f", "local", "g", "local"
function glob() return getinfo(1, "n") end local r = glob() return r.name, r.namewhat --> "glob", "global"
local t = {} function t.field() return getinfo(1, "n") end function t:meth() return getinfo(1, "n") end local a, b = t.field(), t:meth() return a.name, a.namewhat, b.name, b.namewhat --> "field", "field", "meth", "method"
local function f() local i = getinfo(1, "n") return i end local function up() local r = f() return r end local r = up() return r.name, r.namewhat --> "f", "upvalue"
local function f() return getinfo(1, "nt") end local function g() return f() end local r = g() return r.name, r.namewhat, r.istailcall --> nil, "", true
local r local t = setmetatable({}, {__index = function() r = getinfo(1, "n") end, __add = function() r = getinfo(1, "n") end, __eq = function() r = getinfo(1, "n") end, __lt = function() r = getinfo(1, "n") end, __concat = function() r = getinfo(1, "n") end, __len = function() r = getinfo(1, "n") return 0 end, __newindex = function() r = getinfo(1, "n") end, __close = function() r = getinfo(1, "n") end, __unm = function() r = getinfo(1, "n") end, __call = function() r = getinfo(1, "n") end}) local l = {} local function rec() l[#l + 1] = tostring(r.name) .. ":" .. r.namewhat end local _ = t.x rec() _ = t + 1 rec() _ = t == setmetatable({}, getmetatable(t)) rec() _ = t < t rec() _ = t .. "" rec() _ = #t rec() t.x = 1 rec() do local c <close> = t end rec() _ = -t rec() t() rec() return l --> {"index:metamethod", "add:metamethod", "eq:metamethod", "lt:metamethod", "concat:metamethod", "len:metamethod", "newindex:metamethod", "close:metamethod", "unm:metamethod", "t:local"}
local r for _ in function() if not r then r = getinfo(1, "n") return 1 end end do end return r.name, r.namewhat --> "for iterator", "for iterator"
local r = (function() return getinfo(1, "n") end)() return r.name, r.namewhat --> nil, ""
local r pcall(function() r = getinfo(1, "n") end) return r.name, r.namewhat --> nil, ""
getinfo(1, "f").func == nil, getinfo(print, "f").func == print, getinfo(2, "S").what --> false, true, "C"
local a, b = 1, "two" return getlocal(1, 15), getlocal(1, 13) --> nil, "b", "two"
local function f(a, b, ...) local c = 3 return getlocal(1, 1), (getlocal(1, 2)), (getlocal(1, 3)), getlocal(1, -1) end return f(10, 20, 30) --> "a", "b", "c", "(vararg)", 30
local function f(...) return getlocal(1, -1), getlocal(1, -2), getlocal(1, -3) end return f(1, 2) --> "(vararg)", "(vararg)", nil
local function f(a, b) end return getlocal(f, 1), getlocal(f, 2), getlocal(f, 3), getlocal(print, 1) --> "a", "b", nil, nil
getlocal(1000, 1) --> !?:1: bad argument #1 to 'getlocal' (level out of range)
getlocal(-1, 1) --> !?:1: bad argument #1 to 'getlocal' (level out of range)
getlocal("x", 1) --> !?:1: bad argument #1 to 'getlocal' (number expected, got string)
getlocal(1, 1000) --> nil
local function f() local a <const>, b = 1, 2 local c <close> = nil for i = 1, 1 do local r = {} local n = 1 while true do local k, v = getlocal(1, n) if not k then break end r[n] = k n = n + 1 end return r end end return f() --> {"a", "b", "c", "(for state)", "(for state)", "(for state)", "i", "r", "n"}
local function f() for k, v in next, {1} do local r = {} local n = 1 while true do local k, v = getlocal(1, n) if not k then break end r[n] = k n = n + 1 end return r end end return f() --> {"(for state)", "(for state)", "(for state)", "(for state)", "k", "v", "r", "n"}
local function f() local x = 1 do local y = 2 end local z = 3 local r = {} local n = 1 while true do local k, v = getlocal(1, n) if not k then break end r[n] = k n = n + 1 end return r end return f() --> {"x", "z", "r", "n"}
local function f() local x = 1 local function g() return setlocal(2, 1, 99) end local name = g() return x, name end return f() --> 99, "x"
local function f(...) setlocal(1, -1, "new") return ... end return f(1, 2) --> "new", 2
setlocal(1, 1000, 5) --> nil
setlocal(1000, 1, 5) --> !?:1: bad argument #1 to 'setlocal' (level out of range)
setlocal(1, 1) --> !?:1: bad argument #3 to 'setlocal' (value expected)
local a, b = 1, 2 local function f() return a, b end return getupvalue(f, 1), getupvalue(f, 2), getupvalue(f, 3), setupvalue(f, 1, 10), a, setupvalue(f, 5, 1) --> "a", "b", nil, "a", 10
getupvalue(print, 1), getupvalue(string.gmatch("x", "x"), 1), getupvalue(load("return x"), 1) == "_ENV", setupvalue(load("return x"), 2, 1) --> nil, "", true
getupvalue(5, 1) --> !?:1: bad argument #1 to 'getupvalue' (function expected, got number)
getupvalue(print) --> !?:1: bad argument #2 to 'getupvalue' (number expected, got no value)
local f = load("return x") setupvalue(f, 1, {x = 7}) return f() --> 7
local a, b = 1, 2 local function f() return a end local function g() return a end local function h() return b end return upvalueid(f, 1) == upvalueid(g, 1), upvalueid(f, 1) == upvalueid(h, 1), type(upvalueid(f, 1)) --> true, false, "userdata"
local a, b = 1, 2 local function f() return a end local function h() return b end upvaluejoin(f, 1, h, 1) b = 5 return f(), a, upvalueid(f, 1) == upvalueid(h, 1) --> 5, 1, true
local function f() end return upvalueid(f, 1), upvalueid(print, 1) --> nil, nil
local function f() end upvaluejoin(f, 1, f, 1) --> !?:1: bad argument #2 to 'upvaluejoin' (invalid upvalue index)
upvaluejoin(print, 1, print, 1) --> !?:1: bad argument #2 to 'upvaluejoin' (invalid upvalue index)
debug.getmetatable(5), debug.getmetatable("").__index == string, debug.setmetatable({}, nil), debug.getmetatable(setmetatable({}, {__metatable = 1})).__metatable --> nil, true, {}, 1
debug.setmetatable({}, 5) --> !?:1: bad argument #2 to 'setmetatable' (nil or table expected, got number)
debug.setmetatable() --> !?:1: bad argument #2 to 'setmetatable' (nil or table expected, got no value)
type(debug.getregistry()), debug.getregistry()[2] == _G, type(debug.getregistry()[1]), debug.getregistry()._LOADED == package.loaded --> "table", true, "thread", true
debug.getuservalue(5), debug.getuservalue(io.stdout), debug.getuservalue(io.stdout, 2), debug.getuservalue({}, 1) --> nil, nil, nil, nil
debug.setuservalue(5, 1) --> !?:1: bad argument #1 to 'setuservalue' (userdata expected, got number)
debug.setuservalue(io.stdout, 1, 1), debug.setuservalue(io.stdout, 1, 5) --> nil, nil
traceback("msg"):match("^msg\nstack traceback:\n\t"), traceback(nil):match("^stack"), traceback(5):match("^5\n"), traceback({}) ~= nil, type(traceback(print)) --> "msg\nstack traceback:\n\t", "stack", "5\n", true, "function"
traceback("m", 1000), traceback("m", 1):match("in .-$") ~= nil --> "m\nstack traceback:", true
local l = {} sethook(function(e, n) l[#l + 1] = e .. n end, "l") local x = 1 sethook() return l --> {}
local l = {} sethook(function(e) l[#l + 1] = e end, "cr") type(1) sethook() return l --> {"return", "call", "return", "call"}
local l = {} local function g() return 1 end local function f() return g() end sethook(function(e) l[#l + 1] = e .. ":" .. tostring(getinfo(2, "n").name) end, "cr") f() sethook() return l --> {"return:sethook", "call:f", "tail call:nil", "return:nil", "call:sethook"}
local n = 0 sethook(function(e) n = n + 1 end, "", 100) for i = 1, 10000 do end sethook() return n > 50, n < 1000 --> true, true
local e1 sethook(function(e, l) e1 = {e, l} end, "", 1) local x = 1 sethook() return e1 --> {"count"}
gethook(), sethook(), select("#", gethook()) --> nil, nil, 1
local f = function() end sethook(f, "crl", 7) local a, b, c = gethook() sethook() return a == f, b, c --> true, "crl", 7
sethook(print, "") return gethook() --> nil
local l = {} load("sethook(function(e, n) l[#l + 1] = n end, 'l')\nlocal a = 1\nfor i = 1, 2 do\n a = a + i\nend\nif a then\n a = 2\nend\nsethook()", "=s", "t", {sethook = sethook, l = l})() return l --> {2, 3, 4, 3, 4, 3, 6, 7, 9}
local l = {} load("sethook(function(e, n) l[#l + 1] = n end, 'l')\nwhile true do\n break\nend\nlocal function f()\n return 1\nend\nf()\nsethook()", "=s", "t", {sethook = sethook, l = l})() return l --> {3, 7, 8, 6, 9}
local l = {} load("sethook(function(e, n) l[#l + 1] = n end, 'l') local a = 1 a = 2\nrepeat a = a + 1\nuntil a > 3\nsethook()", "=s", "t", {sethook = sethook, l = l})() return l --> {2, 3, 2, 3, 4}
pcall(function() sethook(function() sethook() error("from hook", 0) end, "l") local x = 1 --> !?:1: 'end' expected near <eof>
local ok, m = pcall(function() sethook(function() sethook() error("from hook", 0) end, "", 5) for i = 1, 1000 do end end) sethook() return ok, m --> false, "from hook"
local co = coroutine.create(function() local x = 1 coroutine.yield() x = 2 end) local l = {} sethook(co, function(e, n) l[#l + 1] = e end, "l") coroutine.resume(co) coroutine.resume(co) return #l > 0, gethook(), type(gethook(co)) --> true, nil, "function"
local co = coroutine.create(function(a) local b = a coroutine.yield() end) coroutine.resume(co, 7) return getlocal(co, 1, 1), getlocal(co, 1, 2), setlocal(co, 1, 2, 8), getlocal(co, 1, 2) --> "a", "b", "b", "b", 8
local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) return getinfo(co, 1, "S").what, getinfo(co, 0, "S").what, getinfo(co, 2), traceback(co, nil, 1) ~= traceback(co) --> "Lua", "C", nil, true
local co = coroutine.create(function() end) return getinfo(co, 0), getinfo(co, 1), getlocal == nil --> nil, nil, false
local t = {} local function f(n) if n == 0 then t = traceback("x", 1) else f(n - 1) end return n end f(60) local _, c = t:gsub("\n", "") return c, t:find("...\t(skipping ", 1, true) ~= nil --> 23, true
local r = {} local function f() local i = getinfo(1, "r") return i.ftransfer, i.ntransfer end return f() --> 0, 0
local r sethook(function(e) local i = getinfo(2, "rn") if e == "return" and i.name == "f" then r = {i.ftransfer, i.ntransfer, getlocal(2, i.ftransfer)} end end, "r") local function f(a) local x = 5 return x, 6 end local _ = f(1) sethook() return r[2], r[4] --> 2, 5
local r sethook(function(e) local i = getinfo(2, "rn") if e == "call" and i.name == "f" then r = {i.ftransfer, i.ntransfer, getlocal(2, i.ftransfer)} end end, "c") local function f(a, b) return a end local _ = f(7, 8) sethook() return r --> {1, 2, "a", 7}
debug.setcstacklimit and debug.setcstacklimit(200) --> 200
]====] }
-- short_src of every form of chunk name
for _, c in ipairs { "=x", "@x.lua", "x = 1", "x\ny", "", "=", "@" } do
  local i = debug.getinfo(load("return 1", c), "S")
  T.eq(i.source, c)
end
-- count hook: fires proportionally
for _, step in ipairs { 1, 2, 10, 1000 } do
  local n = 0
  debug.sethook(function() n = n + 1 end, "", step)
  for i = 1, 10000 do local x = i end
  debug.sethook()
  T.ok(n >= 10000 // step and n <= 40000 // step + 20)
end
-- a hook may read and write locals, call functions, and see the right lines
local function target(a)
  local b = a * 2
  return b
end
local names = {}
debug.sethook(function(event, line)
  local name, value = debug.getlocal(2, 1)
  if name == "a" then
    debug.setlocal(2, 1, 100)
    names[#names + 1] = value
  end
end, "l")
local got = target(1)
debug.sethook()
T.eq(got, 200)
T.eq(names[1], 1)
-- the stack seen from inside nested calls
local function levels()
  local out, n = {}, 1
  while true do
    local i = debug.getinfo(n, "nSl")
    if not i then break end
    out[n] = i
    n = n + 1
  end
  return out
end
local function outer() local l = levels() return l end
local l = outer()
T.eq(l[1].name, "levels")
T.eq(l[2].name, "outer")
T.eq(l[#l - 1].what, "main")
T.eq(l[#l].what, "C")
-- a resumed function is not called again
do
  local co = coroutine.create(function()
    coroutine.yield(10)
    return 20
  end)
  local trace = {}
  debug.sethook(co, function(event) trace[#trace + 1] = event end, "clr")
  repeat until not coroutine.resume(co)
  T.eq(table.concat(trace, " "), "call line call return line return")
end
T.done()
