-- Readers look whether the message is there, then wait to be told. The writer does not take the
-- mutex, so its signal may come between the two: a reader that looked and does not wait yet misses it.
local sync = require "gilt.sync"
local thread = require "gilt.thread"

local mutex, changed = sync.mutex(), sync.condition()
local message

local function reader()
  local _ <close> = mutex:lock()
  while not message do changed:wait(mutex) end
  return #message
end

local readers = {}
for i = 1, 4 do readers[i] = thread.spawn(reader) end
message = "hello"
changed:broadcast()
for i = 1, 4 do assert(readers[i]:join() == 5) end
