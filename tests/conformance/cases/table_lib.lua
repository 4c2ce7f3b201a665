-- Manual 6.6: the table library.
local T = require "harness"
T.exprs [====[
table.concat({}), table.concat({1, 2, 3}), table.concat({1, 2, 3}, ", "), table.concat({"a", "b", "c"}, "-", 2), table.concat({"a", "b", "c"}, "-", 2, 2), table.concat({"a", "b", "c"}, "-", 3, 2), table.concat({1.5, "x", 2}), table.concat({1, 2}, 5) --> "", "123", "1, 2, 3", "b-c", "b", "", "1.5x2", "152"
table.concat({1, {}, 3}) --> !?:1: invalid value (table) at index 2 in table for 'concat'
table.concat({1, nil, 3}, ",", 1, 3) --> !?:1: invalid value (nil) at index 2 in table for 'concat'
table.concat({1, true}) --> !?:1: invalid value (boolean) at index 2 in table for 'concat'
table.concat({}, "x", 1, 1) --> !?:1: invalid value (nil) at index 1 in table for 'concat'
table.concat({"a"}, {}) --> !?:1: bad argument #2 to 'concat' (string expected, got table)
table.concat() --> !?:1: bad argument #1 to 'concat' (table expected, got no value)
table.concat(5) --> !?:1: bad argument #1 to 'concat' (table expected, got number)
table.concat("x") --> !?:1: bad argument #1 to 'concat' (table expected, got string)
table.concat({"a", "b"}, ",", 1.5) --> !?:1: bad argument #3 to 'concat' (number has no integer representation)
table.concat({[math.maxinteger] = "z"}, "", math.maxinteger, math.maxinteger), table.concat({[-1] = "a", [0] = "b", [1] = "c"}, ",", -1, 1) --> "z", "a,b,c"
local t = {1, 2} table.insert(t, 3) table.insert(t, 1, 0) table.insert(t, 5, 4) return t --> {0, 1, 2, 3, 4}
table.insert({1, 2}, 5, 3) --> !?:1: bad argument #2 to 'insert' (position out of bounds)
table.insert({1, 2}, 0, 3) --> !?:1: bad argument #2 to 'insert' (position out of bounds)
table.insert({1, 2}, -1, 3) --> !?:1: bad argument #2 to 'insert' (position out of bounds)
table.insert({1, 2}) --> !?:1: wrong number of arguments to 'insert'
table.insert({1, 2}, 1, 2, 3) --> !?:1: wrong number of arguments to 'insert'
table.insert(nil, 1) --> !?:1: bad argument #1 to 'insert' (table expected, got nil)
table.insert({}, "x", 1) --> !?:1: bad argument #2 to 'insert' (number expected, got string)
table.insert({}, 1.5, 1) --> !?:1: bad argument #2 to 'insert' (number has no integer representation)
table.insert({}, 1, nil), select("#", table.insert({}, 5)) --> nil, 0
local t = {} table.insert(t, "1", "x") return t --> {"x"}
local t = {1, 2, 3} return table.remove(t), table.remove(t, 1), table.remove(t, 2), t --> 3, 1, nil, {2}
local t = {} return table.remove(t), table.remove(t, 0), table.remove(t, #t), table.remove({}, 1) --> nil, nil, nil, nil
table.remove({}, 2) --> !?:1: bad argument #1 to 'remove' (position out of bounds)
table.remove({1, 2, 3}, 5) --> !?:1: bad argument #1 to 'remove' (position out of bounds)
table.remove({1, 2, 3}, -1) --> !?:1: bad argument #1 to 'remove' (position out of bounds)
table.remove({1, 2, 3}, 4), table.remove({[0] = "z"}, 0), table.remove({1, 2, [4] = 4}, 1) --> nil, "z", 1
table.remove({}, "x") --> !?:1: bad argument #2 to 'remove' (number expected, got string)
table.remove() --> !?:1: bad argument #1 to 'remove' (table expected, got no value)
table.unpack({1, 2, 3}), table.unpack({1, 2, 3}, 2), table.unpack({1, 2, 3}, 2, 3), table.unpack({1, 2}, 1, 4) --> 1, 2, 2, 1, 2, nil, nil
select("#", table.unpack({}, 1, 3)), select("#", table.unpack({1, nil, 3}, 1, 3)), table.unpack({1, 2}, 3), select("#", table.unpack({}, 5, 4)) --> 3, 3, nil, 0
table.unpack({}, 1, 1e8) --> !?:1: too many results to unpack
table.unpack({}, math.mininteger, math.maxinteger) --> !?:1: too many results to unpack
table.unpack({}, 1, math.maxinteger) --> !?:1: too many results to unpack
table.unpack({1, 2}, math.maxinteger), table.unpack({[math.maxinteger] = 5}, math.maxinteger, math.maxinteger), table.unpack({[math.mininteger] = 6}, math.mininteger, math.mininteger) --> nil, 5, 6
table.unpack({1, 2}, "1", 2.0) --> 1, 2
table.unpack("x", 1, 2) --> nil, nil
table.unpack(5) --> !attempt to get length of a number value
table.unpack() --> !attempt to get length of a nil value
table.pack(), table.pack(nil), table.pack(1, nil, 3), table.pack(1, 2).n, #table.pack(1, 2, 3) --> {["n"]=0}, {["n"]=1}, {1, nil, 3, ["n"]=3}, 2, 3
table.move({1, 2, 3}, 1, 3, 2), table.move({1, 2, 3}, 2, 3, 1), table.move({1, 2, 3}, 1, 3, 1, {}), table.move({1, 2, 3}, 1, 0, 1), table.move({}, 1, 3, 2), table.move({1, 2, 3}, 1, 3, 3), table.move({1, 2}, 1, 2, 5, {9}) --> {1, 1, 2, 3}, {2, 3, 3}, {1, 2, 3}, {1, 2, 3}, {}, {1, 2, 1, 2, 3}, {9, [5]=1, [6]=2}
table.move({1}, 1, math.maxinteger, 2) --> !?:1: bad argument #4 to 'move' (destination wrap around)
table.move({1}, math.mininteger, math.maxinteger, 2) --> !?:1: bad argument #3 to 'move' (too many elements to move)
table.move({1}, 0, math.maxinteger, 2) --> !?:1: bad argument #3 to 'move' (too many elements to move)
table.move({[math.maxinteger] = 7}, math.maxinteger, math.maxinteger, 1, {}), table.move({[math.mininteger] = 7}, math.mininteger, math.mininteger, 1, {}) --> {7}, {7}
table.move({}, 1, 2) --> !?:1: bad argument #4 to 'move' (number expected, got no value)
table.move(nil, 1, 2, 3) --> !?:1: bad argument #1 to 'move' (table expected, got nil)
table.move({}, 1, 2, 3, 4) --> !?:1: bad argument #5 to 'move' (table expected, got number)
table.move({}, "x", 2, 3) --> !?:1: bad argument #2 to 'move' (number expected, got string)
local t = {3, 1, 2} table.sort(t) return t --> {1, 2, 3}
local t = {"b", "a", "C", "10", "9"} table.sort(t) return t --> {"10", "9", "C", "a", "b"}
local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t --> {3, 2, 1}
local t = {1.5, 1, -3, 2.25, 0} table.sort(t) return t --> {-3, 0, 1, 1.5, 2.25}
local t = {} table.sort(t) table.sort({1}) return t, select("#", table.sort({})) --> {}, 0
local t = {5, 3, 1} table.sort(t, nil) return t --> {1, 3, 5}
table.sort({1, "x"}) --> !attempt to compare string with number
table.sort({1, {}}) --> !attempt to compare table with number
table.sort({{}, {}}) --> !attempt to compare two table values
table.sort({3, 2, 1}, 5) --> !?:1: bad argument #2 to 'sort' (function expected, got number)
table.sort({3, 2, 1}, function() error("cmp") end) --> !?:1: cmp
table.sort({3, 1, 2, 5, 4, 8, 9, 7}, function() return true end) --> !?:1: invalid order function for sorting
table.sort(5) --> !?:1: bad argument #1 to 'sort' (table expected, got number)
table.sort(setmetatable({}, {__len = function() return math.maxinteger end})) --> !?:1: bad argument #1 to 'sort' (array too big)
local t = {{k = 2, v = "a"}, {k = 1, v = "b"}} table.sort(t, function(x, y) return x.k < y.k end) return t --> {{["k"]=1, ["v"]="b"}, {["k"]=2, ["v"]="a"}}
local M = {__lt = function(a, b) return a.v < b.v end} local t = {} for i = 1, 5 do t[i] = setmetatable({v = (i * 3) % 5}, M) end table.sort(t) local r = {} for i = 1, 5 do r[i] = t[i].v end return r --> {0, 1, 2, 3, 4}
local log = {} local t = setmetatable({}, {__len = function() return 2 end, __index = function(_, k) return k * 10 end, __newindex = function(t, k, v) log[#log + 1] = k .. "=" .. v end}) table.insert(t, 7) table.insert(t, 1, 8) return log, table.unpack(t) --> {"3=7", "3=20", "2=10", "1=8"}, 10, 20
local log = {} local t = setmetatable({}, {__len = function() return 2 end, __index = function(_, k) return k * 10 end, __newindex = function(t, k, v) log[#log + 1] = k .. "=" .. tostring(v) end}) local r = table.remove(t) local q = table.remove(t, 1) return log, r, q --> {"2=nil", "1=20", "2=nil"}, 20, 10
local log = {} local src = setmetatable({}, {__index = function(_, k) return "v" .. k end}) local dst = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v .. "!") end}) return table.move(src, 1, 3, 1, dst) --> meta{"v1!", "v2!", "v3!"}
table.concat(setmetatable({}, {__len = function() return "x" end})) --> !?:1: object length is not an integer
table.insert(setmetatable({}, {__len = function() return 1.5 end}), 1) --> !?:1: object length is not an integer
table.insert(setmetatable({}, {__newindex = function() error("ni") end}), 1) --> !?:1: ni
local p = setmetatable({}, {__index = {1, 2, 3}, __len = function() return 3 end}) return table.concat(p, " "), table.unpack(p) --> "1 2 3", 1, 2, 3
table.unpack(setmetatable({}, {__len = function() return 2 end})) --> nil, nil
table.sort(setmetatable({}, {__index = function() return 1 end, __newindex = function() end, __len = function() return 3 end})) -->
debug.setmetatable(5, {__index = function(_, k) return k end, __len = function() return 3 end, __newindex = print}) local ok, r = pcall(table.concat, 5, ",") debug.setmetatable(5, nil) return ok, r --> true, "1,2,3"
next({}), next({10}), next({10}, 1), next({a = 1}), next({a = 1}, "a"), next({1, 2}, 2.0) --> !invalid key to 'next'
next({}, "nokey") --> !invalid key to 'next'
next({}, 1) --> !invalid key to 'next'
next() --> !?:1: bad argument #1 to 'next' (table expected, got no value)
next(5) --> !?:1: bad argument #1 to 'next' (table expected, got number)
rawlen({1, 2}), rawlen("abc"), rawequal("a", "a"), rawequal({}, {}), rawequal(1, 1.0), rawget({5}, 1), rawset({}, 1, 2) --> 2, 3, true, false, true, 5, {2}
rawlen(5) --> !?:1: bad argument #1 to 'rawlen' (table or string expected, got number)
rawget(5, 1) --> !?:1: bad argument #1 to 'rawget' (table expected, got number)
rawset({}, nil, 1) --> !table index is nil
rawset({}, 0/0, 1) --> !table index is NaN
rawset({}, 1) --> !?:1: bad argument #3 to 'rawset' (value expected)
rawequal(1) --> !?:1: bad argument #2 to 'rawequal' (value expected)
#rawset({}, 1, 2), rawset({}, "x", nil) --> 1, {}
]====]
-- sort: random arrays of many lengths, sorted and complete, by several orders
local seed = 42
local function rnd(n) seed = (seed * 6364136223846793005 + 1442695040888963407) return ((seed >> 33) % n) + 1 end
for _, n in ipairs { 0, 1, 2, 3, 4, 5, 7, 10, 50, 99, 100, 101, 102, 500, 3000 } do
  for _, kind in ipairs { "random", "few", "sorted", "reversed", "equal", "organ" } do
    local t, sum = {}, 0
    for i = 1, n do
      t[i] = kind == "random" and rnd(1000000) or kind == "few" and rnd(3) or kind == "sorted" and i or kind == "reversed" and n - i or kind == "equal" and 7 or math.min(i, n - i)
      sum = sum + t[i]
    end
    local copy = table.move(t, 1, n, 1, {})
    table.sort(t)
    local good, total = true, 0
    for i = 1, n do
      if i > 1 and t[i] < t[i - 1] then good = false end
      total = total + t[i]
    end
    T.ok(good and total == sum, kind .. n)
    table.sort(copy, function(a, b) return a > b end)
    for i = 1, n do if copy[i] ~= t[n + 1 - i] then good = false end end
    T.ok(good, kind .. n)
  end
end
-- insert and remove against a model kept in a string
for round = 1, 20 do
  local t, model = {}, ""
  for _ = 1, 100 do
    local n = #model
    if n == 0 or rnd(3) > 1 then
      local pos, c = rnd(n + 1), string.char(96 + rnd(26))
      if rnd(2) == 1 then table.insert(t, c) pos = n + 1 else table.insert(t, pos, c) end
      model = model:sub(1, pos - 1) .. c .. model:sub(pos)
    else
      local pos = rnd(n)
      if rnd(2) == 1 then T.eq(table.remove(t), model:sub(-1)) pos = n else T.eq(table.remove(t, pos), model:sub(pos, pos)) end
      model = model:sub(1, pos - 1) .. model:sub(pos + 1)
    end
  end
  T.eq(table.concat(t), model)
  T.eq(#t, #model)
end
-- traversal: every key once, assignment to existing fields and clearing them allowed
for _, n in ipairs { 0, 1, 3, 10, 100, 1000 } do
  local t, seen, count = {}, {}, 0
  for i = 1, n do
    t[i] = i
    t["k" .. i] = i
    t[i + 0.5] = i
  end
  for k, v in pairs(t) do
    count = count + (seen[k] and 1000000 or 1)
    seen[k] = v
    if v % 2 == 0 then t[k] = nil else t[k] = -v end
  end
  T.eq(count, 3 * n)
  count = 0
  for k, v in next, t do
    count = count + 1
    if v >= 0 or t[k] ~= v then T.eq(v, "negative") end
  end
  T.eq(count, 3 * ((n + 1) // 2))
  for k in pairs(t) do t[k] = nil end
  T.eq(next(t), nil)
end
-- the border is a border
for round = 1, 200 do
  local t = {}
  for i = 1, 64 do if rnd(4) > 1 then t[i] = i end end
  for i = 1, 10 do t[rnd(64)] = nil end
  local b = #t
  T.ok((b == 0 or t[b] ~= nil) and t[b + 1] == nil)
end
T.done()
