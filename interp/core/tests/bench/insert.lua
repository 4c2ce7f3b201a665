local t = {}
for r = 1, 3 do
  t = {}
  for i = 1, 700000 do t[#t + 1] = i end
  for i = 1, 300000 do table.insert(t, i) end
  for i = 1, 300000 do table.remove(t) end
end
print(#t, select("#", table.unpack(t, 1, 200)))
