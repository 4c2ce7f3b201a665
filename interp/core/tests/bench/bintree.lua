local function bottom(d) if d > 0 then d = d - 1 local l, r = bottom(d), bottom(d) return {l, r} end return {} end
local function check(t) if t[1] then return 1 + check(t[1]) + check(t[2]) end return 1 end
local N = 13
local long = bottom(N)
for d = 4, N, 4 do local it = 1 << (N - d + 4) local c = 0 for _ = 1, it do c = c + check(bottom(d)) end print(it, d, c) end
print(check(long))
