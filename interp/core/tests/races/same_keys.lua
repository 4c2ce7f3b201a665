-- The same keys of all kinds by N threads at once, into one table that grows (insert.c): each key is there exactly
-- once, with a value that some thread stored; keys of single threads are all there; what was read is never torn.
local NT, N = tonumber(arg[1] or 4), tonumber(arg[2] or 3000)
if arg[3] == "gil" then thr.gil(true) end

local objects = {}
for i = 1, 64 do objects[i] = { i } end
local function key(i)
  local kind = i % 6
  if kind == 0 then return i * 1000003 end
  if kind == 1 then return "short" .. i end
  if kind == 2 then return i + 0.5 end
  if kind == 3 then return ("a string that is too long to be interned "):rep(2) .. i end
  if kind == 4 then return objects[i % 64 + 1] end
  return -i
end

for round = 1, 12 do
  local t = {}
  local function worker(id)
    local step, from = 1, 1
    if id % 2 == 0 then step, from = -1, N end -- from both ends: the keys meet in the middle
    for i = from, N + 1 - from, step do
      t[key(i)] = i
      t["own" .. id .. "." .. i] = i
      if i % 5 == 0 then -- away, and back again
        t["own" .. id .. "." .. i] = nil
        t["own" .. id .. "." .. i] = i
      end
      local k = key((i * 7) % N + 1)
      local v = t[k]
      assert(v == nil or math.type(v) == "integer" and key(v) == k, "a value of another key")
    end
  end
  local crew = {}
  for id = 1, NT do crew[id] = thr.spawn(worker, id) end
  for id = 1, NT do crew[id]:join() end
  local want, count = {}, 0
  for i = 1, N do want[key(i)] = true end
  for id = 1, NT do
    for i = 1, N do
      local own = "own" .. id .. "." .. i
      want[own] = true
      assert(t[own] == i, "lost " .. own)
    end
  end
  local seen = {}
  for k, v in pairs(t) do
    assert(want[k] and not seen[k], "twice, or nobody's: " .. tostring(k))
    seen[k] = true
    assert(t[k] == v)
    count = count + 1
  end
  for k in pairs(want) do assert(seen[k], "missing") end
end

-- A metamethod that appears while others look for it: once it was stored, everybody finds it.
for _ = 1, 200 do
  local mt = {}
  local o = setmetatable({}, mt)
  local flag = {}
  local function look()
    for i = 1, 200 do
      local stored = flag.done
      local v = o.x
      if stored then assert(v == 42, "a stale absence") end
      mt["filler" .. i] = i
    end
  end
  local a, b = thr.spawn(look), thr.spawn(look)
  local c = thr.spawn(function()
    mt.__index = function() return 42 end
    flag.done = true
  end)
  a:join()
  b:join()
  c:join()
  assert(o.x == 42)
end
print("ok")
