-- table.insert, table.remove, table.move, unpack, # in use as stack, queue and list.
local n = tonumber(arg and arg[1]) or 2200000
local insert, remove = table.insert, table.remove
local stack, sum = {}, 0
for i = 1, n do
  insert(stack, i)
  if i % 3 == 0 then sum = sum + remove(stack) + #stack % 7 end
end
while #stack > 10 do sum = sum + remove(stack) % 3 end
local list = {}
for i = 1, n // 800 do insert(list, 1, i) end
for i = 1, n // 1600 do sum = sum + remove(list, (#list + 1) // 2) end
for i = 1, n // 20 do
  local a, b, c = table.unpack({ i, i + 1, i + 2 })
  sum = sum + a + b - c
end
print(sum)
