-- Backtracking with arrays of flags and recursion.
local n = tonumber(arg and arg[1]) or 11
local col, d1, d2, count = {}, {}, {}, 0
local function place(r)
  if r > n then count = count + 1 return end
  for c = 1, n do
    if not col[c] and not d1[r + c] and not d2[r - c + n] then
      col[c], d1[r + c], d2[r - c + n] = true, true, true
      place(r + 1)
      col[c], d1[r + c], d2[r - c + n] = false, false, false
    end
  end
end
for _ = 1, 3 do place(1) end
print(count)
