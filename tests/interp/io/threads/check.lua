-- check.lua: what the scripts of this folder share.
local thread = require "gilt.thread"
local time = require "gilt.time"
local M = {}

function M.eq(got, want, what)
  if got ~= want then
    error(("%s: got %s, want %s"):format(what or "value", tostring(got), tostring(want)), 2)
  end
end

--- The message of the error that fn(...) raises, which must match.
function M.raises(pattern, fn, ...)
  local ok, msg = pcall(fn, ...)
  if ok then error("no error; expected one like: " .. pattern, 2) end
  if not tostring(msg):find(pattern) then error("wrong error: " .. tostring(msg), 2) end
  return msg
end

--- Waits for a state, up to 20 s.
function M.eventually(what, fn)
  for _ = 1, 20000 do
    if fn() then return end
    time.sleep(0.001)
  end
  error("it never came true: " .. what, 2)
end

local function sleeping(task)
  local f = io.open("/proc/self/task/" .. task .. "/stat")
  if not f then return true end
  local line = f:read("a")
  f:close()
  return not line or line:match("%) (%a)") == "S" -- no line: it ended meanwhile
end

--- Waits until every other thread of this process sleeps in the kernel.
function M.settle()
  local own = io.open("/proc/thread-self/stat"):read("n")
  M.eventually("other threads sleep", function()
    local list = io.popen("ls /proc/" .. io.open("/proc/self/stat"):read("n") .. "/task")
    local all = true
    for task in list:lines() do
      if tonumber(task) ~= own and not sleeping(task) then all = false end
    end
    list:close()
    return all
  end)
end

--- fn(path) with a new FIFO.
function M.with_fifo(fn)
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkfifo " .. path))
  local ok, err = pcall(fn, path)
  os.remove(path)
  if not ok then error(err, 0) end
end

--- Interrupts a thread that blocks in fn: it must end with that error.
function M.interrupts(what, fn)
  local t = thread.spawn(fn)
  M.settle()
  t:interrupt()
  local ok, err = t:join()
  if ok or not tostring(err):find("interrupted") then
    error(what .. ": not interrupted: " .. tostring(ok) .. " " .. tostring(err), 2)
  end
end

return M
