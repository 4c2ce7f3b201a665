-- Matrix product over tables of tables.
local n = tonumber(arg and arg[1]) or 280
local function matrix(seed)
  local m = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do row[j] = (i - j) * (i + j - seed) / n end
    m[i] = row
  end
  return m
end
local a, b, c = matrix(1), matrix(2), {}
for i = 1, n do
  local ai, ci = a[i], {}
  for j = 1, n do
    local s = 0.0
    for k = 1, n do s = s + ai[k] * b[k][j] end
    ci[j] = s
  end
  c[i] = ci
end
print(("%.4f"):format(c[n // 2][n // 3] + c[1][n]))
