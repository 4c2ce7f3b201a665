-- collectgarbage with every option on this collector, its books, and collections in mid-allocation
local function collections() return thr.stats().collections end

-- steps: bounded until one collects; as many as the numbers say
collectgarbage()
local before, n = collections(), 0
repeat
  n = n + 1
  local seen = collections()
  local done = collectgarbage("step")
  assert(done == (collections() > seen), "true means that a collection has ended")
until done
assert(n > 1 and n <= 16, n)
local function steps(kib)
  collectgarbage()
  local k = 0
  repeat k = k + 1 until collectgarbage("step", kib)
  return k
end
assert(steps(10) < steps(2) and steps(100000) == 1)
local mul = collectgarbage("setstepmul", 400)
assert(mul == 100 and steps(4) < steps(2))
assert(collectgarbage("setstepmul", mul) == 400)
assert(collectgarbage("generational") == "incremental")
before = collections()
assert(collectgarbage("step") == true and collections() == before + 1)
assert(collectgarbage("incremental", 150, 200, 10) == "generational")
assert(collectgarbage("setpause", 200) == 148)
assert(collectgarbage("setstepmul", 100) == 200)

-- stopped: nothing collects but what is asked for
collectgarbage("stop")
before = collections()
for i = 1, 200000 do local _ = {i} end
assert(collections() == before and not collectgarbage("isrunning"))
collectgarbage("collect")
assert(collections() == before + 1 and not collectgarbage("isrunning"))
collectgarbage("restart")
for i = 1, 200000 do local _ = {i} end
assert(collections() > before + 1 and collectgarbage("isrunning"))

-- a long pause collects less often than a short one
local function often(pause)
  collectgarbage("setpause", pause)
  local keep = {}
  for i = 1, 50000 do keep[i] = {i} end
  collectgarbage()
  local from = collections()
  for i = 1, 400000 do local _ = {i} end
  return collections() - from
end
local rare, frequent = often(400), often(120)
assert(rare < frequent, rare .. " " .. frequent)
collectgarbage("setpause", 200)

-- the books add up
local s = thr.stats()
assert(s.gc_ns >= s.mark_ns and s.gc_ns >= s.pause_max_ns and s.pause_max_ns >= s.pause_last_ns)
assert(s.markers >= 1 and s.live_bytes > 0 and collectgarbage("count") * 1024 > s.live_bytes / 2)

-- an allocation that fails once is served after a collection, whatever holds its objects just then:
-- a C function's locals, registers above the top, a table that grows, a string that is joined
local function work(k)
  local t = {}
  for i = 1, 60 do t[i] = {tostring(i + k) .. "x"} t["k" .. i] = {i} end
  local s = table.concat({("a"):rep(k % 50), "-", tostring(k)}, t[1][1])
  local co = coroutine.wrap(function(...) local a = {...} return #a + select("#", ...) end)
  local f = assert(load("local u = ... return function() u = u .. 'y' return u end"))(s)
  assert(co(1, {}, "z") == 6 and f() == s .. "y" and f() == s .. "yy")
  for i = 1, 60 do assert(t[i][1] == (i + k) .. "x" and t["k" .. i][1] == i) end
  return s:gsub("a", "%0%0"):len() + #string.format("%s|%5d", s, k)
end
local want = work(7)
local helped = 0
for at = 0, 3000 do
  local emergencies = thr.stats().emergencies
  thr.failonce(at)
  local ok, got = pcall(work, 7)
  thr.failonce(-1)
  assert(ok and got == want, tostring(got))
  if thr.stats().emergencies == emergencies then break end
  helped = helped + 1
end
assert(helped > 200, helped)

-- a memory error comes out of a wrapped coroutine as it is, without a position
for at = 0, 60 do
  local co = coroutine.wrap(function()
    local _ <close> = setmetatable({}, {__close = function() end})
    for i = 1, 5 do coroutine.yield(("x"):rep(i * 30)) end
  end)
  local function all() for _ = 1, 5 do co() end end
  thr.failalloc(at)
  local ok, e = pcall(all)
  thr.failalloc(-1)
  assert(ok or e == "not enough memory", e)
end
print("ok", helped)
