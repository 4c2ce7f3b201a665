-- table.sort with and without a comparator.
local n = tonumber(arg and arg[1]) or 170000
local seed = 7
local function rnd() seed = (seed * 1103515245 + 12345) & 0x7fffffff return seed end
local a, b, c = {}, {}, {}
for i = 1, n do
  a[i] = rnd()
  b[i] = { key = rnd() % 1000, id = i }
end
for i = 1, n // 4 do c[i] = "s" .. rnd() end
table.sort(a)
table.sort(b, function(x, y) if x.key ~= y.key then return x.key < y.key end return x.id < y.id end)
table.sort(c)
local h = 0
for i = 1, n, 97 do h = (h * 31 + a[i] + b[i].id) & 0xffffffff end
print(h, c[1], c[#c])
