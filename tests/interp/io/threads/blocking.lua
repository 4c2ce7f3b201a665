-- Every function of io, os, files, gilt.time, gilt.net, sockets, gilt.thread and threads, locks, channels and atomics,
-- in one table: it blocks, and then another thread makes progress meanwhile and thread:interrupt() ends it; or it
-- never blocks, and why. A function that is missing from the table fails the test.
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local net, time, thread = require "gilt.net", require "gilt.time", require "gilt.thread"
local sync, channel, atomic = require "gilt.sync", require "gilt.channel", require "gilt.atomic"

local big = string.rep("x", 150000) -- more than a pipe takes
local NEVER = {
  memory = "works in memory",
  disk = "a call on a directory or an attribute: short",
  start = "starts something that goes on by itself",
  state = "changes or reads a state",
}

-- A FIFO and, where wanted, both of its ends open in this thread.
local function fifo()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkfifo " .. path))
  return path
end

-- A file that takes `big` into its buffer, for a pipe that does not: the next flush blocks.
local function stuffed(path)
  local w = assert(io.open(path, "w"))
  w:setvbuf("full", 2 * #big)
  assert(w:write(big))
  return w
end

local function with_reader(fn) -- somebody has the FIFO open and does not read
  return function(c)
    c.keep = assert(io.open(c.path, "r+"))
    c.block = function() return fn(c) end
    c.unblock = function() assert(#c.keep:read(#big) == #big) end
  end
end

local function with_writer(fn) -- ... and does not write
  return function(c)
    c.keep = assert(io.open(c.path, "r+"))
    c.keep:setvbuf("no")
    c.block = function() return fn(c) end
    c.unblock = function() assert(c.keep:write("line\n")) end
  end
end

local function methods_of(object) return getmetatable(object).__index end

local function held(fn) -- this thread has the mutex
  return function(c)
    local m = sync.mutex()
    m:lock()
    c.block = function() return fn(m) end
    c.unblock = function() m:unlock() end
  end
end

local function full(fn, unblock)
  return function(c)
    local ch = channel.new(1)
    assert(ch:send(1))
    c.block = function() return fn(ch) end
    c.unblock = function() unblock(ch) end
  end
end

local function empty(fn)
  return function(c)
    local ch = channel.new(1)
    c.block = function() return fn(ch) end
    c.unblock = function() ch:send(1) end
  end
end

local function as_input(f, fn)
  local old <const> = io.input()
  io.input(f)
  local ok, r = pcall(fn)
  io.input(old)
  f:close()
  assert(ok, r)
  return r
end

local function as_output(f, fn)
  local old <const> = io.output()
  io.output(f)
  local ok, r = pcall(fn)
  io.output(old)
  assert(ok, r)
  return r
end

-- Opening a FIFO waits for the other end.
local function opens(fn, other, text)
  return function(c)
    c.block = function() return fn(c) end
    c.unblock = function()
      c.keep = assert(io.open(c.path, other))
      if text then assert(c.keep:write(text):flush()) end
    end
  end
end

local function waits_for_child(fn)
  return function(c)
    c.block = function() return fn(c) end
    c.unblock = function()
      local w <close> = assert(io.open(c.path, "w"))
      assert(w:write("go\n"))
    end
  end
end

local function pair(fn, unblock)
  return function(c)
    c.a, c.b = assert(net.pair())
    c.block = function() return fn(c) end
    c.unblock = function() unblock(c) end
  end
end

local function drain(s)
  s:settimeout(0.05)
  repeat until not s:receive(65536)
  s:settimeout()
end

-- A Unix listener whose backlog is full: the next connection waits.
local function full_backlog(c)
  c.listener = assert(net.listen_unix(c.socket, { backlog = 0 }))
  c.held = {}
  repeat
    local s = net.connect_unix(c.socket, { timeout = 0.05 })
    c.held[#c.held + 1] = s
  until not s
end

-- A TCP listener likewise.
local function full_tcp(c)
  c.listener = assert(net.listen("127.0.0.1", 0, { backlog = 0 }))
  c.port = select(2, c.listener:sockname())
  c.held = {}
  repeat
    local s = net.connect("127.0.0.1", c.port, { timeout = 0.05 })
    c.held[#c.held + 1] = s
  until not s
end

local modules = {
  io = {
    [io] = {
      close = waits_for_child(function(c) return io.close(io.popen("read x < " .. c.path)) end),
      flush = with_reader(function(c) return as_output(stuffed(c.path), io.flush) end),
      input = opens(function(c) local old = io.input(); io.input(c.path); io.input():close(); io.input(old) return true end, "w"),
      lines = opens(function(c) for _ in io.lines(c.path) do break end return true end, "r+", "line\n"),
      open = opens(function(c) return io.open(c.path):close() end, "w"),
      output = opens(function(c) local old = io.output(); io.output(c.path); io.output():close(); io.output(old) return true end, "r+"),
      popen = NEVER.start,
      read = with_writer(function(c) return as_input(io.open(c.path, "r+"), io.read) end),
      tmpfile = NEVER.disk,
      type = NEVER.state,
      write = with_reader(function(c) return as_output(io.open(c.path, "w"), function() io.write(big); return io.close() end) end),
    },
  },
  file = {
    [getmetatable(io.stdout).__index] = {
      close = with_reader(function(c) return stuffed(c.path):close() end),
      flush = with_reader(function(c) return stuffed(c.path):flush() end),
      lines = with_writer(function(c) for _ in io.open(c.path, "r+"):lines() do return true end end),
      read = with_writer(function(c) return io.open(c.path, "r+"):read() end),
      seek = with_reader(function(c) stuffed(c.path):seek("cur", 0) return true end),
      setvbuf = NEVER.state,
      write = with_reader(function(c) return io.open(c.path, "w"):write(big):close() end),
    },
  },
  os = {
    [os] = {
      clock = NEVER.state, date = NEVER.memory, difftime = NEVER.memory, getenv = NEVER.state, setlocale = NEVER.state,
      time = NEVER.memory, exit = "ends the process", remove = NEVER.disk, rename = NEVER.disk, tmpname = NEVER.disk,
      execute = waits_for_child(function(c) return os.execute("read x < " .. c.path) end),
    },
  },
  time = {
    [time] = {
      sleep = function(c) c.block = function() time.sleep(1e6) end end,
      monotonic = NEVER.state, monotonic_ns = NEVER.state, wall = NEVER.state, wall_ns = NEVER.state, cpu = NEVER.state,
      cpu_ns = NEVER.state, thread_cpu = NEVER.state, thread_cpu_ns = NEVER.state, resolution = NEVER.state,
    },
  },
  net = {
    [net] = {
      listen = "a number or a local name: as resolve", listen_unix = NEVER.state, udp = "as listen",
      datagram_unix = NEVER.state, pair = NEVER.state,
      resolve = "a thread of its own does it, and is left behind: net.lua, interrupt.lua",
      connect = function(c)
        full_tcp(c)
        c.block = function() return net.connect("127.0.0.1", c.port) end
      end,
      connect_unix = function(c)
        full_backlog(c)
        c.block = function() return net.connect_unix(c.socket) end
        c.unblock = function() for _ = 1, #c.held do assert(c.listener:accept()):close() end end
      end,
    },
  },
  socket = {
    [getmetatable((net.pair())).__index] = {
      accept = function(c)
        c.listener = assert(net.listen_unix(c.socket))
        c.block = function() return c.listener:accept() end
        c.unblock = function() c.keep = assert(net.connect_unix(c.socket)) end
      end,
      read = pair(function(c) return c.a:read("l") end, function(c) c.b:write("line\n") end),
      receive = pair(function(c) return c.a:receive() end, function(c) c.b:write("x") end),
      write = pair(function(c) for _ = 1, 20 do assert(c.a:write(big)) end return true end, function(c) drain(c.b) end),
      send = pair(function(c) for _ = 1, 40 do assert(c.a:send(big)) end return true end, function(c) drain(c.b) end),
      recvfrom = function(c)
        c.u = assert(net.udp { host = "127.0.0.1", port = 0 })
        c.block = function() return (c.u:recvfrom()) end
        c.unblock = function()
          local from <close> = assert(net.udp { host = "127.0.0.1", port = 0 })
          assert(from:sendto("x", "127.0.0.1", (select(2, c.u:sockname()))))
        end
      end,
      sendto = function(c) -- a queue of datagrams that nobody takes
        c.to, c.from = assert(net.datagram_unix(c.socket)), assert(net.datagram_unix())
        c.block = function() for _ = 1, 2000 do assert(c.from:sendto("x", c.socket)) end return true end
        c.unblock = function() drain(c.to) end
      end,
      connect = "a datagram socket's address", shutdown = NEVER.state, close = "closes; wakes who waits: close.lua",
      settimeout = NEVER.state, setdeadline = NEVER.state, setoption = NEVER.state, getoption = NEVER.state,
      sockname = NEVER.state, peername = NEVER.state, getsockname = NEVER.state, getpeername = NEVER.state,
      fd = NEVER.state, closed = NEVER.state,
    },
  },
  thread = {
    [thread] = { spawn = NEVER.start, start = NEVER.start, current = NEVER.state, cpus = NEVER.state },
    [select(2, debug.getupvalue(getmetatable(thread.spawn(function() end)).__index, 1))] = {
      join = function(c)
        c.other = thread.spawn(function() c.go = true; while not c.done do time.sleep(0.005) end return "over" end)
        c.block = function() return c.other:join() end
        c.unblock = function() c.done = true end
        c.cleanup = function() c.done = true; c.other:join() end
      end,
      status = NEVER.state, interrupt = NEVER.state,
    },
  },
  sync = {
    [sync] = { mutex = NEVER.state, condition = NEVER.state, semaphore = NEVER.state },
    [methods_of(sync.mutex())] = {
      lock = held(function(m) return m:lock() end),
      with = held(function(m) return m:with(function() return true end) end),
      try_lock = NEVER.state, unlock = NEVER.state, recover = NEVER.state, locked = NEVER.state,
    },
    [methods_of(sync.condition())] = {
      wait = function(c)
        local m, condition, go = sync.mutex(), sync.condition(), false
        c.block = function()
          local guard <close> = m:lock()
          while not go do condition:wait(m) end
          return true
        end
        c.unblock = function() go = true; m:with(function() condition:signal() end) end
      end,
      signal = NEVER.state, broadcast = NEVER.state,
    },
    [methods_of(sync.semaphore(0))] = {
      acquire = function(c)
        local s = sync.semaphore(0)
        c.block = function() return s:acquire() end
        c.unblock = function() s:release() end
      end,
      try_acquire = NEVER.state, release = NEVER.state, count = NEVER.state,
    },
  },
  channel = {
    [channel] = { new = NEVER.state },
    [methods_of(channel.new())] = {
      send = full(function(ch) return ch:send(2) end, function(ch) return ch:receive() end),
      receive = empty(function(ch) return ch:receive() end),
      values = empty(function(ch) for v in ch:values() do return v end end),
      close = NEVER.state, capacity = NEVER.state, closed = NEVER.state,
    },
  },
  atomic = {
    [atomic] = { new = NEVER.state, ref = NEVER.state },
    [methods_of(atomic.new(0))] = {
      load = NEVER.state, store = NEVER.state, add = NEVER.state, exchange = NEVER.state,
      compare_exchange = NEVER.state, max = NEVER.state, min = NEVER.state,
    },
    [methods_of(atomic.ref(0))] = {
      load = NEVER.state, store = NEVER.state, exchange = NEVER.state, compare_exchange = NEVER.state,
    },
  },
}

local function context()
  return { path = fifo(), socket = os.tmpname() .. ".s" }
end

local function finish(c)
  if c.cleanup then c.cleanup() end
  for _, x in pairs(c) do
    if type(x) == "userdata" then pcall(function() x:close() end) end
  end
  os.remove(c.path)
  os.remove(c.socket)
  os.remove((c.socket:gsub("%.s$", "")))
  collectgarbage()
end

-- While fn blocks in a thread of its own, this one computes, allocates and starts another one that ends.
local function progress(name, prepare)
  local c = context()
  prepare(c)
  local t = thread.spawn(c.block)
  if not c.done and not c.cleanup then check.settle() else time.sleep(0.02) end
  local sum, parts = 0, {}
  for i = 1, 20000 do sum = sum + i; parts[i % 100] = { i } end
  assert(sum == 200010000)
  assert(thread.spawn(function() return "by the way" end):join() == "by the way")
  check.eq(t:status(), "running", name .. " blocks")
  if c.unblock then
    c.unblock()
    local ok, problem = t:join(20)
    if not ok then error(name .. ": it did not end as it should: " .. tostring(problem)) end
  else
    t:interrupt()
    t:join()
  end
  finish(c)
end

local function interrupted(name, prepare)
  local c = context()
  prepare(c)
  local t = thread.spawn(c.block)
  if not c.cleanup then check.settle() else time.sleep(0.02) end
  t:interrupt()
  local ok, problem = t:join(20)
  if ok or not tostring(problem):find "interrupted" then
    error(("%s: not interrupted: %s %s"):format(name, tostring(ok), tostring(problem)))
  end
  finish(c)
end

local blocking, never, missing = {}, 0, {}
for module, tables in pairs(modules) do
  for functions, entries in pairs(tables) do
    for name, fn in pairs(functions) do
      if type(fn) == "function" and entries[name] == nil then missing[#missing + 1] = module .. "." .. name end
    end
    for name, entry in pairs(entries) do
      assert(type(functions[name]) == "function", module .. "." .. name .. " is in the table, but there is none")
      if type(entry) == "function" then
        blocking[#blocking + 1] = { module .. "." .. name, entry }
      else
        assert(type(entry) == "string")
        never = never + 1
      end
    end
  end
end
assert(#missing == 0, "not in the table: " .. table.concat(missing, ", "))
table.sort(blocking, function(a, b) return a[1] < b[1] end)
for _, b in ipairs(blocking) do
  if arg[1] then print(b[1]) end
  progress(b[1], b[2])
  interrupted(b[1], b[2])
end
print(("%d functions that block, %d that never do"):format(#blocking, never))
