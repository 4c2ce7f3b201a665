-- csv.lua: comma-separated values by RFC 4180, written and read.

local M = {}

local function field(value)
  if value == nil then return "" end
  local text
  if math.type(value) == "float" then
    text = ("%.17g"):format(value)
  else
    text = tostring(value)
  end
  if text:find('[,"\r\n]') or text:find("^%s") or text:find("%s$") then
    text = '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

-- One line, with its line end; `n` because values may be nil.
function M.row(values, n)
  local out = {}
  for i = 1, n or #values do out[i] = field(values[i]) end
  return table.concat(out, ",") .. "\r\n"
end

-- All rows of a text, as lists of strings; nil and a message for a quote that is never closed or
-- that closes before its field does.
function M.parse(text)
  local rows, row, at, line = {}, {}, 1, 1
  local function add(value, stop)
    row[#row + 1] = value
    local rest = text:match("^\r?\n()", stop)
    if text:sub(stop, stop) == "," then return stop + 1, false end
    if rest or stop > #text then
      rows[#rows + 1], row, line = row, {}, line + 1
      return rest or stop, true
    end
    return nil
  end
  local ended = true
  while at <= #text or not ended do
    local value, stop
    if text:sub(at, at) == '"' then
      stop = at
      repeat
        stop = text:find('"', stop + 1, true)
        if not stop then return nil, ("line %d: a quote is not closed"):format(line) end
        local doubled = text:sub(stop + 1, stop + 1) == '"'
        if doubled then stop = stop + 1 end
      until not doubled
      value = text:sub(at + 1, stop - 1):gsub('""', '"')
      stop = stop + 1
    else
      value, stop = text:match("^([^,\r\n]*)()", at)
    end
    at, ended = add(value, stop)
    if not at then return nil, ("line %d: text after a closing quote"):format(line) end
  end
  return rows
end

return M
