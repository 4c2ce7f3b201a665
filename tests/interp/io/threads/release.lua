-- Every function that can block gives the lock up: the thread that unblocks it runs in the same
-- interpreter, so a call that kept the lock would hang this test.
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local thread = require "gilt.thread"
local eq = check.eq

local function reader(what, read, want)
  check.with_fifo(function(path)
    local t = thread.spawn(function()
      local f = assert(io.open(path)) -- blocks until someone opens the other end
      local r = read(f)
      f:close()
      return r
    end)
    local w = assert(io.open(path, "w"))
    w:setvbuf("no")
    check.settle() -- now it waits in the read
    w:write("12 line\nrest")
    w:close()
    eq(select(1, t:join()), want, what)
  end)
end

reader("read l", function(f) return f:read("l") end, "12 line")
reader("read L", function(f) return f:read("L") end, "12 line\n")
reader("read n", function(f) return f:read("n") end, 12)
reader("read a", function(f) return f:read("a") end, "12 line\nrest")
reader("read count", function(f) return f:read(5) end, "12 li")
reader("read big count", function(f) return f:read(100000) end, "12 line\nrest")
reader("read 0", function(f) return f:read(0) end, "")
reader("lines", function(f) for l in f:lines() do return l end end, "12 line")
reader("io.read", function(f) local old = io.input(); io.input(f); local l = io.read(); io.input(old); return l end, "12 line")
reader("unbuffered", function(f) f:setvbuf("no"); return f:read("l") end, "12 line")

local big = string.rep("0123456789abcdef", 40000)
local function writer(what, write)
  check.with_fifo(function(path)
    local t = thread.spawn(function()
      local f = assert(io.open(path, "w"))
      return write(f)
    end)
    local r = assert(io.open(path))
    check.settle() -- the pipe is full now
    eq(r:read("a"), big, what)
    r:close()
    eq(t:join(), true, what)
  end)
end

writer("write", function(f) f:write(big); return f:close() end)
writer("write in pieces", function(f) for i = 1, #big, 100 do f:write(big:sub(i, i + 99)) end return f:close() end)
writer("write unbuffered", function(f) f:setvbuf("no"); f:write(big); return f:close() end)
writer("write line-buffered", function(f) f:setvbuf("line"); f:write(big); return f:close() end)
writer("several arguments", function(f) f:write(big:sub(1, 5000), big:sub(5001, 70000), big:sub(70001)); return f:close() end)
writer("flush", function(f) f:write(big); f:flush(); return f:close() end)
writer("io.write", function(f) local old = io.output(); io.output(f); io.write(big); io.close(); io.output(old); return true end)
writer("gc", function(f) f:write(big); f = nil; collectgarbage(); return true end)

-- children
check.with_fifo(function(path)
  local t = thread.spawn(function() return os.execute("read x < " .. path) end)
  local w = assert(io.open(path, "w")); w:write("x\n"); w:close()
  eq(t:join(), true, "os.execute")
end)
check.with_fifo(function(path)
  local t = thread.spawn(function()
    local f = assert(io.popen("read x < " .. path .. "; exit 3"))
    return select(3, f:close())
  end)
  local w = assert(io.open(path, "w")); w:write("x\n"); w:close()
  eq(t:join(), 3, "close of popen")
end)
check.with_fifo(function(path)
  local t = thread.spawn(function()
    local f = assert(io.popen("read x < " .. path .. "; echo got $x"))
    return f:read("a")
  end)
  local w = assert(io.open(path, "w")); w:write("it\n"); w:close()
  eq(t:join(), "got it\n", "read of popen")
end)
print("ok")
