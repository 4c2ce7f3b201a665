-- Allocation and collection of many small tables.
local depth = tonumber(arg and arg[1]) or 16
local function make(d) if d == 0 then return {} end d = d - 1 return { make(d), make(d) } end
local function check(t) if t[1] then return 1 + check(t[1]) + check(t[2]) end return 1 end
local long = make(depth)
local total = 0
for d = 4, depth, 4 do
  for _ = 1, 1 << (depth - d + 2) do total = total + check(make(d)) end
end
print(total, check(long))
