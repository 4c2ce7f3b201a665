-- double_checked.lua: a settings table that the first one to ask for it fills.
--
-- The table is stored before its fields are: a thread that comes between finds a table, takes it for
-- the finished one, and computes with nil.
--
--     gilt explore scripts/demos/races/double_checked.lua
local thread = require "gilt.thread"

local settings

local function get_settings()
  if settings == nil then
    settings = {}
    settings.width = 80
    settings.height = 25
  end
  return settings
end

local function area()
  local s = get_settings()
  return s.width * s.height
end

local a = thread.spawn(area)
local b = thread.spawn(area)
assert(a:join() == 2000)
assert(b:join() == 2000)
