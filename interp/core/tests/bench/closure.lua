local function counter() local n = 0 return function() n = n + 1 return n end end
local s = 0
for i = 1, 800000 do local c = counter() c() s = s + c() end
local fs = {}
for i = 1, 100 do fs[i] = function(x) return x + i end end
for r = 1, 20000 do for i = 1, 100 do s = fs[i](s) end end
print(s)
