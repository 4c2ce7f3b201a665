-- table.lua: text tables for a terminal, aligned by what a reader sees, not by bytes.

local M = {}

-- Ranges of characters that take two columns, and of those that take none. Not all of Unicode's
-- tables, but the blocks that names and units are made of.
local WIDE = { { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff }, { 0x3400, 0x4dbf },
               { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
               { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
               { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } }
local NONE = { { 0x0300, 0x036f }, { 0x200b, 0x200f }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
               { 0xfe20, 0xfe2f } }

local function within(code, ranges)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

local function columns_of(code)
  if code < 0x300 then return 1 end
  if within(code, NONE) then return 0 end
  return within(code, WIDE) and 2 or 1
end

-- The number of terminal columns of a text; escape sequences for colour take none. A byte that is
-- not UTF-8 counts as one column.
function M.width(text)
  text = text:gsub("\27%[[%d;]*m", "")
  local width, at = 0, 1
  while at <= #text do
    local good, bad = utf8.len(text, at)
    local stop = good and #text or bad - 1
    for _, code in utf8.codes(text:sub(at, stop)) do width = width + columns_of(code) end
    if good then break end
    width = width + 1
    at = bad + 1
  end
  return width
end

function M.pad(text, width, align)
  local gap = (" "):rep(width - M.width(text))
  return align == "right" and gap .. text or text .. gap
end

-- Cut to a width, with an ellipsis where something is missing. For texts without colour.
function M.cut(text, width)
  if M.width(text) <= width then return text end
  local out, used = {}, 0
  for char in text:gmatch("[%z\1-\127\192-\255][\128-\191]*") do
    local w = M.width(char)
    if used + w > width - 1 then break end
    out[#out + 1], used = char, used + w
  end
  return table.concat(out) .. "…"
end

-- Break a text into lines of at most `width` columns, at spaces; later lines begin with `indent`.
function M.wrap(text, width, indent)
  local lines, line, used = {}, nil, 0
  indent = indent or ""
  for word in text:gmatch("%S+") do
    local w = M.width(word)
    if line and used + 1 + w > width then
      lines[#lines + 1] = line
      line = nil
    end
    if line then
      line, used = line .. " " .. word, used + 1 + w
    else
      local start = #lines == 0 and "" or indent
      line, used = start .. word, M.width(start) + w
    end
  end
  lines[#lines + 1] = line
  return lines
end

local function header_lines(columns)
  local height, heads = 1, {}
  for c, column in ipairs(columns) do
    heads[c] = {}
    for part in (column.head .. "\n"):gmatch("(.-)\n") do table.insert(heads[c], part) end
    height = math.max(height, #heads[c])
  end
  for _, head in ipairs(heads) do -- short heads sit on the last line, next to their numbers
    while #head < height do table.insert(head, 1, "") end
  end
  return heads, height
end

-- Lines of a table. columns: list of { head = "two\nlines", align = "left"|"right", style = fn };
-- rows: lists of texts, nil for an empty cell; a row may be { span = text } for one cell over all
-- columns after the first (row[1] is kept). options: gap, indent, head_style.
function M.render(columns, rows, options)
  options = options or {}
  local gap = (" "):rep(options.gap or 2)
  local indent = (" "):rep(options.indent or 0)
  local heads, height = header_lines(columns)
  local widths = {}
  for c in ipairs(columns) do
    widths[c] = 0
    for _, part in ipairs(heads[c]) do widths[c] = math.max(widths[c], M.width(part)) end
    for _, row in ipairs(rows) do
      if c == 1 or not row.span then widths[c] = math.max(widths[c], M.width(row[c] or "")) end
    end
  end
  local lines = {}
  local function add(cells, cell_style)
    local out = {}
    for c, column in ipairs(columns) do
      local cell = M.pad(cells[c] or "", widths[c], column.align)
      if c == #columns then cell = cell:gsub("%s+$", "") end
      out[c] = cell_style and cell:find("%S") and cell_style(cell) or cell
    end
    lines[#lines + 1] = (indent .. table.concat(out, gap)):gsub("%s+$", "")
  end
  for h = 1, height do
    local cells = {}
    for c in ipairs(columns) do cells[c] = heads[c][h] end
    add(cells, options.head_style)
  end
  for _, row in ipairs(rows) do
    if row.span then
      lines[#lines + 1] = indent .. M.pad(row[1] or "", widths[1]) .. gap .. row.span
    else
      add(row)
    end
  end
  return lines
end

return M
