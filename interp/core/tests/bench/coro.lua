local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local s = 0
for i in gen(1000000) do s = s + i end
for r = 1, 100000 do for v in gen(3) do s = s + v end end
print(s)
