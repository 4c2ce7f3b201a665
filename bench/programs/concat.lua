-- Short concatenations of several operands.
local n = tonumber(arg and arg[1]) or 2000000
local sum = 0
local names = { "alpha", "beta", "gamma", "delta" }
for i = 1, n do
  local s = names[(i & 3) + 1] .. "." .. names[(i >> 2 & 3) + 1] .. "/" .. (i & 255)
  sum = sum + #s
end
print(sum)
