-- Factorials and Fibonacci numbers with arrays of 7-digit limbs.
local n = tonumber(arg and arg[1]) or 3000
local BASE = 10000000
local function mul_small(a, k)
  local carry = 0
  for i = 1, #a do
    local v = a[i] * k + carry
    a[i] = v % BASE
    carry = v // BASE
  end
  while carry > 0 do
    a[#a + 1] = carry % BASE
    carry = carry // BASE
  end
end
local function add(a, b)
  local r, carry = {}, 0
  for i = 1, math.max(#a, #b) do
    local v = (a[i] or 0) + (b[i] or 0) + carry
    if v >= BASE then r[i], carry = v - BASE, 1 else r[i], carry = v, 0 end
  end
  if carry > 0 then r[#r + 1] = carry end
  return r
end
local function mul(a, b)
  local r = {}
  for i = 1, #a + #b do r[i] = 0 end
  for i = 1, #a do
    local carry, ai = 0, a[i]
    for j = 1, #b do
      local v = r[i + j - 1] + ai * b[j] + carry
      r[i + j - 1] = v % BASE
      carry = v // BASE
    end
    r[i + #b] = r[i + #b] + carry
  end
  while #r > 1 and r[#r] == 0 do r[#r] = nil end
  return r
end
local f = { 1 }
for i = 2, n do mul_small(f, i) end
local a, b = { 0 }, { 1 }
for _ = 1, n * 6 do a, b = b, add(a, b) end
local p = mul(f, a)
for _ = 1, 4 do p = mul(f, f) end
local sum = 0
for i = 1, #p do sum = (sum * 31 + p[i]) % 1000003 end
print(#p, sum)
