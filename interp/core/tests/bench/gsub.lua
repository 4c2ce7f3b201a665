local text = ("The quick brown fox jumps over the lazy dog. "):rep(400)
local n = 0
for i = 1, 40 do
  local r, c = text:gsub("%w+", function(w) return w:upper() end) n = n + c
  r, c = text:gsub("(%w)(%w*)", "%2%1") n = n + c
  for a in text:gmatch("o(%w)") do n = n + #a end
end
print(n, text:find("cat", 1, true), text:reverse():sub(1, 10), text:byte(10))
