-- require "gilt.gil": what it says about the lock while threads use it.

local gil, thread, time = require "gilt.gil", require "gilt.thread", require "gilt.time"

assert(gil.enabled())
assert(gil.policies()[1] == "adaptive")

local function adds_up(s)
  local sum = 0
  for _, seconds in pairs(s.states) do sum = sum + seconds end
  assert(math.abs(sum - s.life) < 1e-6, "states do not add up")
end

local function burn(n)
  local x = 0
  for i = 1, n do x = x + i % 7 end
  return x
end

for _, policy in ipairs(gil.policies()) do
  gil.policy(policy)
  assert(gil.policy() == policy)
  gil.reset()
  gil.interval(0.0005)
  local threads = {}
  for i = 1, 3 do threads[i] = thread.spawn(burn, 300000) end
  for _, t in ipairs(threads) do assert(t:join()) end
  time.sleep(0.001)
  adds_up(gil.stats())
  adds_up(gil.stats "total")
  local total = gil.stats "total"
  assert(total.switches_requested + total.switches_voluntary > 0)
  local hold, p50, p99, most = gil.histogram("hold", 0.5, 0.99, 1)
  assert(hold.count > 0 and p50 <= p99 and p99 <= most and most == hold.max)
  local seconds, name, what = gil.longest()
  assert(seconds > 0 and type(name) == "string")
  assert(what == "" or what:find ":%d+" or what == "the end of the thread", what)
end

gil.policy "adaptive"
gil.interval(0.005)
gil.reset()
assert(gil.longest() == nil)
local h, none = gil.histogram("wait", 0.5)
assert(h.count == 0 and none == nil)
assert(not pcall(gil.histogram, "other"))
assert(not pcall(gil.histogram, "hold", 2))
assert(not pcall(gil.policy, "fairest"))
assert(not pcall(gil.interval, -1))

-- A hold is named by what the thread was doing when it ended.
local t = thread.start({ name = "longest" }, function()
  local x = 0
  for i = 1, 2e6 do x = x + i end
  time.sleep(0)
end)
t:join()
