-- A reader of `load` that fails leaves its frame: its variables are closed, and the loading
-- function goes on in its own.
local up
local closed = 0
local f, e = load(function()
  local x = {}
  up = function() return x end
  local guard <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
  error "no more"
end)
assert(f == nil and tostring(e):find "no more", e)
assert(closed == 1)
local function fill(...) local a, b, c, d, e1, f1, g, h = 1, 2, 3, 4, 5, 6, 7, 8 return select("#", ...) + a + h end
fill(1, 2, 3)
assert(type(up()) == "table")
