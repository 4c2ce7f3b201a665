x, y = 0, 0
function step(a) x = x + a y = y + math.floor(x / 3) % 5 return y end
for i = 1, 3000000 do step(i % 3) end
print(x, y)
