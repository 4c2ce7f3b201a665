local t = {}
for i = 1, 500000 do t[#t + 1] = "item " .. i .. ";" end
local s = table.concat(t)
local n = 0
for w in s:gmatch("%d+") do n = n + #w end
print(#s, n)
