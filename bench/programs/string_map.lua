-- A map with string keys: inserts, hits, misses, deletes.
local n = tonumber(arg and arg[1]) or 210000
local keys = {}
for i = 1, n do keys[i] = "key_" .. i * 7919 % n end
local map, sum = {}, 0
for round = 1, 4 do
  for i = 1, n do
    local k = keys[i]
    map[k] = (map[k] or 0) + i
  end
  for i = 1, n, 3 do map[keys[i]] = nil end
  for i = 1, n do if map[keys[i]] then sum = sum + 1 end end
end
local count = 0
for _, v in pairs(map) do count = count + v % 13 end
print(sum, count)
