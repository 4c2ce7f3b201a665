-- publication.lua: one thread prepares a message, another waits for it.
--
-- The flag is raised one statement too early.
--
--     gilt explore scripts/demos/races/publication.lua
local thread = require "gilt.thread"
local time = require "gilt.time"

local box = { ready = false }

local function writer()
  box.ready = true
  box.message = "hello"
end

local function reader()
  while not box.ready do time.sleep(0.001) end
  return #box.message
end

local r = thread.spawn(reader)
local w = thread.spawn(writer)
w:join()
assert(r:join() == 5)
