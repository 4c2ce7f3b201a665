-- Conway's life on a torus held in flat arrays.
local n = tonumber(arg and arg[1]) or 700
local size = 64
local grid, nxt = {}, {}
local seed = 99
for i = 1, size * size do
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  grid[i] = seed >> 16 & 1
end
local total = 0
for _ = 1, n do
  for y = 0, size - 1 do
    local up, mid, down = ((y - 1) % size) * size, y * size, ((y + 1) % size) * size
    for x = 0, size - 1 do
      local l, c, r = (x - 1) % size + 1, x + 1, (x + 1) % size + 1
      local k = grid[up + l] + grid[up + c] + grid[up + r] + grid[mid + l] + grid[mid + r]
        + grid[down + l] + grid[down + c] + grid[down + r]
      nxt[mid + c] = (k == 3 or (k == 2 and grid[mid + c] == 1)) and 1 or 0
    end
  end
  grid, nxt = nxt, grid
end
for i = 1, size * size do total = total + grid[i] * (i % 17) end
print(total)
