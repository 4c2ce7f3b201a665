-- home_made_lock.lua: a lock made of a variable.
--
-- Between the look at `locked` and the store another thread can look, too: then both are in.
--
--     gilt explore scripts/demos/races/home_made_lock.lua
local thread = require "gilt.thread"
local time = require "gilt.time"

local locked, inside = false, 0

local function with_lock(fn)
  while locked do time.sleep(0.001) end
  locked = true
  fn()
  locked = false
end

local function critical()
  inside = inside + 1
  assert(inside == 1, "two threads hold the lock")
  inside = inside - 1
end

local threads = {}
for i = 1, 3 do threads[i] = thread.spawn(with_lock, critical) end
for i = 1, 3 do threads[i]:join() end
