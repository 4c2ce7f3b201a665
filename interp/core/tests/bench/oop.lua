local P = {} P.__index = P
function P.new(x, y) return setmetatable({x = x, y = y}, P) end
function P:add(o) return P.new(self.x + o.x, self.y + o.y) end
function P:len2() return self.x * self.x + self.y * self.y end
local Q = setmetatable({}, {__index = P}) Q.__index = Q
function Q.new(x, y) return setmetatable(P.new(x, y), Q) end
function Q:step() self.x = self.x + 1 self.y = self.y - 1 end
local q, s = Q.new(1, 2), 0
for i = 1, 2000000 do q:step() s = s + q:len2() % 3 if i % 4 == 0 then s = s + q:add(q).x end end
print(s)
