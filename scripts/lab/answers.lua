-- answers.lua: are two results the same? Exactly: 1 is not 1.0, and every bit of a float counts.
-- (A NaN equals a NaN here, since the question is whether two modes computed the same.)

local style = require "gilt.lab.style"

local M = {}

local function show(value)
  local text
  if type(value) == "string" then
    text = '"' .. style.plain(#value > 40 and value:sub(1, 40) .. "..." or value) .. '"'
  elseif math.type(value) == "float" then
    text = ("%.17g"):format(value)
    if not text:find("[.naife]") then text = text .. ".0" end
  else
    text = type(value) == "table" and "a table" or tostring(value)
  end
  return text
end

-- Lua calls 0.0 and -0.0 equal; their reciprocals are not.
local function same_number(a, b)
  if math.type(a) ~= math.type(b) then return false end
  if a ~= a then return b ~= b end
  return a == b and (a ~= 0 or math.type(a) == "integer" or 1 / a == 1 / b)
end

local difference

local function table_difference(a, b, path)
  for key, value in pairs(a) do
    local found = difference(value, b[key], ("%s[%s]"):format(path, show(key)))
    if found then return found end
  end
  for key, value in pairs(b) do
    if a[key] == nil then
      return { path = ("%s[%s]"):format(path, show(key)), a = "nil", b = show(value) }
    end
  end
end

-- The first difference: nil, or { path, a, b } with both values as text.
function difference(a, b, path)
  if type(a) == "table" and type(b) == "table" then return table_difference(a, b, path) end
  local same = a == b
  if type(a) == "number" and type(b) == "number" then same = same_number(a, b) end
  if not same then return { path = path, a = show(a), b = show(b) } end
end

-- Compares two lists of results, tasks 1 to n. nil if they agree, else one clause such as
-- 'task 3 gave 5 at ["sum"], serial gave 6'.
function M.compare(expected, got, n, expected_name)
  for i = 1, n do
    local found = difference(expected[i], got[i], "")
    if found then
      local where = found.path ~= "" and " at " .. found.path or ""
      return ("task %d gave %s%s, %s gave %s"):format(i, found.b, where, expected_name, found.a), i
    end
  end
end

return M
