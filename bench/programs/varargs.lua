-- Functions of variable arguments: select, table.pack, forwarding.
local n = tonumber(arg and arg[1]) or 1300000
local select = select
local function sum(...)
  local s = 0
  for i = 1, select("#", ...) do s = s + (select(i, ...)) end
  return s
end
local function forward(...) return sum(...) end
local function collect(...) local t = { ... } return #t, ... end
local total = 0
for i = 1, n do
  total = total + forward(i, 2, 3)
  local k, a, b = collect(i, i + 1)
  total = total + k + a - b
end
print(total)
