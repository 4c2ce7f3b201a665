-- The system says no: out of descriptors, broken pipes, closed standard output, full disks.
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local net, thread = require "gilt.net", require "gilt.thread"
local runner, script = arg[-1], arg[0]
local part = arg[1]

if part == "descriptors" then
  local held, f, msg, code = {}
  repeat f, msg, code = io.open("/dev/null"); held[#held + 1] = f until not f
  check.eq(code, 24)
  check.eq(select(3, io.popen("true")), 24)
  check.eq(select(3, io.tmpfile()), 24)
  check.eq(select(3, net.udp()), "EMFILE")
  check.eq(select(3, net.pair()), "EMFILE")
  check.raises("unable to generate", os.tmpname)
  check.raises("Too many open files", io.lines, "/dev/null")
  held[#held]:close()
  held[#held] = nil
  local s = assert(net.udp { host = "127.0.0.1", port = 0 }) -- the last descriptor
  s:settimeout(0.1)
  check.eq(select(3, s:recvfrom()), "timeout")
  s:settimeout(nil)
  local t = thread.spawn(function() return select(3, s:recvfrom()) end) -- has none to be woken by
  s:close()
  check.eq(t:join(), "closed")
  return
elseif part == "pipe" then -- SIGPIPE is ignored by who starts us
  local f = io.popen("exec true", "w")
  local ok, msg, code
  for _ = 1, 1000 do ok, msg, code = f:write(string.rep("x", 10000)); if not ok then break end end
  check.eq(ok, nil); check.eq(code, 32)
  check.eq(f:close(), true)
  return
elseif part == "stdout" then
  local ok, msg, code = io.write("text")
  if ok then ok, msg, code = io.flush() end
  io.stderr:write(tostring(ok), " ", tostring(code), "\n")
  print("print does not fail")
  io.stderr:write("end\n")
  return
elseif part == "print" then -- standard output is a FIFO that nobody reads yet
  local t = thread.spawn(function() for i = 1, 2000 do print(i, string.rep("p", 1000)) end end)
  check.settle()
  local f <close> = assert(io.open(arg[2], "w")) -- progress while print blocks
  f:write("blocked\n")
  f:close()
  t:join()
  return
end

local quote = function(s) return "'" .. s .. "'" end
local function run(prefix, args, suffix)
  local p = io.popen(prefix .. " " .. quote(runner) .. " " .. quote(script) .. " " .. args .. " " .. (suffix or "2>&1"))
  local text = p:read("a")
  local _, how, status = p:close()
  return text, how, status
end
local function passes(...)
  local text, how, status = run(...)
  if status ~= 0 then error(how .. " " .. status .. ": " .. text, 2) end
  return text
end

passes("ulimit -n 32;", "descriptors")
passes("trap '' PIPE;", "pipe")
check.eq(select(2, run("sh -c 'trap - PIPE; exec \"$@\"' sh", "pipe")), "exit")
local text = run("", "stdout", "2>&1 >&-"); assert(text == "nil 9\nend\n", text)
text = run("", "stdout", "2>&1 >/dev/full"); assert(text == "nil 28\nend\n", text)
check.with_fifo(function(path)
  local report = os.tmpname()
  os.remove(report)
  assert(os.execute("mkfifo " .. report))
  local p = io.popen(quote(runner) .. " " .. quote(script) .. " print " .. report .. " > " .. path, "w")
  local out = assert(io.open(path))
  local progress = assert(io.open(report))
  check.eq(progress:read(), "blocked")
  local n = 0
  for l in out:lines() do n = n + 1; check.eq(l, n .. "\t" .. string.rep("p", 1000)) end
  check.eq(n, 2000)
  assert(p:close())
  os.remove(report)
end)
print("ok")
