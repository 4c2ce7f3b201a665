-- Encode and decode of nested data as text, written in Lua.
local n = tonumber(arg and arg[1]) or 220
local function encode(v, out)
  local t = type(v)
  if t == "table" then
    if #v > 0 then
      out[#out + 1] = "["
      for i = 1, #v do
        if i > 1 then out[#out + 1] = "," end
        encode(v[i], out)
      end
      out[#out + 1] = "]"
    else
      out[#out + 1] = "{"
      local keys = {}
      for k in pairs(v) do keys[#keys + 1] = k end
      table.sort(keys)
      for i, k in ipairs(keys) do
        if i > 1 then out[#out + 1] = "," end
        out[#out + 1] = '"' .. k .. '":'
        encode(v[k], out)
      end
      out[#out + 1] = "}"
    end
  elseif t == "string" then
    out[#out + 1] = '"' .. v:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  else
    out[#out + 1] = tostring(v)
  end
end
local decode
local function skip(s, i) return s:find("[^ \n\t]", i) or #s + 1 end
function decode(s, i)
  i = skip(s, i)
  local c = s:byte(i)
  if c == 123 then
    local t = {}
    i = skip(s, i + 1)
    if s:byte(i) == 125 then return t, i + 1 end
    while true do
      local k
      k, i = decode(s, i)
      i = skip(s, i) + 1
      t[k], i = decode(s, i)
      i = skip(s, i)
      if s:byte(i) == 125 then return t, i + 1 end
      i = i + 1
    end
  elseif c == 91 then
    local t = {}
    i = i + 1
    while true do
      t[#t + 1], i = decode(s, i)
      i = skip(s, i)
      if s:byte(i) == 93 then return t, i + 1 end
      i = i + 1
    end
  elseif c == 34 then
    local j = i + 1
    while s:byte(j) ~= 34 do j = j + 1 end
    return s:sub(i + 1, j - 1):gsub("\\u(%x%x%x%x)", function(h) return string.char(tonumber(h, 16)) end), j + 1
  end
  local w = s:match("^[%w%.%-%+]+", i)
  if w == "true" then return true, i + 4 elseif w == "false" then return false, i + 5 end
  return tonumber(w), i + #w
end
local data = {}
for i = 1, 60 do
  data[i] = { id = i, name = "n\"" .. i, tags = { "a", "b", i }, pos = { x = i * 0.5, y = -i }, ok = i % 2 == 0 }
end
local sum = 0
for _ = 1, n do
  local out = {}
  encode(data, out)
  local text = table.concat(out)
  local back = decode(text, 1)
  sum = sum + #text + back[#back].id
  data = back
end
print(sum)
