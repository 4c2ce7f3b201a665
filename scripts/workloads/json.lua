-- JSON: encode a tree of records and decode it again, with a parser written in Lua.
-- Much string slicing, short-lived tables, and dispatch through a table of functions.

local encode_value

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }

local function encode_string(s)
  return '"' .. s:gsub('["\\\n\t]', ESCAPES) .. '"'
end

local function encode_object(object)
  local keys, out = {}, {}
  for key in pairs(object) do keys[#keys + 1] = key end
  table.sort(keys)
  for n, key in ipairs(keys) do
    out[n] = encode_string(key) .. ":" .. encode_value(object[key])
  end
  return "{" .. table.concat(out, ",") .. "}"
end

local function encode_array(array)
  local out = {}
  for n, value in ipairs(array) do out[n] = encode_value(value) end
  return "[" .. table.concat(out, ",") .. "]"
end

function encode_value(value)
  local kind = type(value)
  if kind == "string" then return encode_string(value) end
  if kind == "table" then
    return value[1] ~= nil and encode_array(value) or encode_object(value)
  end
  return tostring(value)
end

local decode_value
local UNESCAPES = { ['"'] = '"', ["\\"] = "\\", n = "\n", t = "\t" }

local function decode_string(text, at)
  local close = at
  repeat
    close = text:find('["\\]', close + 1)
    local escaped = text:byte(close) == 92
    if escaped then close = close + 1 end
  until not escaped
  return text:sub(at + 1, close - 1):gsub("\\(.)", UNESCAPES), close + 1
end

local function decode_array(text, at)
  local array, count = {}, 0
  at = at + 1
  while text:byte(at) ~= 93 do
    count = count + 1
    array[count], at = decode_value(text, at)
    if text:byte(at) == 44 then at = at + 1 end
  end
  return array, at + 1
end

local function decode_object(text, at)
  local object = {}
  at = at + 1
  while text:byte(at) ~= 125 do
    local key, value
    key, at = decode_string(text, at)
    value, at = decode_value(text, at + 1)
    object[key] = value
    if text:byte(at) == 44 then at = at + 1 end
  end
  return object, at + 1
end

local function decode_word(text, at)
  local word, after = text:match("^(%a+)()", at)
  return word == "true", after
end

local function decode_number(text, at)
  local digits, after = text:match("^(%-?[%d.eE+-]+)()", at)
  return tonumber(digits), after
end

local DECODERS = { ['"'] = decode_string, ["["] = decode_array, ["{"] = decode_object,
                   t = decode_word, f = decode_word }

function decode_value(text, at)
  return (DECODERS[text:sub(at, at)] or decode_number)(text, at)
end

-- A record whose fields depend on the task, with nesting, escapes, integers and exact floats.
local function record(i, n)
  return {
    id = i * 1000 + n, name = ("item %d \"%d\"\n"):format(i, n),
    weight = n * 0.125, on = n % 3 == 0,
    tags = { "a" .. n % 7, "b\\" .. n % 11, "tab\t" .. i }, at = { x = n, y = -i, z = { n, i } },
  }
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- Decoding must give the tree back, and encoding that must give the same text.
local function there_and_back(i, records)
  local tree = {}
  for n = 1, records do tree[n] = record(i, n) end
  local text = encode_value(tree)
  local back, after = decode_value(text, 1)
  if after ~= #text + 1 then error("the text did not end where it should") end
  if not same(tree, back) then error("decoding did not give the tree back") end
  if encode_value(back) ~= text then error("encoding again gave another text") end
  return #text
end

return {
  name = "json",
  kind = "alloc",
  about = "JSON: encode and decode a tree of records",
  tasks = 32,
  -- Documents of `records` records, 2 KB of tables and text each: tasks that take turns on one core
  -- share its cache, and with records=220 and more they evict each other's data.
  params = { records = 40, documents = 6 },

  setup = function(params) return { records = params.records, documents = params.documents } end,

  task = function(ctx, i)
    local length = 0
    for d = 1, ctx.documents do
      length = length + there_and_back((i - 1) * ctx.documents + d, ctx.records)
    end
    return length
  end,

  check = function(results, params)
    for i, length in ipairs(results) do
      local want = 0
      for d = 1, params.documents do
        want = want + 1 + params.records
        for n = 1, params.records do
          want = want + #encode_value(record((i - 1) * params.documents + d, n))
        end
      end
      if length ~= want then
        return false, ("task %d: the text has %d bytes, not %d"):format(i, want, length)
      end
    end
    return true
  end,
}
