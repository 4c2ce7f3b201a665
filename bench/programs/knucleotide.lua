-- Counting substrings of a long sequence.
local n = tonumber(arg and arg[1]) or 400000
local seed, parts = 42, {}
for i = 1, n do
  seed = (seed * 3877 + 29573) % 139968
  parts[i] = ("acgt"):sub(seed // 34992 + 1, seed // 34992 + 1)
end
local dna = table.concat(parts)
local out = {}
for _, k in ipairs { 1, 2, 4, 8, 12 } do
  local count = {}
  for i = 1, #dna - k + 1 do
    local s = dna:sub(i, i + k - 1)
    count[s] = (count[s] or 0) + 1
  end
  local best, distinct = 0, 0
  for _, c in pairs(count) do
    distinct = distinct + 1
    if c > best then best = c end
  end
  out[#out + 1] = distinct .. ":" .. best
end
print(table.concat(out, " "))
