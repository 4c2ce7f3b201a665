-- LZW compression and expansion.
local n = tonumber(arg and arg[1]) or 90
local words = {}
local seed = 5
for i = 1, 6000 do
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  words[i] = ({ "the", "quick", "brown", "fox", "jumps", "over", "lazy", "dog" })[(seed >> 16) % 8 + 1]
end
local text = table.concat(words, " ")
local sum = 0
for _ = 1, n do
  local dict, size = {}, 256
  for i = 0, 255 do dict[string.char(i)] = i end
  local codes, w = {}, ""
  for i = 1, #text do
    local c = text:sub(i, i)
    local wc = w .. c
    if dict[wc] then w = wc else
      codes[#codes + 1] = dict[w]
      dict[wc] = size
      size = size + 1
      w = c
    end
  end
  codes[#codes + 1] = dict[w]
  local back, bsize = {}, 256
  for i = 0, 255 do back[i] = string.char(i) end
  local prev = back[codes[1]]
  local out = { prev }
  for i = 2, #codes do
    local k = codes[i]
    local entry = back[k] or prev .. prev:sub(1, 1)
    out[#out + 1] = entry
    back[bsize] = prev .. entry:sub(1, 1)
    bsize = bsize + 1
    prev = entry
  end
  sum = sum + #codes
  assert(table.concat(out) == text)
end
print(sum)
