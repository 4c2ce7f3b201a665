-- mixed.lua: a bit of everything whose order could depend on chance: threads, coroutines, finalizers,
-- tables keyed by strings and by objects, random numbers, clocks, sleeps, joins with a time limit.
-- Prints what it saw.
local thread = require "gilt.thread"
local time = require "gilt.time"

local log, keys = {}, {}

local function body(id)
  local co = coroutine.wrap(function()
    for i = 1, 20 do
      log[#log + 1] = id
      coroutine.yield(i)
    end
  end)
  for i = 1, 10 do
    local key = setmetatable({}, { __gc = function() log[#log + 1] = "gc" end })
    keys[key] = i
    keys["key" .. i .. "of" .. id] = co()
    if i % 3 == 0 then time.sleep(0.01 * id) end
    if i % 4 == 0 then keys[key] = nil end
  end
  collectgarbage()
  return id
end

local threads = {}
for i = 1, 5 do threads[i] = thread.spawn(body, i) end
for i = 1, 5 do
  repeat
    local id, problem = threads[i]:join(0.004)
    assert(id == i or problem == "timeout")
    log[#log + 1] = "j"
  until id
end

local order = {}
for k, v in pairs(keys) do order[#order + 1] = tostring(k) .. "=" .. v end
for k in pairs(_G) do order[#order + 1] = k end
print(table.concat(log))
print(table.concat(order, " "))
print(math.random(1e9), os.time(), os.date(), os.clock(), time.monotonic(), time.wall_ns(), time.cpu())
