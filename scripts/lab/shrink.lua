-- shrink.lua: delta debugging: the smallest part of a list that still has a property, as far as taking
-- away can find it (Zeller and Hildebrandt, 2002).

local M = {}

-- list without its items from first to last.
local function without(list, first, last)
  local rest = table.move(list, 1, first - 1, 1, {})
  return table.move(list, last + 1, #list, first, rest)
end

-- `has(part)`: does it still have the property? The whole list must. No single item of the answer can
-- be left out, unless `most` calls (default: no limit) were used up before.
function M.minimal(list, has, most)
  local calls = 0
  local function try(part)
    calls = calls + 1
    return has(part)
  end
  most = most or math.huge
  if #list > 0 and try({}) then return {} end
  local size = math.max(1, #list // 2)
  while #list > 1 and calls < most do
    local first, shorter = 1, false
    while first <= #list and calls < most do
      local part = without(list, first, math.min(first + size - 1, #list))
      if #part > 0 and try(part) then
        list, shorter = part, true
      else
        first = first + size
      end
    end
    if size == 1 and not shorter then break end
    size = math.max(1, size // 2)
  end
  return list
end

return M
