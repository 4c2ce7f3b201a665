-- Nested numeric loops, integer and float arithmetic in registers.
local n = tonumber(arg and arg[1]) or 360
local s, f = 0, 0.0
for i = 1, n do
  for j = 1, n do
    for k = 1, n, 2 do
      s = s + (i ~ j) - (k & 7)
      f = f * 0.5 + k
    end
  end
end
print(s, ("%.6f"):format(f))
