-- Closures and coroutines: generators chained into a pipeline (count, filter, map, take), each
-- stage a coroutine, the functions between them closures with their own upvalues. A preempted
-- thread must come back to the very coroutine it was in.

local wrap, yield = coroutine.wrap, coroutine.yield

local function count_from(start)
  return wrap(function()
    local n = start
    while true do yield(n); n = n + 1 end
  end)
end

local function filter(accept, source)
  return wrap(function()
    for value in source do
      if accept(value) then yield(value) end
    end
  end)
end

local function map(change, source)
  return wrap(function()
    for value in source do yield(change(value)) end
  end)
end

local function compose(f, g) return function(x) return f(g(x)) end end
local function adder(by) return function(x) return x + by end end
local function scaler(by) return function(x) return x * by end end
local function not_divisible(by) return function(x) return x % by ~= 0 end end

return {
  name = "coroutines",
  kind = "cpu",
  about = "closures and coroutines: a pipeline of generators",
  tasks = 32,
  params = { items = 13000 },

  setup = function(params) return { items = params.items } end,

  task = function(ctx, i)
    local source = filter(not_divisible(3), count_from(i))
    local stage = map(compose(adder(i), scaler(2)), filter(not_divisible(5), source))
    local sum, last = 0, 0
    for _ = 1, ctx.items do
      last = stage()
      sum = sum + last
    end
    return { sum = sum, last = last }
  end,

  -- The same numbers by a plain loop.
  check = function(results, params)
    for i, r in ipairs(results) do
      local sum, n, taken = 0, i - 1, 0
      while taken < params.items do
        n = n + 1
        if n % 3 ~= 0 and n % 5 ~= 0 then
          taken = taken + 1
          sum = sum + 2 * n + i
        end
      end
      if sum ~= r.sum then
        return false, ("task %d: the sum is %d, not %d"):format(i, sum, r.sum)
      end
    end
    return true
  end,
}
