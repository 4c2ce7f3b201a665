local q, head, tail, s = {}, 1, 0, 0
for i = 1, 3000000 do
  tail = tail + 1 q[tail] = i
  if i % 3 ~= 0 then s = s + q[head] q[head] = nil head = head + 1 end
end
print(s, tail - head)
