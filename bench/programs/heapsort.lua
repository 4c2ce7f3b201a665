-- Heap sort of floats in place: array reads and writes at computed indices.
local n = tonumber(arg and arg[1]) or 280000
local seed = 42
local a = {}
for i = 1, n do
  seed = (seed * 3877 + 29573) % 139968
  a[i] = seed / 139968
end
local function sift(lo, hi)
  local root, v = lo, a[lo]
  while true do
    local child = root * 2
    if child > hi then break end
    if child < hi and a[child] < a[child + 1] then child = child + 1 end
    if v >= a[child] then break end
    a[root] = a[child]
    root = child
  end
  a[root] = v
end
for i = n // 2, 1, -1 do sift(i, n) end
for i = n, 2, -1 do
  a[1], a[i] = a[i], a[1]
  sift(1, i - 1)
end
for i = 2, n do assert(a[i - 1] <= a[i]) end
print(("%.6f"):format(a[1] + a[n // 2] + a[n]))
