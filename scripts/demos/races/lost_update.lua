-- lost_update.lua: two threads add 1 to the same counter.
--
-- `t.n = t.n + 1` reads, adds and writes. A thread that is stopped after it read and before it writes
-- overwrites what the other one did meanwhile. With the switch interval at 5 ms that is rare; under a
-- schedule it is a matter of a few tries:
--
--     gilt explore scripts/demos/races/lost_update.lua
local thread = require "gilt.thread"

local t = { n = 0 }

local function add_one()
  t.n = t.n + 1
end

local a = thread.spawn(add_one)
local b = thread.spawn(add_one)
a:join()
b:join()
assert(t.n == 2, "an update was lost: t.n is " .. t.n)
