local n = 170
local function mk() local m = {} for i = 1, n do local r = {} for j = 1, n do r[j] = (i - j) * (i + j) / n end m[i] = r end return m end
local a, b, c = mk(), mk(), {}
for i = 1, n do local ci, ai = {}, a[i] for j = 1, n do local s = 0.0 for k = 1, n do s = s + ai[k] * b[k][j] end ci[j] = s end c[i] = ci end
print(c[n // 2][n // 2])
