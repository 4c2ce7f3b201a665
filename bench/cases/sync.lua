-- sync.lua: what a lock, a channel and an atomic cost when nobody else wants them, beside a plain
-- method call. CPU time, the best of five rounds that take turns.
--   gilt run [--gil=off] bench/cases/sync.lua [calls]
local atomic = require "gilt.atomic"
local channel = require "gilt.channel"
local sync = require "gilt.sync"
local time = require "gilt.time"
local calls = tonumber(arg[1]) or 300000

local t, text, counter, ref = { n = 0 }, "x", atomic.new(), atomic.ref(1)
local mutex, semaphore, values = sync.mutex(), sync.semaphore(1), channel.new(4)
local function nothing() end

local rows = {
  { "t.n = t.n + 1", function(n) for _ = 1, n do t.n = t.n + 1 end end },
  { "a method in C, s:len()", function(n) for _ = 1, n do text:len() end end },
  { "counter:add()", function(n) for _ = 1, n do counter:add() end end },
  { "counter:load()", function(n) for _ = 1, n do counter:load() end end },
  { "ref:load()", function(n) for _ = 1, n do ref:load() end end },
  { "mutex:lock() mutex:unlock()", function(n) for _ = 1, n do mutex:lock() mutex:unlock() end end },
  { "local _ <close> = mutex:lock()", function(n) for _ = 1, n do local _ <close> = mutex:lock() end end },
  { "mutex:with(function)", function(n) for _ = 1, n do mutex:with(nothing) end end },
  { "semaphore:acquire() :release()",
    function(n) for _ = 1, n do semaphore:acquire() semaphore:release() end end },
  { "channel:send(v) :receive()", function(n) for i = 1, n do values:send(i) values:receive() end end },
}

for _ = 1, 5 do
  for _, row in ipairs(rows) do
    local start = time.thread_cpu_ns()
    row[2](calls)
    row.best = math.min(row.best or math.huge, (time.thread_cpu_ns() - start) / calls)
  end
end
assert(counter:load() == 5 * calls and t.n == counter:load() and #values == 0)
for _, row in ipairs(rows) do print(("%-32s %4.0f ns"):format(row[1], row.best)) end
