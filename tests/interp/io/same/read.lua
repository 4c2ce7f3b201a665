-- read formats, on standard input and files
local function show(...) print(select("#", ...), ...) end
local function try(f, ...) show(pcall(f, ...)) end
show(io.read())
show(io.read("n", "n", "n", "n"))
show(io.read("l"))
show(io.read("L", "l"))
show(io.read(0)); show(io.read("l")); show(io.read("a")); show(io.read("l")); show(io.read("n")); show(io.read(1)); show(io.read("a"))
local function file(text) local f = assert(io.tmpfile()); f:write(text); f:seek("set"); return f end
local f = file("one\ntwo\n\nfour\r\nfive")
show(f:read("l", "L", 1, "l", 3, "a", "a", "l"))
f:seek("set"); show(f:read(0, 1000, 0)); show(f:read(0)); f:seek("set", 4); show(f:read("*l")); show(f:read("*line"))
try(f.read, f, "x"); try(f.read, f, ""); try(f.read, f, {}); try(f.read, f, nil); try(f.read, f, 1.5); try(f.read, f, "5"); try(f.read, f, -1)
f:seek("set"); try(f.read, f, "l", "bad"); show(f:read("l"))
f:seek("end"); try(f.read, f, "l", "bad")
for _, s in ipairs { "12", " -12.5 x", "0x1p4", "0x", "0xg", "+", "-", ".5", "5.", ".", "1e", "1e+", "1e5", "1e+5z", "0x.8", "0xA.8p1", "nan", "inf", "- 1",
  "1..2", "00012", "9223372036854775807", "9223372036854775808", "1_000", "\t\n 7", string.rep("1", 199), string.rep("1", 200), string.rep("1", 201),
  string.rep("0", 250) .. "1", "1e" .. string.rep("9", 300), "", "   ", "0x" .. string.rep("f", 20), "12abc", "--1", "1-1" } do
  local t = file(s .. "\nrest")
  show(#s, t:read("n")); show(t:read("l")); t:close()
end
-- long lines, binary
local long = string.rep("x", 100000)
f = file(long .. "\n" .. long .. "\0y\n" .. long)
for _ = 1, 4 do local l = f:read("l"); show(l and #l, l and l:byte(-1)) end
f:seek("set"); for _ = 1, 3 do show(#(f:read("L"))) end
f:seek("set"); local n = 0; while true do local s = f:read(777); if not s then break end n = n + #s end; show(n)
f:seek("set"); show(#f:read(5000), #f:read(150000), #f:read("a"), f:read(1)); f:close()
-- lines
local name = "lines.txt"; f = assert(io.open(name, "w")); f:write("1 2\n3 4\n\nend"); f:close()
for l in io.lines(name) do show(l) end
for l in io.lines(name, "L") do show(l) end
for a, b in io.lines(name, "n", "n") do show(a, b) end
for a, b in io.lines(name, 1, 2) do show(a, b) end
for c in io.lines(name, 4096) do show(#c) end
for l in io.lines(name, "a") do show(l) break end
local it, s, c, closer = io.lines(name); show(type(it), s, c, io.type(closer)); it(); closer:close(); try(it)
f = assert(io.open(name)); for l in f:lines() do show(l) end; show(io.type(f), f:read()); f:close(); try(f.lines, f); try(f.read, f)
it = io.lines(name); while it() do end; try(it)
try(io.lines, "missing.txt"); try(io.lines, name, "x"); try(io.lines(name, "x"))
try(io.lines, name, table.unpack({}, 1, 251)); try(io.lines, {}); show(pcall(function() for _ in io.lines(name) do error("out") end end))
io.input(name); show(io.read("n", "l")); for l in io.lines() do show(l) end; show(io.read()); show(io.input():close()); try(io.read); try(io.lines); try(io.input, f); try(io.input, "missing.txt"); try(io.input, {})
-- directories, unreadable streams
f = io.open("."); if f then show(f:read()); show(f:read("a")); show(f:read(10)); show(f:read(10000)); show(f:read("n")); show(f:read(0)); try(f:lines()); f:close() end
f = assert(io.open(name, "a")); show(f:read()); show(f:read("a")); show(f:read("n")); f:close()
print("done")
