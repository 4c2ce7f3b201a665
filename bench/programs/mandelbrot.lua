-- Floats in registers, a branchy inner loop.
local n = tonumber(arg and arg[1]) or 600
local inside, steps = 0, 0
for py = 0, n - 1 do
  local ci = 2.0 * py / n - 1.0
  for px = 0, n - 1 do
    local cr, zr, zi, k = 2.0 * px / n - 1.5, 0.0, 0.0, 0
    while k < 100 do
      local r2, i2 = zr * zr, zi * zi
      if r2 + i2 > 4.0 then break end
      zr, zi = r2 - i2 + cr, 2.0 * zr * zi + ci
      k = k + 1
    end
    if k == 100 then inside = inside + 1 end
    steps = steps + k
  end
end
print(inside, steps)
