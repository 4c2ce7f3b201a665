-- Recursive calls: the naive Fibonacci function, nothing but calls, compares and additions.
-- A lock that is paid for at every call would show here first.

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

-- The same number by addition, to check the recursive one.
local function fib_by_addition(n)
  local a, b = 0, 1
  for _ = 1, n do a, b = b, a + b end
  return a
end

return {
  name = "fib",
  kind = "cpu",
  about = "recursive calls: naive Fibonacci",
  tasks = 32,
  params = { n = 26 },

  setup = function(params) return { n = params.n } end,

  -- Neighbouring tasks differ a little, so that an answer from the wrong task is noticed.
  task = function(ctx, i) return fib(ctx.n + i % 2) end,

  check = function(results, params)
    for i, value in ipairs(results) do
      local want = fib_by_addition(params.n + i % 2)
      if value ~= want then
        return false, ("task %d: fib(%d) is %d, not %s"):format(i, params.n + i % 2, want, value)
      end
    end
    return true
  end,
}
