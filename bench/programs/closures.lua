-- Closures made and called: shared and private upvalues.
local n = tonumber(arg and arg[1]) or 1800000
local function counter(step)
  local v = 0
  return function() v = v + step return v end, function() return v end
end
local function compose(f, g) return function(x) return f(g(x)) end end
local sum = 0
for i = 1, n do
  local inc, get = counter(i & 3)
  inc() inc()
  sum = sum + get()
end
local add = function(x) return x + 1 end
local h = add
for _ = 1, 10 do h = compose(h, add) end
for i = 1, n // 10 do sum = sum + h(i) end
print(sum)
