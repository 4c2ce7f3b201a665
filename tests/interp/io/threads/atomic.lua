-- Each call is one piece: threads that write to one file, and read from one file, never mix. Handles that
-- are opened, closed and collected by many threads at once.
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local thread = require "gilt.thread"
local lines = tonumber(os.getenv("GILT_TEST_LINES") or 3000)

local function write_all(open, read)
  local f = open()
  local ts = {}
  for id = 1, 6 do
    ts[id] = thread.spawn(function()
      for n = 1, lines do assert(f:write("<", id, " ", n, string.rep("-", n % 90), ">\n")) end
    end)
  end
  local got = read and thread.spawn(read)
  for _, t in ipairs(ts) do assert(select("#", t:join()) == 0) end
  f:close()
  return got and got:join()
end

local function verify(text)
  local seen, count = {}, 0
  for l in text:gmatch("[^\n]+") do
    local id, n, dashes = l:match("^<(%d) (%d+)(%-*)>$")
    assert(id, l)
    n = tonumber(n)
    assert(n == (seen[id] or 0) + 1 and #dashes == n % 90, l)
    seen[id] = n
    count = count + 1
  end
  check.eq(count, 6 * lines)
end

local name = os.tmpname()
for _, mode in ipairs { "full", "line", "no" } do
  write_all(function() local f = assert(io.open(name, "w")); f:setvbuf(mode); return f end)
  local f <close> = assert(io.open(name))
  verify(f:read("a"))
end
check.with_fifo(function(path)
  verify(write_all(function() return assert(io.open(path, "r+")) end, function()
    local f <close> = assert(io.open(path))
    local t = {}
    for i = 1, 6 * lines do t[i] = f:read("L") end
    return table.concat(t)
  end))
end)

-- one reader each line
local f = assert(io.open(name))
local ts = {}
for i = 1, 4 do
  ts[i] = thread.spawn(function()
    local n = 0
    for l in f:lines() do assert(l:find("^<%d %d+%-*>$"), l); n = n + 1 end
    return n
  end)
end
local sum = 0
for _, t in ipairs(ts) do sum = sum + t:join() end
check.eq(sum, 6 * lines)
f:close()

-- numbers
f = assert(io.open(name, "w"))
for i = 1, 4 * lines do f:write(i, " ") end
f:close()
f = assert(io.open(name))
for i = 1, 4 do
  ts[i] = thread.spawn(function() local s = 0; for _ = 1, 1e9 do local n = f:read("n"); if not n then return s end s = s + n end end)
end
sum = 0
for i = 1, 4 do sum = sum + ts[i]:join() end
check.eq(sum, 4 * lines * (4 * lines + 1) // 2)
f:close()

-- open, use, forget, everywhere
for i = 1, 4 do
  ts[i] = thread.spawn(function()
    for n = 1, 300 do
      local g = assert(io.open(name)); g:read("n", "l")
      if n % 2 == 0 then g:close() end
      local h = io.tmpfile(); h:write(n); h:seek("set"); assert(h:read("n") == n)
      if n % 50 == 0 then assert(io.popen("echo " .. n):read("n") == n) end
    end
  end)
end
for i = 1, 4 do ts[i]:join() end
collectgarbage()
os.remove(name)
print("ok")
