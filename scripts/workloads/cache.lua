-- A cache in front of a slow function, shared by all workers: what one has computed the others find.
-- A look-up takes no lock. Two workers may compute the same answer at the same time; that costs time,
-- not truth. The cache has two halves: when the young one is full it becomes the old one, and what
-- nobody asked for meanwhile is forgotten. Processes and isolates fill a cache each.

local atomic = require "gilt.atomic"
local sync = require "gilt.sync"

-- The slow function: the sum of the divisors.
local function divisor_sum(n)
  local sum = 0
  for d = 1, math.floor(n ^ 0.5) do
    if n % d == 0 then
      sum = sum + d
      if d * d ~= n then sum = sum + n // d end
    end
  end
  return sum
end

-- One thread turns the halves; the others go on with what they see.
local function turn(cache)
  if not cache.turning:try_lock() then return end
  local _ <close> = cache.turning
  if cache.size:load() < cache.limit then return end
  cache.old, cache.young = cache.young, {}
  cache.size:store(0)
end

local function cached(cache, n)
  local sum = cache.young[n]
  if sum then return sum end
  sum = cache.old[n] or divisor_sum(n)
  cache.young[n] = sum
  if cache.size:add() >= cache.limit then turn(cache) end
  return sum
end

-- What task i asks for: some numbers often, most of them rarely.
local function questions(i, count)
  local x = i * 2654435761 % 4294967296
  local n = 0
  return function()
    n = n + 1
    if n > count then return nil end
    x = (x * 1664525 + 1013904223) % 4294967296
    local u = (x >> 8) / 16777216
    return 100000 + math.floor(u * u * u * 20000)
  end
end

local function fold(hash, sum) return (hash * 31 + sum) & 0x7fffffff end

return {
  name = "cache",
  kind = "shared",
  about = "a cache of a slow function, shared by all workers",
  tasks = 32,
  params = { questions = 6000, limit = 6000 },

  setup = function(params)
    return { questions = params.questions,
             cache = { young = {}, old = {}, limit = params.limit, size = atomic.new(),
                       turning = sync.mutex() } }
  end,

  task = function(ctx, i)
    local hash, asked = 0, 0
    for n in questions(i, ctx.questions) do
      hash = fold(hash, cached(ctx.cache, n))
      asked = asked + 1
    end
    return { hash = hash, asked = asked }
  end,

  -- The first and the last task without a cache.
  check = function(results, params)
    for i, r in ipairs(results) do
      local hash = r.hash
      if i == 1 or i == #results then
        hash = 0
        for n in questions(i, params.questions) do hash = fold(hash, divisor_sum(n)) end
      end
      if r.hash ~= hash or r.asked ~= params.questions then
        return false, ("task %d: a wrong answer came out of the cache"):format(i)
      end
    end
    return true
  end,

  -- Whatever is in it is right.
  teardown = function(ctx)
    for _, half in ipairs { ctx.cache.young, ctx.cache.old } do
      local n, sum = next(half)
      if n and sum ~= divisor_sum(n) then error("the cache has a wrong sum for " .. n) end
    end
  end,
}
