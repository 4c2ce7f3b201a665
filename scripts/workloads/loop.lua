-- An integer loop without a single call or allocation: the longest Collatz chain in a range.
-- Such a loop offers an interpreter no natural place to hand its lock over.

local function longest_chain(first, last)
  local best, best_length = first, 0
  for start = first, last do
    local n, length = start, 1
    while n ~= 1 do
      if n & 1 == 0 then n = n >> 1 else n = 3 * n + 1 end
      length = length + 1
    end
    if length > best_length then best, best_length = start, length end
  end
  return best, best_length
end

return {
  name = "loop",
  kind = "cpu",
  about = "integer loop: longest Collatz chain in a range",
  tasks = 32,
  params = { span = 4500 },

  setup = function(params) return { span = params.span } end,

  task = function(ctx, i)
    local first = (i - 1) * ctx.span + 1
    local best, length = longest_chain(first, first + ctx.span - 1)
    return { best, length }
  end,

  -- Walk each winner's chain once more, by division instead of shifts.
  check = function(results)
    for i, result in ipairs(results) do
      local n, length = result[1], 1
      while n > 1 do
        n = n % 2 == 0 and n // 2 or n * 3 + 1
        length = length + 1
      end
      if length ~= result[2] then
        return false, ("task %d: the chain of %d has %d steps, not %d"):format(i, result[1], length,
                                                                               result[2])
      end
    end
    return true
  end,
}
