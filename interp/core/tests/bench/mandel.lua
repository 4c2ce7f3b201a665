local N, it, count = 260, 60, 0
for y = 0, N - 1 do
  local ci = 2.0 * y / N - 1.0
  for x = 0, N - 1 do
    local cr = 2.0 * x / N - 1.5
    local zr, zi, n = 0.0, 0.0, 0
    while n < it do
      local zr2, zi2 = zr * zr, zi * zi
      if zr2 + zi2 > 4.0 then break end
      zi = 2.0 * zr * zi + ci zr = zr2 - zi2 + cr n = n + 1
    end
    count = count + n
  end
end
print(count)
