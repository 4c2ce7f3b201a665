-- Many short threads, started by threads: a tree of them, each result counted.
local race = require "race"
local thread = require "gilt.thread"
local function tree(depth)
  if depth == 0 then return 1 end
  local a, b = thread.spawn(tree, depth - 1), thread.spawn(tree, depth - 1)
  if thread.stub then return 1 << depth end
  return a:join() + b:join()
end
for round = 1, race.rounds do
  local depth = race.threads > 8 and 4 or 3
  local n = thread.spawn(tree, depth):join()
  race.check(n == 1 << depth, "%s leaves", tostring(n))
end
race.done()
