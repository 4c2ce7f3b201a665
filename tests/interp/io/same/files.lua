-- open, close, seek, popen, tmpfile, types; os
local function show(...) print(select("#", ...), ...) end
local function try(f, ...) show(pcall(f, ...)) end
show(io.open("missing")); show(io.open("no/such/dir", "w")); show(io.open(".", "w"))
for _, m in ipairs { "r", "w", "a", "r+", "w+", "a+", "rb", "wb", "r+b", "w+b", "rbb", "", "x", "rw", "+r", "r++", "rb+", "br", "r ", "wx", "e", "re" } do
  local ok, f = pcall(io.open, "m.txt", m); show(m, ok, ok and io.type(f) or f); if ok and f then f:close() end
end
try(io.open); try(io.open, {}); try(io.open, "m.txt", {}); try(io.open, 12)
local f = assert(io.open("m.txt", "w+")); f:write("0123456789")
show(f:seek()); show(f:seek("set", 3)); show(f:seek("cur", 2)); show(f:seek("end", -1)); show(f:seek("set", -1)); show(f:seek("set", 100)); show(f:read(1)); show(f:seek("set")); show(f:read(2))
try(f.seek, f, "bad"); try(f.seek, f, "set", "x"); try(f.seek, f, "set", 1.5); try(f.setvbuf, f); try(f.setvbuf, f, "bad"); try(f.setvbuf, f, "full", "x")
show(tostring(f):match("^file %(")); show(f:close()); show(tostring(f)); try(f.close, f); try(f.seek, f); try(f.flush, f); try(f.write, f, ""); try(f.setvbuf, f, "no"); show(f == f, f ~= io.stdout)
do local g <close> = assert(io.open("m.txt")) f = g end; show(io.type(f))
do local ok = pcall(function() local g <close> = assert(io.open("m.txt")); f = g; error("x") end); show(ok, io.type(f)) end
local mt = getmetatable(io.stdout); show(mt.__name, type(mt.__gc), type(mt.__close), type(mt.__tostring), type(mt.__index)); local names = {}
for k in pairs(mt.__index) do names[#names + 1] = k end table.sort(names); show(table.concat(names, " ")); names = {}
for k in pairs(io) do names[#names + 1] = k end table.sort(names); show(table.concat(names, " ")); names = {}
for k in pairs(os) do names[#names + 1] = k end table.sort(names); show(table.concat(names, " "))
try(mt.__gc); try(mt.__gc, 1); try(mt.__index.read, {}); try(mt.__tostring, {})
f = io.tmpfile(); f:write("t"); f:seek("set"); show(f:read("a"), io.type(f)); f = nil; collectgarbage()
-- popen
f = assert(io.popen("echo out; exit 3")); show(f:read("a")); show(f:close())
f = assert(io.popen("cat > p.txt", "w")); show(f:write("to the child\n") == f); show(f:close()); show(io.open("p.txt"):read("a"))
f = assert(io.popen("kill -9 $$")); show(f:read("a")); show(f:close())
f = assert(io.popen("true")); show(f:close()); try(f.close, f)
f = assert(io.popen("printf 'a\\nb\\n'")); for l in f:lines() do show(l) end; show(f:close())
f = assert(io.popen("exit 7", "w")); show(f:close()); f = assert(io.popen("no-such-command-at-all 2>/dev/null")); show(f:close())
try(io.popen, "true", "rw"); try(io.popen, "true", "x"); try(io.popen); show(io.popen("cat", "r") ~= nil)
f = assert(io.popen("yes | head -c 300000")); show(#f:read("a")); f:close()
f = assert(io.popen("wc -c > n.txt", "w")); f:write(string.rep("z", 300000)); f:close(); show((io.open("n.txt"):read("n")))
io.write("before popen\n"); f = io.popen("echo child"); show(f:read("a")); f:close()
-- os
show(os.execute()); show(os.execute("true")); show(os.execute("false")); show(os.execute("exit 5")); show(os.execute("kill -15 $$")); try(os.execute, {})
show(os.remove("missing")); show(os.rename("missing", "x")); show(os.rename("m.txt", "moved")); show(os.remove("moved")); show(os.remove("/")) 
local t = os.tmpname(); show(t:match("^/tmp/lua_......$") ~= nil, io.open(t) ~= nil, os.remove(t)); show(os.getenv("NO_SUCH_VARIABLE")); show(os.getenv("HOME") ~= nil)
show(os.time { year = 2020, month = 1, day = 1, hour = 12 } ~= nil, os.date("!%Y-%m-%d", 0), os.difftime(5, 3), type(os.clock()), os.setlocale("C")); try(os.date, "%Ez"); try(os.time, {})
try(os.remove); try(os.rename, "a"); try(os.exit, "x")
print("done")
io.stdout:setvbuf("full"); io.write("flushed at exit\n")
os.exit(true, true)
