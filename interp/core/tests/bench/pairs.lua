local t = {}
for i = 1, 1000 do t[i] = i t["k" .. i] = i end
local s = 0
for r = 1, 1500 do for k, v in pairs(t) do s = s + v end for i, v in ipairs(t) do s = s + v end end
print(s)
