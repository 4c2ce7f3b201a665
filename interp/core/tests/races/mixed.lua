-- metatables, closures, coroutines, finalizers, weak tables, load, errors, strings: all at once
local NT, N = tonumber(arg[1] or 4), tonumber(arg[2] or 1500)
if arg[3] == "gil" then thr.gil(true) end
objs, classes, funcs, weak, colist = {}, {}, {}, setmetatable({}, {__mode = "v"}), {}
weakk = setmetatable({}, {__mode = "k"})
finalized = {}
for i = 1, 8 do
  local C = {id = i}
  C.__index = function(t, k) return k end
  C.__add = function(a, b) return (rawget(a, 1) or 0) + 1 end
  classes[i] = C
  objs[i] = setmetatable({i}, C)
  finalized[i] = 0
end
local function worker(id)
  math.randomseed(id)
  for i = 1, N do
    local r = i % 8 + 1
    local o = objs[(i + id) % 8 + 1]
    if i % 3 == 0 then setmetatable(o, classes[r]) end
    if i % 7 == 0 then
      local C = {id = i, __index = function(t, k) return k end, __add = function() return i end}
      classes[r] = C
    end
    local v = o.foo
    assert(v == "foo" or v == nil, v)
    assert(type(o + 1) == "number")
    local n = i
    funcs[r] = function() n = n + 1 return n, id end
    local f = funcs[(i * 5 + id) % 8 + 1]
    if f then assert(math.type(f()) == "integer") end
    if i % 5 == 0 then
      weak[i % 50] = {i} weakk[{}] = {i}
      local w = weak[(i * 3) % 50]
      assert(w == nil or type(w[1]) == "number")
    end
    if i % 11 == 0 then
      local slot = id
      setmetatable({}, {__gc = function() finalized[slot] = finalized[slot] + 1 end})
    end
    if i % 6 == 0 then
      colist[r] = coroutine.create(function(a) while true do a = coroutine.yield(a, {a}) end end)
    end
    local co = colist[(i + id) % 8 + 1]
    if co then
      local ok, x, y = coroutine.resume(co, i)
      if ok then assert(type(x) == "number" and type(y[1]) == "number") else assert(type(x) == "string", x) end
    end
    if i % 50 == 0 then
      local chunk = assert(load("local a = ... return a * 2, function() return a end"))
      local d, g = chunk(i)
      assert(d == i * 2 and g() == i)
    end
    if i % 9 == 0 then
      local ok, e = pcall(function() local t <close> = setmetatable({}, {__close = function() end}) error({i}) end)
      assert(not ok and e[1] == i)
    end
    local s = ("x"):rep(i % 60) .. (i % 100)
    assert(#s == i % 60 + #tostring(i % 100))
    if i % 200 == 0 then collectgarbage() end
  end
  return id
end
local t = {}
for id = 1, NT do t[id] = thr.spawn(worker, id) end
for id = 1, NT do assert(t[id]:join() == id) end
print("ok")
