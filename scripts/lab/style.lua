-- style.lua: colour for a terminal, and nothing at all anywhere else.

local M = {}

local CODES = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34",
                cyan = "36" }

-- May this stream be coloured? NO_COLOR (not empty) and TERM=dumb turn colour off everywhere.
function M.wanted(is_tty, getenv)
  getenv = getenv or os.getenv
  local no_color = getenv("NO_COLOR")
  if no_color and no_color ~= "" then return false end
  return is_tty and getenv("TERM") ~= "dumb"
end

-- A table of functions bold, dim, red, ...: each wraps a text, or returns it as it is.
function M.new(enabled)
  local style = { enabled = enabled and true or false }
  for name, code in pairs(CODES) do
    style[name] = function(text)
      if not enabled or text == "" then return text end
      return "\27[" .. code .. "m" .. text .. "\27[0m"
    end
  end
  return style
end

-- Text from outside (messages, names) made safe to print: control characters become escapes, so
-- that a workload's error can't repaint the terminal. Line ends and tabs stay if `keep_lines`.
function M.plain(text, keep_lines)
  return (text:gsub("[%c\127]", function(c)
    if keep_lines and (c == "\n" or c == "\t") then return c end
    if c == "\n" then return "\\n" elseif c == "\t" then return "\\t" end
    return ("\\x%02x"):format(c:byte())
  end))
end

return M
