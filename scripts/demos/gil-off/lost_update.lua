-- Two threads add to one number: a read, an addition, a write. What the other thread wrote in between
-- is lost. Run it with the GIL on and off:
--
--     gilt run scripts/demos/gil-off/lost_update.lua
--     gilt run --gil=off scripts/demos/gil-off/lost_update.lua      (gilt's own core)
--
-- With the GIL on it is as wrong, but it shows only when the lock changes hands between the read and
-- the write: hardly ever, until the day it does. `fixed.lua` beside it has three ways to repair it.
local gilt = require "gilt"
local thread = require "gilt.thread"

local THREADS, ROUNDS = 2, tonumber(arg[1]) or 3000000
local shared = { n = 0 }

local function add()
  for _ = 1, ROUNDS do shared.n = shared.n + 1 end
end

local threads = {}
for i = 1, THREADS do threads[i] = thread.spawn(add) end
for i = 1, THREADS do threads[i]:join() end

local want = THREADS * ROUNDS
assert(math.type(shared.n) == "integer" and shared.n >= ROUNDS // 2 and shared.n <= want)
print(("GIL %s: %d of %d additions are lost"):format(gilt.gil and "on" or "off", want - shared.n, want))
