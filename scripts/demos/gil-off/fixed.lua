-- The sum of `lost_update.lua`, repaired in three ways. Each gives the exact sum, with the GIL on and
-- off; what they cost differs.
--
--     gilt run --gil=off scripts/demos/gil-off/fixed.lua            (gilt's own core)
local atomic = require "gilt.atomic"
local gilt = require "gilt"
local sync = require "gilt.sync"
local thread = require "gilt.thread"
local time = require "gilt.time"

local THREADS, ROUNDS = 2, tonumber(arg[1]) or 200000

local ways = {}

-- A mutex around the three steps: for anything that takes more than one access.
function ways.mutex()
  local shared, lock = { n = 0 }, sync.mutex()
  return function()
    for _ = 1, ROUNDS do
      lock:lock()
      shared.n = shared.n + 1
      lock:unlock()
    end
  end, function() return shared.n end
end

-- A counter whose addition is one step: for numbers.
function ways.atomic()
  local n = atomic.new()
  return function()
    for _ = 1, ROUNDS do n:add() end
  end, function() return n:load() end
end

-- Nothing shared while they count; the results are added up after join. The fastest, and often the
-- simplest.
function ways.own()
  local sum = 0
  return function()
    local n = 0
    for _ = 1, ROUNDS do n = n + 1 end
    return n
  end, function() return sum end, function(n) sum = sum + n end
end

for _, name in ipairs { "mutex", "atomic", "own" } do
  local work, result, collect = ways[name]()
  local start, threads = time.monotonic(), {}
  for i = 1, THREADS do threads[i] = thread.spawn(work) end
  for i = 1, THREADS do
    local n = threads[i]:join()
    if collect then collect(n) end
  end
  assert(result() == THREADS * ROUNDS)
  print(("GIL %s, %-6s: %d, nothing lost, %4.0f ms"):format(gilt.gil and "on" or "off", name, result(),
    (time.monotonic() - start) * 1000))
end
