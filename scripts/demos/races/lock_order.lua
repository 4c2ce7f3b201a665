-- Two accounts, a lock each. A transfer locks both, first the one it takes from: two transfers in
-- opposite directions may each hold what the other one waits for.
local sync = require "gilt.sync"
local thread = require "gilt.thread"

local function account(cents) return { cents = cents, lock = sync.mutex() } end

local function transfer(from, to, cents)
  local _ <close> = from.lock:lock()
  local _ <close> = to.lock:lock()
  from.cents = from.cents - cents
  to.cents = to.cents + cents
end

local a, b = account(100), account(100)
local t = thread.spawn(transfer, a, b, 30)
transfer(b, a, 10)
t:join()
assert(a.cents == 80 and b.cents == 120)
