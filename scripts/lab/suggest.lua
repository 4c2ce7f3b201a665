-- suggest.lua: the nearest right word for a wrong one.

local M = {}

-- Edit distance: insert, delete, replace, or swap two neighbours, one each.
function M.distance(a, b)
  local before, previous, current = {}, {}, {}
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    current = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(previous[j] + 1, current[j - 1] + 1,
        previous[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, before[j - 2] + 1)
      end
      current[j] = best
    end
    before, previous = previous, current
  end
  return previous[#b]
end

-- The nearest of `words`, if one is near enough to be meant: at most a third of it (and at least
-- one letter) is wrong, or the wrong word is its beginning.
function M.nearest(word, words)
  local best, best_distance
  if #word > 64 then return nil end
  local lower = word:lower()
  for _, candidate in ipairs(words) do
    local name = candidate:lower()
    local d = M.distance(lower, name)
    if #lower >= 2 and name:sub(1, #lower) == lower then d = math.min(d, 1) end
    if d <= math.max(1, #name // 3) and (not best or d < best_distance) then
      best, best_distance = candidate, d
    end
  end
  return best
end

-- '; did you mean "x"?', or nothing.
function M.hint(word, words)
  local best = M.nearest(word, words)
  return best and ('; did you mean "%s"?'):format(best) or ""
end

return M
