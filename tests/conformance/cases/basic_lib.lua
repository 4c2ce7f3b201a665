-- Manual 6.1 and 6.3: basic functions, load, require and packages; 6.8 and 6.9: io and os.
local T = require "harness"
T.exprs [====[
_VERSION, type(_G), _G._G == _G --> "Lua 5.4", "table", true
type(nil), type(1), type("x"), type({}), type(print), type(coroutine.create(print)), type(io.stdout), type(true) --> "nil", "number", "string", "table", "function", "thread", "userdata", "boolean"
type() --> !?:1: bad argument #1 to 'type' (value expected)
select("#", type(nil)), tostring(nil), tostring(true), tostring("x"), tostring(12), tostring(-0.0) --> 1, "nil", "true", "x", "12", "-0.0"
tostring({}):match("^table: 0x%x+$") ~= nil, tostring(print):match("^function: ") ~= nil, tostring(io.stdout):match("^file %(0x") ~= nil, tostring(coroutine.create(print)):match("^thread: ") ~= nil --> true, true, true, true
pairs({}) == next, select("#", pairs({})), select(3, pairs({})) --> true, 3, nil
pairs() --> !?:1: bad argument #1 to 'pairs' (value expected)
pairs(nil) --> function, nil, nil
pairs(5) --> function, 5, nil
local a, b, c = ipairs({}) return type(a), b, c --> "function", {}, 0
load("return 1")(), load("return ...")(5), load("x = ", "=n"), load("return x", "n", "t", {x = 5})(), load("return _ENV", "n", "t", 7)() --> 1, 5, nil, 5, 7
load(function() return nil end)() == nil, load(function() return "" end) ~= nil --> true, true
local i, p = 0, {"return ", "1 ", "+ ", "2"} return load(function() i = i + 1 return p[i] end)() --> 3
local i, p = 0, {"return ", "'a", "b'", "", "..'c'"} return load(function() i = i + 1 return p[i] end)() --> "ab"
load(function() return {} end) --> nil, "?:1: reader function must return a string"
load(function() error("reader") end) --> nil, "?:1: reader"
load(function() error({}) end) --> nil, {}
load(5) --> nil, "[string \"5\"]:1: unexpected symbol near '5'"
load() --> !?:1: bad argument #1 to 'load' (function expected, got no value)
load({}) --> !?:1: bad argument #1 to 'load' (function expected, got table)
load("return 1", nil, nil)(), load("return 1", "n", nil, nil)() --> 1, 1
load("return 1", "n", "x") --> nil, "attempt to load a text chunk (mode is 'x')"
load("return 1", "n", "bt")() --> 1
load("return 1", {}) --> !?:1: bad argument #2 to 'load' (string expected, got table)
load("x = 1", "n", "t", nil)() --> ![string "n"]:1: attempt to index a nil value (upvalue '_ENV')
load("\27Lua") --> nil, "binary string: bad binary format (truncated chunk)"
load("\27Lua", "=b", "t") --> nil, "attempt to load a binary chunk (mode is 't')"
load("\27", "=b", "b") --> nil, "b: bad binary format (truncated chunk)"
load("return a", "n", "t", setmetatable({}, {__index = function(_, k) return k end}))() --> "a"
dofile("/nonexistent/file.lua") --> !cannot open /nonexistent/file.lua: No such file or directory
loadfile("/nonexistent/file.lua") --> nil, "cannot open /nonexistent/file.lua: No such file or directory"
loadfile("/nonexistent/file.lua", "x") --> nil, "cannot open /nonexistent/file.lua: No such file or directory"
loadstring, unpack, setfenv, getfenv, table.getn, math.ldexp, string.gfind --> nil, nil, nil, nil, nil, function, nil
pcall(require, "no.such.module") == false --> true
select(2, pcall(require, "no.such.module")):match("^module 'no.such.module' not found:\n\tno field package.preload%['no.such.module'%]\n\tno file '") --> "module 'no.such.module' not found:\n\tno field package.preload['no.such.module']\n\tno file '"
require() --> !?:1: bad argument #1 to 'require' (string expected, got no value)
require({}) --> !?:1: bad argument #1 to 'require' (string expected, got table)
package.preload.pm = function(...) return {args = {...}} end local m, x = require("pm") local same = require("pm") == m package.preload.pm, package.loaded.pm = nil, nil return m.args, x, same --> {"pm", ":preload:"}, ":preload:", true
package.preload.pm = function(n) package.loaded[n] = "set" end local m = require("pm") package.preload.pm, package.loaded.pm = nil, nil return m --> "set"
package.preload.pm = function(n) end local m = require("pm") package.preload.pm, package.loaded.pm = nil, nil return m --> true
package.preload.pm = function(n) return false end local m = require("pm") package.preload.pm, package.loaded.pm = nil, nil return m --> false
package.preload.pm = function(n) error("in module") end local ok, e = pcall(require, "pm") package.preload.pm = nil return ok, e, package.loaded.pm --> false, "?:1: in module", nil
local s = package.searchers local old = s[#s] table.insert(s, function(n) if n == "virt" then return function(...) return {...} end, "extra" end return "\n\tno virt " .. n end) local m, x = require("virt") local ok, e = pcall(require, "virt2") table.remove(s) package.loaded.virt = nil return m, x, ok, e:match("\n\tno virt virt2$") --> {"virt", "extra"}, "extra", false, "\n\tno virt virt2"
local p = package.searchers package.searchers = nil local ok, e = pcall(require, "zzz") package.searchers = p return ok, e --> false, "'package.searchers' must be a table"
type(package.path), type(package.cpath), package.config:sub(1, 1), #package.searchers, type(package.preload), type(package.loadlib), package.loaded.string == string, package.loaded._G == _G --> "string", "string", "/", 4, "table", "function", true, true
package.searchpath("no.mod", "./?.lua;/x/?/y.lua") --> nil, "no file './no/mod.lua'\n\tno file '/x/no/mod/y.lua'"
package.searchpath("no.mod", "./?.lua;/x/?/y.lua", ".", "_") --> nil, "no file './no_mod.lua'\n\tno file '/x/no_mod/y.lua'"
package.searchpath("no-mod", "?.x", "-", "+") --> nil, "no file 'no+mod.x'"
package.searchpath("x", "") --> nil, "no file ''"
package.searchpath("x") --> !?:1: bad argument #2 to 'searchpath' (string expected, got no value)
package.loadlib("/nonexistent.so", "f") == nil, select(3, package.loadlib("/nonexistent.so", "f")) --> true, "open"
print == _G.print, rawequal(_ENV._G, _G) --> true, true
warn("@off") -->
warn() --> !?:1: bad argument #1 to 'warn' (string expected, got no value)
warn({}) --> !?:1: bad argument #1 to 'warn' (string expected, got table)
warn("a", {}) --> !?:1: bad argument #2 to 'warn' (string expected, got table)
warn("@off") warn("not shown") warn("not", " shown") warn("@unknown") -->
collectgarbage("count") > 0 --> true
os.time() > 0, math.type(os.time()), type(os.clock()), type(os.date()), os.getenv("NO_SUCH_VAR_XYZ"), type(os.tmpname()) --> true, "integer", "number", "string", nil, "string"
os.time{year = 2020, month = 1, day = 1, hour = 12} - os.time{year = 2020, month = 1, day = 1, hour = 11}, os.time{year = 2020, month = 1, day = 2} - os.time{year = 2020, month = 1, day = 1} --> 3600, 86400
os.time{year = 2020, month = 14, day = -3, hour = 0} == os.time{year = 2021, month = 1, day = 28, hour = 0} --> true
local t = {year = 2020, month = 14, day = -3} os.time(t) return t.year, t.month, t.day, t.hour, t.yday, t.wday --> 2021, 1, 28, 12, 28, 5
os.time{year = 2020} --> !?:1: field 'month' missing in date table
os.time{year = 2020, month = "x", day = 1} --> !?:1: field 'month' is not an integer
os.time{year = 2020, month = 1.5, day = 1} --> !?:1: field 'month' is not an integer
os.time{year = 1 << 40, month = 1, day = 1} --> !?:1: field 'year' is out-of-bound
os.time(5) --> !?:1: bad argument #1 to 'time' (table expected, got number)
os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%c", 0), os.date("!%x %X %p", 0), os.date("!%j %U %w %a %A %b %B %%", 86400 * 200), os.date("!%D %e %F %g %G %h %I %n %R %t %T %u %V %C %y", 1e9) --> "1970-01-01 00:00:00", "Thu Jan  1 00:00:00 1970", "01/01/70 00:00:00 AM", "201 29 1 Mon Monday Jul July %", "09/09/01  9 2001-09-09 01 2001 Sep 01 \n 01:46 \t 01:46:40 7 36 20 01"
local d = os.date("!*t", 1e9) return d --> {["day"]=9, ["hour"]=1, ["isdst"]=false, ["min"]=46, ["month"]=9, ["sec"]=40, ["wday"]=1, ["yday"]=252, ["year"]=2001}
os.date("!*t", 0).isdst, os.date("*t").year > 2000, os.date("!%Ex %Od", 0), os.date("", 0) --> false, true, "01/01/70 01", ""
os.date("%") --> !?:1: bad argument #1 to 'date' (invalid conversion specifier '%')
os.date("%Q", 0) --> !?:1: bad argument #1 to 'date' (invalid conversion specifier '%Q')
os.date("%E", 0) --> !?:1: bad argument #1 to 'date' (invalid conversion specifier '%E')
os.date("%Ea", 0) --> !?:1: bad argument #1 to 'date' (invalid conversion specifier '%Ea')
os.date("*t", 1.5) --> !?:1: bad argument #2 to 'date' (number has no integer representation)
os.date("!%Y", 2^60) --> !?:1: date result cannot be represented in this installation
os.date("!%H", "3600") --> "01"
os.difftime(10, 5), math.type(os.difftime(10, 5)) --> 5.0, "float"
os.difftime(1) --> !?:1: bad argument #2 to 'difftime' (number expected, got no value)
os.getenv() --> !?:1: bad argument #1 to 'getenv' (string expected, got no value)
os.setlocale(), os.setlocale("C"), os.setlocale(nil, "numeric"), os.setlocale("no_SUCH"), os.setlocale("", "collate") ~= nil, os.setlocale("C", "all") --> "C", "C", "C", nil, true, "C"
os.setlocale("C", "x") --> !?:1: bad argument #2 to 'setlocale' (invalid option 'x')
os.execute() == true, os.execute("exit 3"), os.execute("true"), os.execute("kill -9 $$") --> true, nil, true, nil, "signal", 9
os.remove("/nonexistent/file") --> nil, "/nonexistent/file: No such file or directory", 2
os.rename("/nonexistent/a", "/nonexistent/b") --> nil, "No such file or directory", 2
io.type(io.stdout), io.type(5), io.type({}), io.type() --> !?:1: bad argument #1 to 'type' (value expected)
io.open("/nonexistent/file") --> nil, "/nonexistent/file: No such file or directory", 2
io.open("/nonexistent/file", "q") --> !?:1: bad argument #2 to 'open' (invalid mode)
io.open("/tmp", "w") --> nil, "/tmp: Is a directory", 21
io.lines("/nonexistent/file") --> !?:1: cannot open file '/nonexistent/file' (No such file or directory)
io.input("/nonexistent/file") --> !?:1: cannot open file '/nonexistent/file' (No such file or directory)
io.output("/nonexistent/dir/file") --> !?:1: cannot open file '/nonexistent/dir/file' (No such file or directory)
local f = io.popen("echo hi; exit 2") local s = f:read("a") return s, f:close() --> "hi\n", nil, "exit", 2
io.popen("true", "x") --> !?:1: bad argument #2 to 'popen' (invalid mode)
local f = io.popen("cat > /dev/null", "w") f:write("x") return f:close() --> true, "exit", 0
]====]
-- files
local name = os.tmpname()
local function content() local f = io.open(name, "rb") local s = f:read("a") f:close() return s end
local f = assert(io.open(name, "w"))
T.eq(io.type(f), "file")
T.eq(f:write("line1\n", 2, "\n", 3.5, "\n\nlast"), f)
T.eq(f:seek("cur"), 17)
T.eq(f:close(), true)
T.eq(io.type(f), "closed file")
T.eq(tostring(f), "file (closed)")
T.fails("attempt to use a closed file", f.read, f)
T.fails("attempt to use a closed file", f.close, f)
T.eq(content(), "line1\n2\n3.5\n\nlast")
f = io.open(name)
T.list({ f:read("l", "n", "n", "l", "L", "a", "a", "l") }, { "line1", 2, 3.5, "", "\n", "last", "" })
T.eq(f:read("a"), "")
T.eq(f:read("l"), nil)
T.eq(f:read(0), nil)
T.list({ f:seek("set", 3) }, { 3 })
T.list({ f:read(2, 0, 100) }, { "e1", "", "\n2\n3.5\n\nlast" })
T.eq(f:seek("end"), 17)
T.eq(f:seek("set"), 0)
T.eq(f:seek("cur", 4), 4)
T.eq(f:read(1), "1")
T.eq(f:seek("end", -4), 13)
T.eq(f:read("*l"), "last")
T.fails("bad argument #2 to '?' (invalid option 'x')", f.seek, f, "x")
T.matches("Invalid argument", function() error(select(2, f:seek("set", -1))) end)
T.fails("bad argument #2 to '?' (invalid format)", f.read, f, "x")
T.fails("bad argument #2 to '?' (invalid format)", f.read, f, {} and "y")
T.list({ f:write("x") }, { nil, "Bad file descriptor", 9 })
T.eq(f:setvbuf("full", 1024), true)
T.eq(f:setvbuf("no"), true)
T.fails("bad argument #2 to '?' (invalid option 'x')", f.setvbuf, f, "x")
f:close()
local lines = {}
for l in io.lines(name) do lines[#lines + 1] = l end
T.list(lines, { "line1", "2", "3.5", "", "last" })
lines = {}
for a, b in io.lines(name, 1, "L") do lines[#lines + 1] = a .. "|" .. tostring(b) end
T.list(lines, { "l|ine1\n", "2|\n", "3|.5\n", "\n|last" })
f = io.open(name)
lines = {}
for l in f:lines("L") do lines[#lines + 1] = l end
T.eq(table.concat(lines), content())
T.eq(io.type(f), "file")
f:close()
T.fails("file is already closed", (function() local it = io.lines(name) while it() do end return it end)())
T.matches("bad argument #%d+ to 'for iterator' %(invalid format%)", function() for l in io.lines(name, "x") do end end)
T.matches(": attempt to use a closed file$", function() for l in f:lines() do end end)
-- modes, appending, updating
f = io.open(name, "a") f:write("+app") f:close()
T.eq(content():sub(-8), "last+app")
f = io.open(name, "r+") f:write("LINE") f:seek("set", 0) T.eq(f:read("l"), "LINE1") f:close()
f = io.open(name, "w+b") f:write("abc") f:seek("set") T.eq(f:read("a"), "abc") f:close()
T.fails("bad argument #2 to 'io.open' (invalid mode)", io.open, name, "rw")
T.fails("bad argument #2 to 'io.open' (invalid mode)", io.open, name, "")
-- numbers as the "n" format reads them
local function numbers(text, count)
  local w = io.open(name, "w") w:write(text) w:close()
  local r = io.open(name)
  local out = {}
  for i = 1, count do out[i] = r:read("n") if out[i] == nil then out[i] = "nil" break end end
  out[#out + 1] = r:read("a")
  r:close()
  return T.show_list(out)
end
T.eq(numbers("1 -2 0x10 1.5 -.5 1e3 0x1p4", 7), "1, -2, 16, 1.5, -0.5, 1000.0, 16.0, \"\"")
T.eq(numbers("12abc", 1), '12, "abc"')
T.eq(numbers("x", 1), '"nil", "x"')
T.eq(numbers("1e+ 5", 1), '"nil", " 5"')
T.eq(numbers(".e5", 1), '"nil", "e5"')
T.eq(numbers("0x", 1), '"nil", ""')
T.eq(numbers("- 5", 1), '"nil", " 5"')
T.eq(numbers(("1"):rep(250), 1):sub(1, 5), '"nil"')
T.eq(numbers("9223372036854775807 9223372036854775808", 2), '9223372036854775807, 9.223372036854776e+18, ""')
T.eq(numbers("+7 0.1 1E2 00012", 4), '7, 0.1, 100.0, 12, ""')
T.eq(numbers("", 1), '"nil", ""')
-- default files
local old = io.output()
io.output(name)
io.write("a", 1, "\n")
T.fails("standard file is closed", function() io.close() error("standard file is closed", 0) end)
io.output(old)
T.eq(content(), "a1\n")
old = io.input()
io.input(name)
T.eq(io.read(), "a1")
T.eq(io.read(), nil)
io.close(io.input())
io.input(old)
-- big reads and writes, zero bytes, long lines
local big = {}
for i = 1, 5000 do big[i] = ("%d\0%s"):format(i, ("x"):rep(i % 50)) end
f = io.open(name, "wb") f:write(table.concat(big, "\n")) f:close()
local i, good = 0, true
for l in io.lines(name) do i = i + 1 good = good and l == big[i] end
T.ok(good and i == 5000)
f = io.open(name, "w") f:write(("y"):rep(100000), "\n", ("z"):rep(3)) f:close()
f = io.open(name) T.eq(#f:read(), 100000) T.eq(f:read(), "zzz") f:close()
-- handles close themselves: <close>, and iterators left early
do local g <close> = io.open(name) f = g end
T.eq(io.type(f), "closed file")
do
  local it, s, c, closing = io.lines(name)
  T.eq(io.type(closing), "file")
  for l in it, s, c, closing do break end
  T.eq(io.type(closing), "closed file")
end
-- loadfile and dofile
local function save(text) local w = io.open(name, "wb") w:write(text) w:close() end
save("#!shebang\nreturn 1, ...") T.eq(loadfile(name)(), 1) T.eq(dofile(name), 1)
save("#only") T.eq(loadfile(name)(), nil)
save("\xEF\xBB\xBFreturn 7") T.eq(dofile(name), 7)
save("\xEF\xBB\xBF#x\nreturn 8") T.eq(dofile(name), 8)
save("return x") T.eq(loadfile(name, "t", { x = 3 })(), 3)
save(string.dump(function() return 9 end)) T.eq(dofile(name), 9)
save("# comment\n" .. string.dump(function() return 10 end)) T.eq(dofile(name), 10)
T.eq(loadfile(name, "t"), nil)
save("x =") T.eq(select(2, loadfile(name)):sub(#name + 1), ":1: unexpected symbol near <eof>")
save("error('e')") T.eq(select(2, pcall(dofile, name)):sub(#name + 1), ":1: e")
save("coroutine.yield(1) return 2")
local co = coroutine.wrap(function() return dofile(name) end)
T.eq(co(), 1)
T.eq(co(), 2)
-- require from a file, with its loader data
save("return {...}")
local path = package.path
package.path = name:gsub("[^/]*$", "?")
local module = name:match("[^/]*$")
local m, where = require(module)
T.eq(m[1], module)
T.eq(m[2], name)
T.eq(where, name)
T.eq(select("#", require(module)), 1 + (select("#", require(module)) - 1))
T.eq(package.searchpath(module, package.path), name)
save("syntax error here")
package.loaded[module] = nil
T.matches("^error loading module '" .. module:gsub("%p", "%%%0") .. "' from file", require, module)
package.path = path
T.eq(os.rename(name, name .. "x"), true)
T.eq(os.remove(name .. "x"), true)
T.eq((os.remove(name .. "x")), nil)
T.done()
