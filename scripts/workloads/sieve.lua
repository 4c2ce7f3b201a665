-- Array writes: the sieve of Eratosthenes. Each task counts the primes of its own window with a
-- segmented sieve; the small primes come ready from setup and are only read.

local function primes_up_to(n)
  local composite, primes = {}, {}
  for i = 2, n do
    if not composite[i] then
      primes[#primes + 1] = i
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return primes
end

-- Primes among first .. first + size - 1. `composite` is a table to write to; the segment is small
-- enough for it to stay in the cache, which is what a sieve is segmented for.
local function count_segment(primes, composite, first, size)
  local last = first + size - 1
  for i = 1, size do composite[i] = false end
  for _, p in ipairs(primes) do
    if p * p > last then break end
    local start = (first + p - 1) // p * p
    if start < p * p then start = p * p end
    for j = start - first + 1, size, p do composite[j] = true end
  end
  local count = 0
  for i = 1, size do
    if not composite[i] and first + i - 1 > 1 then count = count + 1 end
  end
  return count
end

local function count_window(ctx, first, last)
  local composite, count = {}, 0
  for from = first, last, ctx.segment do
    count = count + count_segment(ctx.primes, composite, from, math.min(ctx.segment, last - from + 1))
  end
  return count
end

return {
  name = "sieve",
  kind = "cpu",
  about = "array writes: primes by a segmented sieve",
  tasks = 32,
  -- With segment=200000 each task writes to 3.2 MB, more than a core's own cache: then tasks that
  -- take turns on one core evict each other's data.
  params = { window = 200000, segment = 8000 },

  setup = function(params)
    if params.segment < 1 then error("segment has to be at least 1", 0) end
    local last = params.window * params.tasks
    return { window = params.window, segment = params.segment,
             primes = primes_up_to(math.tointeger(last ^ 0.5 // 1) + 1) }
  end,

  task = function(ctx, i) return count_window(ctx, (i - 1) * ctx.window + 1, i * ctx.window) end,

  -- Count the primes of the first and the last window by trial division.
  check = function(results, params)
    local function is_prime(n)
      if n < 4 then return n > 1 end
      if n % 2 == 0 then return false end
      for d = 3, math.tointeger(n ^ 0.5 // 1) + 1, 2 do
        if n % d == 0 and d < n then return false end
      end
      return true
    end
    local size = math.min(params.window, 2000)
    if size < params.window then -- too many to divide: the count must at least be plausible
      local total = 0
      for _, count in ipairs(results) do total = total + count end
      local n = params.window * #results
      local guess = n / (math.log(n) - 1)
      if math.abs(total / guess - 1) > 0.02 then
        return false, ("%d primes up to %d, expected about %.0f"):format(total, n, guess)
      end
      return true
    end
    for _, i in ipairs { 1, #results } do
      local count = 0
      for n = (i - 1) * params.window + 1, i * params.window do
        if is_prime(n) then count = count + 1 end
      end
      if count ~= results[i] then
        return false, ("task %d: %d primes, not %d"):format(i, count, results[i])
      end
    end
    return true
  end,
}
