local m, keys = {}, {}
for i = 1, 60000 do keys[i] = "key" .. (i * 7919 % 100003) end
for r = 1, 10 do for i = 1, #keys do local k = keys[i] m[k] = (m[k] or 0) + i end end
local s = 0
for k, v in pairs(m) do s = s + v end
print(s)
