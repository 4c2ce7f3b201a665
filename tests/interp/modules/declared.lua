-- declared.lua: a C module that says that it is made for parallel threads: two are in it at once.
local thread, gil = require "gilt.thread", require "gilt.gil"
local declared = require "declared"
gil.enable(false)
collectgarbage "stop"
local a = thread.spawn(declared.meet, 2)
declared.meet(2)
assert(select("#", a:join()) == 0)
print "ok"
