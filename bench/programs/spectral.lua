-- Spectral norm: calls in inner loops, float division, arrays.
local n = tonumber(arg and arg[1]) or 420
local function a(i, j) return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1) end
local function mulav(v, out, transposed)
  for i = 0, n - 1 do
    local s = 0.0
    for j = 0, n - 1 do
      if transposed then s = s + a(j, i) * v[j + 1] else s = s + a(i, j) * v[j + 1] end
    end
    out[i + 1] = s
  end
end
local u, v, t = {}, {}, {}
for i = 1, n do u[i], v[i], t[i] = 1.0, 0.0, 0.0 end
for _ = 1, 10 do
  mulav(u, t, false) mulav(t, v, true)
  mulav(v, t, false) mulav(t, u, true)
end
local vbv, vv = 0.0, 0.0
for i = 1, n do vbv, vv = vbv + u[i] * v[i], vv + v[i] * v[i] end
print(("%.9f"):format(math.sqrt(vbv / vv)))
