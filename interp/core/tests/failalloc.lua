-- every allocation of a varied piece of work fails once: the error is caught, the state goes on
local function work()
  local t = {}
  for i = 1, 300 do t[i] = {i, tostring(i) .. ("y"):rep(i)} t["k" .. i] = i end
  local co = coroutine.wrap(function(...) local a = {...} coroutine.yield(#a) local b <close> = setmetatable({}, {__close = function() end}) coroutine.yield(2) end)
  assert(co(1, 2, 3) == 3) co()
  local f = assert(load("local a, b = ... local function g(x) return function() x = x + 1 return x, a end end return g(b), {a, b, 'str' .. a}"))
  local g, r = f(1, 2)
  assert(g() == 3 and r[3] == "str1")
  local s = table.concat({1, 2, 3}, ",") .. ("x"):rep(5000)
  s = s:gsub("x", "yy")
  assert(#string.format("%s %d", s, 5) > 5000)
  local d = string.dump(f)
  assert(load(d, "b", "b"))
  table.sort(t, function(a, b) return a[1] > b[1] end)
  local function deep(n) if n > 0 then return 1 + deep(n - 1) end return 0 end
  assert(deep(300) == 300)
  setmetatable({}, {__gc = function() local x = {} end})
  local ok, e = pcall(error, {1})
  assert(not ok and e[1] == 1)
  return true
end
local failures, n = 0, 0
repeat
  thr.failalloc(n)
  local ok, e = pcall(work)
  thr.failalloc(-1)
  if not ok then
    failures = failures + 1
    assert(e == "not enough memory" or tostring(e):find("not enough memory", 1, true), e)
  end
  n = n + (n < 2000 and 1 or 13)
until ok and n > 100
collectgarbage()
assert(work() == true)
print("ok", failures > 50)
