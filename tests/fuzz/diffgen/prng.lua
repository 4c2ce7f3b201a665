-- prng.lua: a deterministic generator of its own, so that a seed means the same program everywhere.
local R = {}
R.__index = R

-- The seed is mixed first: neighbouring seeds must not give the same stream, shifted.
function R.new(seed)
  local r = setmetatable({ s = seed * 0x2545F4914F6CDD1D }, R)
  r.s = r:bits() ~ (seed << 17)
  return r
end

-- 64 random bits (splitmix).
function R:bits()
  local s = self.s + 0x9E3779B97F4A7C15
  self.s = s
  s = (s ~ (s >> 30)) * 0xBF58476D1CE4E5B9
  s = (s ~ (s >> 27)) * 0x94D049BB133111EB
  return s ~ (s >> 31)
end

-- An integer from 1 to n.
function R:int(n) return (self:bits() >> 2) % n + 1 end
function R:range(a, b) return a + (self:bits() >> 2) % (b - a + 1) end
function R:chance(percent) return (self:bits() >> 2) % 100 < percent end
function R:pick(list) return list[self:int(#list)] end

-- One of the keys of { {weight, value}, ... }.
function R:weighted(list)
  local total = list.total
  if not total then
    total = 0
    for _, e in ipairs(list) do total = total + e[1] end
    list.total = total
  end
  local k = self:int(total)
  for _, e in ipairs(list) do
    k = k - e[1]
    if k <= 0 then return e[2] end
  end
end

return R
