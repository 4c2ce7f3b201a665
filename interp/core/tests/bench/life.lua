local W, H = 128, 128
local g = {}
for y = 1, H do g[y] = {} for x = 1, W do g[y][x] = (x * y * 7 + x) % 3 == 0 and 1 or 0 end end
for gen = 1, 24 do
  local ng = {}
  for y = 1, H do
    local up, row, dn, nr = g[(y - 2) % H + 1], g[y], g[y % H + 1], {}
    for x = 1, W do
      local l, r = (x - 2) % W + 1, x % W + 1
      local n = up[l] + up[x] + up[r] + row[l] + row[r] + dn[l] + dn[x] + dn[r]
      nr[x] = (n == 3 or (n == 2 and row[x] == 1)) and 1 or 0
    end
    ng[y] = nr
  end
  g = ng
end
local c = 0
for y = 1, H do for x = 1, W do c = c + g[y][x] end end
print(c)
