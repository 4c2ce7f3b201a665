local t, x = {}, 1
for i = 1, 400000 do x = (x * 1103515245 + 12345) % 2147483648 t[x] = i end
local s = 0
for k, v in pairs(t) do s = s + (k ~ v) % 17 end
x = 1
for i = 1, 400000 do x = (x * 1103515245 + 12345) % 2147483648 s = s + t[x] end
print(s)
