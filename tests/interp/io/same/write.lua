-- write: values, results, buffering, failures
local function show(...) print(select("#", ...), ...) end
local function try(f, ...) show(pcall(f, ...)) end
local name = "out.txt"
local f = assert(io.open(name, "w"))
show(f:write() == f)
show(f:write("a", 1, 2.0, -7, 1e100, 0.1, 1/0, -1/0, math.mininteger, math.maxinteger, "\0b\n") == f)
try(f.write, f, "before", {}, "after")
try(f.write, f, nil)
try(f.write)
try(f.write, 1)
try(f.write, io)
show(f:seek("cur"))
show(f:close())
local g = assert(io.open(name)); show(#g:read("a")); g:seek("set"); print((g:read("a"):gsub("%z", "<0>"))); g:close()
for _, mode in ipairs { "no", "full", "line" } do
  f = assert(io.open(name, "w"))
  show(f:setvbuf(mode))
  show(f:setvbuf(mode, 64))
  for i = 1, 300 do f:write("line ", i, i % 3 == 0 and "\n" or "") end
  g = assert(io.open(name)); show(mode, #g:read("a")); g:close()
  f:close()
  g = assert(io.open(name)); show(mode, #g:read("a")); g:close()
end
-- a file open for reading
f = assert(io.open(name)); show(f:write("x")); show(f:flush()); f:close()
-- big writes
f = assert(io.open(name, "w")); local big = string.rep("0123456789", 100000)
show(f:write(big, big, 5, big) == f); show(f:seek("end")); f:close()
-- no space
f = assert(io.open("/dev/full", "w")); show(f:setvbuf("no")); show(f:write("x")); show(f:write("y", "z")); show(f:close())
f = assert(io.open("/dev/full", "w")); show(f:write("x") == f); show(f:flush()); show(f:close())
f = assert(io.open("/dev/full", "w")); show(f:write("x") == f); show(f:close())
f = assert(io.open("/dev/full", "w")); show(f:write(big)); f:close()
-- update, append
f = assert(io.open(name, "w+")); f:write("hello world"); f:seek("set", 6); show(f:read("a")); f:seek("set", 0); f:write("HELLO"); f:seek("set"); show(f:read("a")); f:close()
f = assert(io.open(name, "a+")); f:write("!"); f:seek("set"); show(f:read("a")); f:close()
f = assert(io.open(name, "r+")); f:write("J"); f:seek("set"); show(f:read("l")); f:close()
-- default output
local old = io.output()
show(io.output(name) ~= old, io.type(io.output()))
io.write("default ", 1, "\n"); show(io.flush()); show(io.close())
try(io.write, "x")
try(io.flush)
try(io.close)
io.output(old)
for l in io.lines(name) do show(l) end
show(io.write() == io.stdout)
show(io.stdout:seek() == nil or true)
show(io.stdout:close())
show(io.type(io.stdout), io.type(42), io.type(f))
try(io.type)
print(1, 1.0, -0.0, 2^53, 2^63, 1e15, 0.1, nil, true, "s\0t", 0/0 ~= 0/0)
print(setmetatable({}, { __tostring = function() return "custom" end }), setmetatable({}, { __name = "N" }) ~= nil)
try(print, setmetatable({}, { __tostring = function() return 1 end }))
print()
print("done")
