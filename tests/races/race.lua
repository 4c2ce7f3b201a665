-- race.lua: what the race programs share. A program is called as PROGRAM [THREADS] [ROUNDS]; it prints
-- "ok NAME" or fails with a message that names the broken invariant. Every invariant holds with the
-- lock on and with it off: no crash, no torn value, no value that nobody stored, no lost write to a
-- key of one's own, one winner of each claim.
local thread = require "gilt.thread"
local race = {}
race.threads = tonumber(arg[1]) or 4
race.rounds = tonumber(arg[2]) or 20
race.yield = thread.yield or function() end

-- Runs fn(id, ...) in every thread, joins them all, and raises the first error. Returns their results.
-- They begin together: each waits, for a bounded time, until all are there.
function race.all(fn, ...)
  local ths, results, here = {}, {}, {}
  for id = 1, race.threads do here[id] = false end
  local function begin(id, ...)
    here[id] = true
    for other = 1, race.threads do
      local n = 0
      while not here[other] and n < 20000 do
        n = n + 1
        if n % 100 == 0 then race.yield() end
      end
    end
    return fn(id, ...)
  end
  for id = 1, race.threads do ths[id] = thread.spawn(begin, id, ...) end
  local failure
  for id = 1, race.threads do
    local r = table.pack(ths[id]:join())
    if r[1] == nil and type(r[2]) == "string" then failure = failure or r[2] end
    results[id] = r[1]
  end
  if failure then error(failure, 0) end
  return results
end

function race.check(condition, what, ...)
  if not condition then error("broken: " .. what:format(...), 2) end
end

-- A value that shows tearing: its parts depend on each other.
function race.stamp(id, n) return { id = id, n = n, sum = id * 1000003 + n } end
function race.valid(s) return type(s) == "table" and s.sum == s.id * 1000003 + s.n end

-- Runs a traversal. With the GIL on (RACE_STOCK_NEXT=1), as in stock Lua, `next` may fail when another
-- thread has inserted; with gilt's own core that is a broken invariant.
local stock_next = os.getenv("RACE_STOCK_NEXT") == "1"
function race.traverse(f)
  local ok, e = pcall(f)
  if not ok and not (stock_next and tostring(e):find("invalid key to 'next'", 1, true)) then error(e, 0) end
end

-- A generator of its own for each thread.
function race.random(seed)
  local x = seed * 2654435761 + 88172645463325252
  return function(n)
    x = x ~ (x << 13)
    x = x ~ (x >> 7)
    x = x ~ (x << 17)
    return (x >> 11) % n + 1
  end
end

function race.done() print("ok " .. arg[0]:match("([%w_]+)%.lua$")) end
return race
