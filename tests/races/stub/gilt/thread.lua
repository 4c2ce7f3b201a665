-- stub/gilt/thread.lua: a stand-in for the real module, so that the race programs can be checked for syntax and
-- logic where there are no threads. spawn() makes a coroutine; join() gives all coroutines turns until the
-- one asked for has ended; a turn ends at thread.yield().
-- A real runtime has the module built in; `../run` puts this folder on the path only when asked (STUB=1).
local thread = {}
local Thread = {}
Thread.__index = Thread

local live = {}
function thread.spawn(fn, ...)
  local th = setmetatable({ args = table.pack(...) }, Thread)
  th.co = coroutine.create(function(...)
    return table.pack(xpcall(fn, debug.traceback, ...))
  end)
  live[#live + 1] = th
  return th
end

-- Every thread gets a turn, the newest first.
local function round()
  for i = #live, 1, -1 do
    local th = live[i]
    if coroutine.status(th.co) == "suspended" then
      local args = th.args or { n = 0 }
      th.args = nil
      local ok, result = coroutine.resume(th.co, table.unpack(args, 1, args.n))
      if coroutine.status(th.co) == "dead" then
        th.result = ok and result or { n = 2, false, result }
        table.remove(live, i)
      end
    end
  end
end

function Thread:join()
  while not self.result do round() end
  local r = self.result
  if r[1] then return table.unpack(r, 2, r.n) end
  return nil, r[2]
end

function thread.yield()
  if coroutine.isyieldable() then coroutine.yield() end
end
thread.stub = true
return thread
