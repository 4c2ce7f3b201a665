-- variables of live frames captured by closures that other threads call
local NT, N = tonumber(arg[1] or 4), tonumber(arg[2] or 20000)
if arg[3] == "gil" then thr.gil(true) end
local value, stop = 0, false
local kinds = {
  function(i) return i end,
  function(i) return i + 0.5 end,
  function(i) return "s" .. i end,
  function(i) return {i, tostring(i)} end,
}
local function valid(v)
  if type(v) == "table" then return tostring(v[1]) == v[2] end
  if type(v) == "string" then return v:sub(1, 1) == "s" and tonumber(v:sub(2)) end
  return type(v) == "number" or v == nil
end
local function writer(id)
  for i = 1, N do
    value = kinds[(i + id) % 4 + 1](i)
    assert(valid(value))
  end
  return true
end
local ts = {}
for id = 1, NT do ts[id] = thr.spawn(writer, id) end
local n = 0
for i = 1, N do
  value = {i, tostring(i)} -- the owner writes its register
  local v = value -- and reads it
  assert(valid(v))
  if type(value) == "number" then n = n + 1 end
  if i % 64 == 0 then value = nil end
end
-- deep recursion moves the stack while the others use the slot
local function deep(k) if k == 0 then return 0 end return 1 + deep(k - 1) end
local step = math.min(2000, N // 4)
for i = 1, 20 do assert(deep(step * i) == step * i) value = i end
for id = 1, NT do assert(ts[id]:join() == true) end
-- variables of a loop body, closed while others use them
for round = 1, 50 do
  local x = round
  local function get() return x end
  local function set(v) x = v end
  local a = thr.spawn(function() for i = 1, 50 do set({i, tostring(i)}) end return true end)
  local b = thr.spawn(function() for i = 1, 50 do assert(valid(get())) end return true end)
  for i = 1, 20 do x = "s" .. i assert(valid(x)) end
  if round % 2 == 0 then a:join() b:join() else kinds[5] = {a, b} end
end
print("ok")
