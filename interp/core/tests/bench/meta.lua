local V = {}
V.__index = V
V.__add = function(a, b) return setmetatable({a[1] + b[1], a[2] + b[2]}, V) end
V.__eq = function(a, b) return a[1] == b[1] end
V.__lt = function(a, b) return a[1] < b[1] end
V.__call = function(self, x) return self[1] * x end
local a, b, n = setmetatable({1, 2}, V), setmetatable({3, 4}, V), 0
for i = 1, 500000 do local c = a + b if c < a then n = n + 1 end if c == b then n = n + 1 end n = n + c(2) end
print(n)
