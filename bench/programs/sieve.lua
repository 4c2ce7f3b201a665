-- Sieve of Eratosthenes over one array of booleans.
local n = tonumber(arg and arg[1]) or 1500000
local count
for _ = 1, 5 do
  local composite = {}
  for i = 1, n do composite[i] = false end
  count = 0
  for i = 2, n do
    if not composite[i] then
      count = count + 1
      for j = i * i, n, i do composite[j] = true end
    end
  end
end
print(count)
