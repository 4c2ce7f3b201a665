-- failing.lua CASE FIRST STEP [once]: runs one conformance file while allocations fail, each in a process
-- of its own (allocfail.c). There the script goes on to the next check, to see that the state is whole: a
-- full collection, and a piece of work that uses most of it.
local case, first, step, once = arg[1], tonumber(arg[2]), tonumber(arg[3]), arg[4] == "once"
local failing = require "allocfail"
local T = require "harness"

local function work()
  local t = setmetatable({}, { __index = function(_, k) return k end })
  for i = 1, 50 do t["k" .. i] = { i } end
  for i = 1, 50 do t[i] = "v" .. i end
  local co = coroutine.wrap(function(a) for i = 1, 3 do a = a + coroutine.yield(a, i) end return a end)
  co(1) co(2) co(3)
  assert(co(4) == 10 and t.absent == "absent" and t.k50[1] == 50 and #t == 50)
  local f = assert(load("local a = ... return function(b) return a .. b, a end"))
  local r, s = f("x")("y")
  assert(r == "xy" and s == "x" and ("abc"):rep(100):gsub("b", "%0%0") == ("abbc"):rep(100))
  assert(not pcall(error, {}) and select(2, pcall(string.rep)):find("bad argument #1", 1, true))
  return true
end

local function look()
  collectgarbage()
  collectgarbage()
  local ok = pcall(work)
  collectgarbage()
  failing.leave(ok)
end

for _, name in ipairs { "eq", "ok", "same", "list", "fails", "matches", "eval" } do
  local check = T[name]
  T[name] = function(...)
    if failing.checkpoint() then look() end
    return check(...)
  end
end
local exit = os.exit
T.done = function()
  if failing.checkpoint() then look() end
  local n, children, wrong = failing.stop()
  print(("%s: %d allocations, %d failed, each in its process, %d went wrong"):format(case, n, children, wrong))
  io.stdout:flush()
  if wrong > 0 then exit(1) end -- checks may fail here: children read and write the same files
end
os.exit = function(...) -- a file that leaves early
  if failing.checkpoint() then look() end
  exit(...)
end

local file = assert(loadfile("cases/" .. case .. ".lua"))
failing.start(first, step, once)
file()
