local x = 42
local function rnd() x = (x * 1103515245 + 12345) % 2147483648 return x end
local a, b = {}, {}
for i = 1, 200000 do a[i] = rnd() end
for i = 1, 80000 do b[i] = {k = rnd()} end
table.sort(a)
table.sort(b, function(p, q) return p.k < q.k end)
print(a[1], a[#a], b[1].k)
