local n, count = 2000000, 0
local p = {}
for i = 2, n do p[i] = true end
for i = 2, n do if p[i] then count = count + 1 for j = i * i, n, i do p[j] = false end end end
print(count)
