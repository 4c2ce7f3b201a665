-- Tables keyed by sparse integers.
local n = tonumber(arg and arg[1]) or 450000
local t, sum = {}, 0
for round = 1, 4 do
  for i = 1, n do
    local k = (i * 2654435761) & 0xfffff
    t[k] = (t[k] or 0) + 1
  end
  for i = 1, n, 2 do t[(i * 2654435761) & 0xfffff] = nil end
end
for k, v in pairs(t) do sum = sum + k * v % 1021 end
print(sum)
