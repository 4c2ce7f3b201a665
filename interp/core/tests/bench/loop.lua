local s, x = 0, 1.5
for i = 1, 20000000 do s = s + i % 7 if i & 1023 == 0 then x = x * 1.0001 end end
print(s, x)
