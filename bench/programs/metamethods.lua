-- Complex numbers by metamethods: arithmetic, comparison, __index functions, __call.
local n = tonumber(arg and arg[1]) or 700000
local C = {}
local function new(re, im) return setmetatable({ re, im }, C) end
C.__add = function(a, b) return new(a[1] + b[1], a[2] + b[2]) end
C.__mul = function(a, b) return new(a[1] * b[1] - a[2] * b[2], a[1] * b[2] + a[2] * b[1]) end
C.__unm = function(a) return new(-a[1], -a[2]) end
C.__eq = function(a, b) return a[1] == b[1] and a[2] == b[2] end
C.__lt = function(a, b) return a[1] < b[1] end
C.__len = function() return 2 end
C.__call = function(self, k) return self[k] end
C.__index = function(self, k) return k == "abs2" and self[1] * self[1] + self[2] * self[2] or nil end
local z, c, count = new(0.0, 0.0), new(-0.4, 0.6), 0
for _ = 1, n do
  z = z * z + c
  if z.abs2 > 4.0 then z = new(0.0, 0.0) end
  if z < c then count = count + #z end
  if -z == c then count = count + 1 end
  count = count + (z(1) > 0 and 1 or 0)
end
print(count, ("%.9f"):format(z[1]))
