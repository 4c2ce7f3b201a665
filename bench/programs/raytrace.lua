-- Spheres and a plane, vectors as tables with arithmetic metamethods.
local n = tonumber(arg and arg[1]) or 250
local V = {}
V.__index = V
local function vec(x, y, z) return setmetatable({ x = x, y = y, z = z }, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y, a.z + b.z) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y, a.z - b.z) end
V.__mul = function(a, s) return vec(a.x * s, a.y * s, a.z * s) end
function V:dot(b) return self.x * b.x + self.y * b.y + self.z * b.z end
function V:unit() return self * (1.0 / math.sqrt(self:dot(self))) end
local spheres, light = {}, vec(5, 8, -6):unit()
for i = 1, 8 do spheres[i] = { c = vec((i % 3 - 1) * 2.2, (i // 3 - 1) * 1.5, 6 + i % 2), r = 0.9, shine = i % 3 / 3 } end
local function hit(o, d)
  local best, which = math.huge, nil
  for i = 1, #spheres do
    local s = spheres[i]
    local oc = o - s.c
    local b, c = oc:dot(d), oc:dot(oc) - s.r * s.r
    local disc = b * b - c
    if disc > 0 then
      local t = -b - math.sqrt(disc)
      if t > 1e-4 and t < best then best, which = t, s end
    end
  end
  return which, best
end
local function trace(o, d, depth)
  local s, t = hit(o, d)
  if not s then return 0.2 + 0.3 * math.abs(d.y) end
  local p = o + d * t
  local normal = (p - s.c):unit()
  local shade = math.max(0.0, normal:dot(light))
  if hit(p, light) then shade = shade * 0.3 end
  if depth > 0 and s.shine > 0 then
    shade = shade + s.shine * trace(p, d - normal * (2 * d:dot(normal)), depth - 1)
  end
  return shade
end
local sum, eye = 0.0, vec(0, 0, -3)
for y = 1, n do
  for x = 1, n do sum = sum + trace(eye, vec(2 * x / n - 1, 2 * y / n - 1, 2):unit(), 3) end
end
print(("%.6f"):format(sum))
