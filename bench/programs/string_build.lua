-- Strings made piece by piece: concatenation, concat of tables, small numbers to text.
local n = tonumber(arg and arg[1]) or 600000
local total = 0
local parts = {}
for i = 1, n do
  local s = "item" .. i .. ":" .. (i * 7 % 1000) .. ";"
  parts[#parts + 1] = s
  total = total + #s
  if #parts == 1000 then
    local all = table.concat(parts)
    total = total + #all + all:byte(#all // 2)
    parts = {}
  end
end
local acc = ""
for i = 1, n // 40 do acc = acc .. "x" end
print(total + #acc)
