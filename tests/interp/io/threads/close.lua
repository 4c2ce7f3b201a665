-- A handle or a socket that one thread uses and another one closes.
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local thread, net = require "gilt.thread", require "gilt.net"
local eq = check.eq

check.with_fifo(function(path)
  local f = assert(io.open(path, "r+"))
  local t = thread.spawn(function() return f:read("l") end)
  check.settle()
  check.raises("file is in use by another thread", f.close, f)
  check.raises("file is in use by another thread", io.close, f)
  check.raises("file is in use by another thread", function() local g <close> = f end)
  eq(io.type(f), "file")
  local queued = thread.spawn(function() return f:read("l") end) -- waits for its turn
  check.settle()
  local w = assert(io.open(path, "w"))
  w:write("first\nsecond\n")
  w:close()
  local one, two = t:join(), queued:join()
  assert(one == "first" and two == "second" or one == "second" and two == "first")
  eq(f:close(), true)
end)

-- a short call is waited for: closing a log that others write to
for _ = 1, 50 do
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  local threads = {}
  for i = 1, 4 do
    threads[i] = thread.spawn(function()
      for n = 1, 1e9 do
        local ok, err = pcall(f.write, f, "some line that fills the buffer ", n, "\n")
        if not ok then return err end
      end
    end)
  end
  check.eventually("something is written", function() return f:seek("end") > 20000 end)
  eq(f:close(), true)
  for _, t in ipairs(threads) do assert(t:join():find("attempt to use a closed file")) end
  for l in io.lines(name) do assert(l:find("^some line that fills the buffer %d+$"), l) end
  os.remove(name)
end

-- sockets
local function wakes(what, s, fn)
  local ts = {}
  for i = 1, 3 do ts[i] = thread.spawn(function() return select(3, fn(s)) end) end
  check.settle()
  s:close()
  for _, t in ipairs(ts) do eq(t:join(), "closed", what) end
  eq(s:closed(), true, what)
  eq(select(3, fn(s)), "closed", what)
end
wakes("accept", assert(net.listen("127.0.0.1", 0)), function(s) return s:accept() end)
wakes("read", (assert(net.pair())), function(s) return s:read("l") end)
local a, b = assert(net.pair())
wakes("receive", a, function(s) return s:receive() end)
a, b = assert(net.pair())
wakes("write", a, function(s)
  local n, m, c
  repeat n, m, c = s:write(string.rep("x", 100000)) until not n
  return n, m, c
end)
wakes("recvfrom", assert(net.udp { host = "127.0.0.1", port = 0 }), function(s) return s:recvfrom() end)
-- the port is free again at once
local l = assert(net.listen("127.0.0.1", 0, { reuseaddr = false }))
local _, port = l:sockname()
wakes("listener", l, function(s) return s:accept() end)
assert(net.listen("127.0.0.1", port, { reuseaddr = false })):close()
print("ok")
