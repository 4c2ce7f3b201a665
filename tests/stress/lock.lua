-- lock.lua [SECONDS] [SEED]: everything that a lock can be asked to do, at once: threads that compute, recurse, sleep,
-- call C for a moment or for long, read and write sockets and pipes, join, are started, interrupted and end, while the
-- policy and the interval change, counters are read and cleared, children are started and garbage is collected. Each
-- thread checks its own results; at the end the states add up, and every thread is gone.
local thread, time, gil, net = require "gilt.thread", require "gilt.time", require "gilt.gil", require "gilt.net"
local bench = require "gilt.bench"

local SECONDS, SEED = tonumber(arg[1]) or 5, tonumber(arg[2]) or os.time()
math.randomseed(SEED)
local till = time.monotonic() + SECONDS
local turns, stop = {}, false

local function random_of(n) -- a generator of its own for each thread
  local x = n * 7919 + SEED
  return function(below)
    x = (x * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
    return (x >> 20) % below
  end
end

local kinds = {}

function kinds.compute(random)
  local n, sum = 100 + random(3000), 0
  for i = 1, n do sum = sum + i end
  assert(sum == n * (n + 1) // 2)
end

function kinds.tables(random)
  local t, n = {}, 50 + random(100)
  for i = 1, n do t[i] = { i, tostring(i) } end
  table.sort(t, function(a, b) return a[1] > b[1] end)
  for i = 1, n do assert(t[i][1] == n + 1 - i and t[i][2] == tostring(n + 1 - i)) end
end

function kinds.coroutines(random)
  local n = 5 + random(40)
  local gen = coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
  for i = 1, n do assert(gen() == i) end
end

function kinds.recurse(random)
  local function deep(d) if d == 0 then return 0 end return 1 + deep(d - 1) end
  local d = random(1500)
  assert(deep(d) == d)
end

function kinds.short_calls(random)
  for _ = 1, 50 + random(500) do bench.work_released(10) end
end

function kinds.long_calls(random) bench.work_released(10000 + random(200000)) end
function kinds.held_call(random) bench.work(1000 + random(100000)) end
function kinds.sleep(random) time.sleep(random(2000) / 1e6) end

function kinds.errors()
  local ok, e = pcall(error, { code = 7 })
  assert(not ok and e.code == 7)
end

function kinds.socket(random)
  local first, second = assert(net.pair())
  local a <close> = first
  local b <close> = second
  local text = ("x"):rep(1 + random(3000)) .. "\n"
  local t = thread.spawn(function() return assert(b:write((assert(b:read "L")))) end)
  assert(a:write(text) and a:read "L" == text)
  assert(t:join())
end

function kinds.datagram(random)
  local a <close> = assert(net.udp { host = "127.0.0.1", port = 0 })
  local _, port = a:sockname()
  a:settimeout(random(3) / 1000)
  if random(2) == 0 then assert(a:sendto("x", "127.0.0.1", port)) end
  a:recvfrom() -- the datagram, or the end of the time
end

function kinds.child(random)
  if random(20) ~= 0 then return end
  local p = assert(io.popen "echo it")
  assert(p:read "a" == "it\n" and p:close())
end

function kinds.spawn(random)
  local n = random(1000)
  local t = thread.start({ class = random(2) == 0 and "latency" or "throughput", priority = random(21) - 10 },
    function(x) return x + 1 end, n)
  assert(t:join() == n + 1)
end

function kinds.interrupted(random)
  local t = thread.spawn(function()
    if random(2) == 0 then time.sleep(1000) end
    while true do end
  end)
  time.sleep(random(300) / 1e6)
  t:interrupt()
  local ok, e = t:join()
  assert(not ok and tostring(e):find "interrupted", e)
end

function kinds.finalizers(random)
  local count = 0
  for _ = 1, random(10) do setmetatable({}, { __gc = function() count = count + 1 end }) end
  if random(30) == 0 then collectgarbage() end
end

local names = {}
for name in pairs(kinds) do names[#names + 1] = name end
table.sort(names)

local function adds_up(s)
  local sum = 0
  for _, seconds in pairs(s.states) do sum = sum + seconds end
  assert(math.abs(sum - s.life) < 1e-6 * s.life + 1e-6, ("states %.9f, life %.9f"):format(sum, s.life))
end

local function worker(id)
  local random = random_of(id)
  while not stop do
    kinds[names[1 + random(#names)]](random)
    turns[id] = turns[id] + 1
    if random(50) == 0 then adds_up(gil.stats()) end
  end
end

local function change_things()
  local random, policies = random_of(99), gil.policies()
  while not stop do
    time.sleep(random(20) / 1000)
    gil.policy(policies[1 + random(#policies)])
    gil.interval(({ 20e-6, 100e-6, 1e-3, 5e-3 })[1 + random(4)])
    if random(10) == 0 then gil.reset() end
    adds_up(gil.stats "total")
  end
end

local threads = {}
for id = 1, 8 do
  turns[id] = 0
  threads[id] = thread.start({ name = "worker-" .. id }, worker, id)
end
threads[#threads + 1] = thread.start({ name = "change" }, change_things)
while time.monotonic() < till do
  local before, start = table.move(turns, 1, 8, 1, {}), time.monotonic()
  time.sleep(math.min(60, math.max(0, till - start)))
  if time.monotonic() - start >= 60 then -- a minute is a bound for `tick` too
    for id = 1, 8 do assert(turns[id] > before[id], "worker " .. id .. " stands still") end
  end
end
stop = true
local total, failed = 0, nil
for id, t in ipairs(threads) do
  local _, problem = t:join()
  failed = failed or problem
  total = total + (turns[id] or 0)
end
adds_up(gil.stats "total")
if failed then error(("seed %d: %s"):format(SEED, failed)) end
print(("seed %d: %d turns"):format(SEED, total))
