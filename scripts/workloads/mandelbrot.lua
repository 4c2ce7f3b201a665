-- Floats in registers: the Mandelbrot set, one row a task. Rows differ much in cost, so handing
-- tasks out to whoever is free beats splitting them evenly beforehand.

-- The points of one row that do not escape, and the steps all points took.
local function row(width, y, limit)
  local inside, steps = 0, 0
  for column = 0, width - 1 do
    local cr, ci = -2.0 + 2.5 * column / (width - 1), y
    local zr, zi, n = 0.0, 0.0, 0
    while n < limit do
      local r2, i2 = zr * zr, zi * zi
      if r2 + i2 > 4.0 then break end
      zi = 2.0 * zr * zi + ci
      zr = r2 - i2 + cr
      n = n + 1
    end
    if n == limit then inside = inside + 1 end
    steps = steps + n
  end
  return inside, steps
end

return {
  name = "mandelbrot",
  kind = "cpu",
  about = "floats in registers: Mandelbrot rows of unequal cost",
  tasks = 64,
  params = { width = 900, limit = 700, rows = 64 },

  setup = function(params) return params end,

  -- Row 1 is the top (y = 1.25), row `rows` the bottom (y = -1.25); more tasks start over.
  task = function(ctx, i)
    local line = (i - 1) % ctx.rows
    local y = ctx.rows == 1 and 0.0 or 1.25 * (ctx.rows - 1 - 2 * line) / (ctx.rows - 1)
    local inside, steps = row(ctx.width, y, ctx.limit)
    return { inside, steps }
  end,

  -- The set is symmetric about the real axis: row k and its mirror image must agree exactly.
  check = function(results, params)
    for i, result in ipairs(results) do
      local line = (i - 1) % params.rows
      local mirror = results[i - line + (params.rows - 1 - line)]
      if mirror and (mirror[1] ~= result[1] or mirror[2] ~= result[2]) then
        return false, ("task %d: row %d differs from its mirror image"):format(i, line + 1)
      end
    end
    return true
  end,
}
