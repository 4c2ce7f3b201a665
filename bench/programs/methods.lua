-- Objects with inheritance by __index, methods and fields.
local n = tonumber(arg and arg[1]) or 4000000
local Shape = {}
Shape.__index = Shape
function Shape.new(class, k) return setmetatable({ k = k, total = 0 }, class) end
function Shape:add(v) self.total = self.total + v end
function Shape:scale() return self.k end
local Square = setmetatable({}, { __index = Shape })
Square.__index = Square
function Square:area() return self.k * self:scale() end
local Circle = setmetatable({}, { __index = Shape })
Circle.__index = Circle
function Circle:area() return 3 * self.k end
local shapes = { Square:new(2), Circle:new(3), Square:new(5), Circle:new(7) }
for i = 1, n do
  local s = shapes[(i & 3) + 1]
  s:add(s:area())
end
local t = 0
for _, s in ipairs(shapes) do t = t + s.total end
print(t)
