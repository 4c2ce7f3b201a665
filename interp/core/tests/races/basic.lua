-- distinct keys by N threads into shared tables while they grow: nothing lost, nothing torn
local NT, N = tonumber(arg[1] or 4), tonumber(arg[2] or 5000)
if arg[3] == "gil" then thr.gil(true) end
shared, sharedarr, churn = {}, {}, {}
local function check(x)
  if x then
    assert(type(x[1]) == "number" and type(x[2]) == "string" and tostring(x[1]) == x[2])
    assert(type(x[3][1]) == "number")
  end
end
local function worker(id)
  local sh, arr, ch = shared, sharedarr, churn
  for i = 1, N do
    sh["k" .. id .. "_" .. i] = i
    arr[(i - 1) * NT + id] = id * 1000000 + i
    ch[i % 97] = {i, tostring(i), {id}}
    check(ch[(i * 7) % 97])
    if i % 13 == 0 then ch[i % 97] = nil end
    if i % 500 == 0 then for _, v in pairs(ch) do check(v) end end
  end
  return id
end
local t = {}
for id = 1, NT do t[id] = thr.spawn(worker, id) end
for id = 1, NT do assert(t[id]:join() == id) end
for id = 1, NT do
  for i = 1, N do
    assert(shared["k" .. id .. "_" .. i] == i)
    assert(sharedarr[(i - 1) * NT + id] == id * 1000000 + i)
  end
end
print("ok")
