-- A coroutine inherits a count hook, and with it the duty to look for requests.
local thread = require "gilt.thread"
local flag = false
local t = thread.spawn(function()
  debug.sethook(function() end, "", 100)
  coroutine.wrap(function() while not flag do end end)()
  return "done"
end)
local u = thread.spawn(function() flag = true end)
u:join()
assert(t:join() == "done")
