-- string.format, tostring and tonumber.
local n = tonumber(arg and arg[1]) or 450000
local fmt, sum = string.format, 0
for i = 1, n do
  local s = fmt("%d %5.2f %s %x", i, i / 3, "abc", i)
  sum = sum + #s
  sum = sum + tonumber(tostring(i)) % 7
  sum = sum + #tostring(i * 0.5)
end
print(sum)
