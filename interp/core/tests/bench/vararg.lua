local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
local function pass(...) return ... end
local s = 0
for i = 1, 300000 do s = s + sum(i, 2, 3, 4) + select("#", pass(1, 2, 3)) local t = {pass(i, i)} s = s + #t end
print(s)
