-- A finalizer that runs while the interpreter closes can start no thread.
local thread = require "gilt.thread"
thread.spawn(function() end):join()
keep = setmetatable({}, {__gc = function()
  local ok, err = pcall(thread.spawn, function() while true do end end)
  if ok or not err:find "closing" then os.exit(1) end
end})
