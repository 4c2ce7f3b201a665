-- json.lua: JSON (RFC 8259) for results: exact numbers both ways, stable output, clear errors.
--
-- Integers stay integers, and a float is written so that it reads back as the same float. Objects
-- come out in sorted or chosen order, so that two reports can be compared with diff.

local M = {}

-- JSON's null, since a Lua table can't hold nil.
M.null = setmetatable({}, { __tostring = function() return "null" end, __name = "json.null" })

local ARRAY = { __name = "json.array" }
local DEPTH_MAX = 200

-- Marks a table as an array, also when it is empty; without the mark {} is an object.
function M.array(list) return setmetatable(list or {}, ARRAY) end

-- Gives an object's keys an order: those named come first, the others follow sorted.
function M.ordered(order, object) return setmetatable(object, { __json_order = order }) end

-- Encoding -----------------------------------------------------------------------------------

local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
                ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(char) return SHORT[char] or ("\\u%04x"):format(char:byte()) end

-- JSON text is UTF-8. A byte that is not becomes U+FFFD, since messages may come from anywhere.
local function repaired(s)
  if utf8.len(s) then return s end
  local out, at = {}, 1
  while at <= #s do
    local good, bad = utf8.len(s, at)
    if good then out[#out + 1] = s:sub(at); break end
    out[#out + 1] = s:sub(at, bad - 1)
    out[#out + 1] = "\u{FFFD}"
    at = bad + 1
  end
  return table.concat(out)
end

local function encode_string(s)
  return '"' .. repaired(s):gsub('[%c"\\\127]', escape) .. '"'
end

local function encode_number(n, path)
  if math.type(n) == "integer" then return ("%d"):format(n) end
  if n ~= n or n == math.huge or n == -math.huge then
    error({ json = ("%s is %s, which JSON can't hold"):format(path, n) }, 0)
  end
  local text
  for digits = 15, 17 do
    text = ("%%.%dg"):format(digits):format(n)
    if tonumber(text) == n then break end
  end
  if not text:find("[.e]") then text = text .. ".0" end
  return text
end

-- Keys of an object in their order. Anything but a string as a key has no place in JSON.
local function keys_of(object, path)
  local chosen = (getmetatable(object) or {}).__json_order or {}
  local keys, named, rest = {}, {}, {}
  for _, key in ipairs(chosen) do
    if object[key] ~= nil and not named[key] then
      named[key] = true
      keys[#keys + 1] = key
    end
  end
  for key in pairs(object) do
    if type(key) ~= "string" then
      error({ json = ("%s has a key that is a %s, not a string"):format(path, type(key)) }, 0)
    end
    if not named[key] then rest[#rest + 1] = key end
  end
  table.sort(rest)
  return table.move(rest, 1, #rest, #keys + 1, keys)
end

local function is_array(value)
  return getmetatable(value) == ARRAY or #value > 0
end

local encode_value

-- The parts of an array or object, put between brackets; a short one without nesting stays on
-- one line, so that samples take a line each.
local function enclose(open, parts, close, state, depth, flat)
  if #parts == 0 then return open .. close end
  if not state.indent or flat then
    return open .. table.concat(parts, state.indent and ", " or ",") .. close
  end
  local inner, outer = "\n" .. state.indent:rep(depth + 1), "\n" .. state.indent:rep(depth)
  return open .. inner .. table.concat(parts, "," .. inner) .. outer .. close
end

local function encode_array(array, path, state, depth)
  local parts, flat, count = {}, true, #array
  for key in pairs(array) do
    if math.type(key) ~= "integer" or key < 1 or key > count then
      error({ json = ("%s is an array with the key %s"):format(path, tostring(key)) }, 0)
    end
  end
  for i = 1, count do
    if type(array[i]) == "table" then flat = false end
    parts[i] = encode_value(array[i], path .. "[" .. i .. "]", state, depth + 1)
  end
  return enclose("[", parts, "]", state, depth, flat)
end

local function encode_object(object, path, state, depth)
  local parts, flat = {}, true
  for i, key in ipairs(keys_of(object, path)) do
    local value = object[key]
    if type(value) == "table" and value ~= M.null then flat = false end
    parts[i] = encode_string(key) .. (state.indent and ": " or ":")
      .. encode_value(value, path .. "." .. key, state, depth + 1)
  end
  return enclose("{", parts, "}", state, depth, flat)
end

function encode_value(value, path, state, depth)
  local kind = type(value)
  if value == M.null or kind == "nil" then return "null" end
  if kind == "string" then return encode_string(value) end
  if kind == "number" then return encode_number(value, path) end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "table" then
    error({ json = ("%s is a %s, which JSON can't hold"):format(path, kind) }, 0)
  end
  if depth > DEPTH_MAX then
    error({ json = ("%s...: nested deeper than %d"):format(path:sub(1, 40), DEPTH_MAX) }, 0)
  end
  return (is_array(value) and encode_array or encode_object)(value, path, state, depth)
end

-- Runs an encoder or decoder; its own errors come back as nil, message.
local function guarded(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  if type(result) == "table" and result.json then return nil, result.json end
  error(result, 0)
end

-- The text of a value, or nil and what can't be encoded and where.
-- indent: nil for one line, or e.g. "  ".
function M.encode(value, indent)
  return guarded(encode_value, value, "value", { indent = indent }, 0)
end

-- Decoding -----------------------------------------------------------------------------------

local function fail(text, at, message)
  local line, last = 1, 0
  for stop in text:sub(1, at - 1):gmatch("()\n") do line, last = line + 1, stop end
  error({ json = ("line %d, column %d: %s"):format(line, at - last, message) }, 0)
end

local function skip(text, at) return text:match("^[ \t\r\n]*()", at) end

local function describe(text, at)
  if at > #text then return "the end of the text" end
  local char = text:match("^[%z\1-\127\192-\255][\128-\191]*", at) or text:sub(at, at)
  if char:find("%c") or not utf8.len(char) then return ("byte 0x%02x"):format(char:byte()) end
  return "'" .. char .. "'"
end

local UNESCAPED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\",
                    ["/"] = "/" }

-- \uHHHH at `at` (the backslash), with its second half if it is a surrogate pair.
local function decode_unicode(text, at)
  local hex = text:match("^\\u(%x%x%x%x)", at)
  if not hex then fail(text, at, "\\u needs four hexadecimal digits") end
  local code = tonumber(hex, 16)
  if code >= 0xdc00 and code <= 0xdfff then
    fail(text, at, "second half of a surrogate pair alone")
  end
  if code < 0xd800 or code > 0xdbff then return utf8.char(code), at + 6 end
  local low = tonumber(text:match("^\\u(%x%x%x%x)", at + 6) or "0", 16)
  if low < 0xdc00 or low > 0xdfff then fail(text, at, "first half of a surrogate pair alone") end
  return utf8.char(0x10000 + (code - 0xd800 << 10) + low - 0xdc00), at + 12
end

local function decode_string(text, at)
  local out, from = {}, at + 1
  while true do
    local stop = text:find('["\\%c]', from)
    while stop and text:byte(stop) == 127 do -- DEL counts as %c but may stay
      stop = text:find('["\\%c]', stop + 1)
    end
    if not stop then fail(text, at, "this string is not closed") end
    out[#out + 1] = text:sub(from, stop - 1)
    local char = text:sub(stop, stop)
    if char == '"' then
      local whole = table.concat(out)
      if not utf8.len(whole) then fail(text, at, "this string is not UTF-8") end
      return whole, stop + 1
    elseif char == "\\" then
      local letter = text:sub(stop + 1, stop + 1)
      local plain
      if letter == "u" then
        plain, from = decode_unicode(text, stop)
      else
        plain, from = UNESCAPED[letter], stop + 2
        if not plain then fail(text, stop, "unknown escape in a string") end
      end
      out[#out + 1] = plain
    else
      fail(text, stop, "a control character in a string must be escaped")
    end
  end
end

local function decode_number(text, at)
  local whole, after = text:match("^(%-?%d+)()", at)
  if not whole or whole:find("^%-?0%d") then fail(text, at, "this is not a number") end
  local fraction, after_fraction = text:match("^(%.%d+)()", after)
  local stop = after_fraction or after
  local exponent, after_exponent = text:match("^([eE][+-]?%d+)()", stop)
  stop = after_exponent or stop
  if text:find("^[%w.+-]", stop) then fail(text, at, "this is not a number") end
  local literal = text:sub(at, stop - 1)
  if not fraction and not exponent then
    local integer = math.tointeger(tonumber(literal))
    if integer and ("%d"):format(integer) == literal then return integer, stop end
  end
  if literal == "-0" then return -0.0, stop end
  return tonumber(literal) * 1.0, stop
end

local decode_value

local function decode_array(text, at, depth)
  local array, count = M.array(), 0
  at = skip(text, at + 1)
  if text:sub(at, at) == "]" then return array, at + 1 end
  while true do
    count = count + 1
    array[count], at = decode_value(text, at, depth + 1)
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == "]" then return array, at + 1 end
    if char ~= "," then fail(text, at, "expected ',' or ']', found " .. describe(text, at)) end
    at = skip(text, at + 1)
  end
end

local function decode_object(text, at, depth)
  local object, key = {}, nil
  at = skip(text, at + 1)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    if text:sub(at, at) ~= '"' then
      fail(text, at, "expected a key in quotes, found " .. describe(text, at))
    end
    key, at = decode_string(text, at)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then fail(text, at, "expected ':', found " .. describe(text, at)) end
    object[key], at = decode_value(text, skip(text, at + 1), depth + 1)
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == "}" then return object, at + 1 end
    if char ~= "," then fail(text, at, "expected ',' or '}', found " .. describe(text, at)) end
    at = skip(text, at + 1)
  end
end

local WORDS = { { "true", true }, { "false", false }, { "null", M.null } }

function decode_value(text, at, depth)
  if depth > DEPTH_MAX then fail(text, at, ("nested deeper than %d"):format(DEPTH_MAX)) end
  local char = text:sub(at, at)
  if char == "{" then return decode_object(text, at, depth) end
  if char == "[" then return decode_array(text, at, depth) end
  if char == '"' then return decode_string(text, at) end
  if char:find("[%d-]") then return decode_number(text, at) end
  for _, word in ipairs(WORDS) do
    if text:sub(at, at + #word[1] - 1) == word[1] then return word[2], at + #word[1] end
  end
  fail(text, at, "expected a value, found " .. describe(text, at))
end

local function decode_document(text)
  local value, at = decode_value(text, skip(text, 1), 0)
  at = skip(text, at)
  if at <= #text then fail(text, at, "more text after the value: " .. describe(text, at)) end
  return value
end

-- The value of a text, or nil and where and what is wrong. null becomes json.null; of a key given
-- twice the last value counts.
function M.decode(text) return guarded(decode_document, text) end

return M
