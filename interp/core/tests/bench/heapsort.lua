local x = 42
local function rnd() x = (x * 1103515245 + 12345) % 2147483648 return x / 2147483648 end
local n = 150000
local a = {}
for i = 1, n do a[i] = rnd() end
local function down(lo, hi)
  local root = lo
  while root * 2 <= hi do
    local c = root * 2
    if c < hi and a[c] < a[c + 1] then c = c + 1 end
    if a[root] < a[c] then a[root], a[c] = a[c], a[root] root = c else return end
  end
end
for i = n // 2, 1, -1 do down(i, n) end
for i = n, 2, -1 do a[i], a[1] = a[1], a[i] down(1, i - 1) end
for i = 2, n do assert(a[i - 1] <= a[i]) end
print(a[1], a[n])
