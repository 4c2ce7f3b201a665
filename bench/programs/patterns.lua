-- gsub, gmatch, find with captures over a text.
local n = tonumber(arg and arg[1]) or 240
local lines = {}
for i = 1, 100 do
  lines[i] = ("user%d = name_%d@host%d.example; size=%d, ratio=%.2f  # comment %d"):format(i, i * 3, i % 7, i * 100, i / 7, i)
end
local text = table.concat(lines, "\n")
local sum = 0
for _ = 1, n do
  for k, v in text:gmatch("(%w+)=(%d+)") do sum = sum + #k + #v end
  local out, c = text:gsub("(%a+)(%d+)", "%2%1")
  sum = sum + #out + c
  out = text:gsub("%s*#[^\n]*", "")
  sum = sum + #out
  out = text:gsub("%d+", function(d) return d + 1 end)
  sum = sum + #out
  local pos = 1
  while true do
    local s, e = text:find("@(%w+)%.", pos)
    if not s then break end
    sum, pos = sum + s, e + 1
  end
end
print(sum)
