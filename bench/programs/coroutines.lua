-- Coroutines: long ping-pong, and many short-lived ones.
local n = tonumber(arg and arg[1]) or 3000000
local co = coroutine.wrap(function()
  local x = 0
  while true do x = x + coroutine.yield(x) end
end)
co()
local sum = 0
for i = 1, n do sum = sum + co(i & 7) % 11 end
for i = 1, n // 10 do
  local g = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end)
  sum = sum + g(i) + g(3)
end
print(sum)
