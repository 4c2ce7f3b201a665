-- linear.lua [THREADS] [HISTORIES] [SEED]: records what threads do to one table, and looks for an order of the
-- operations that explains every result: each takes effect at one moment between its call and its return.
-- Keys are independent, so each key has a history of its own; so has a list under table.insert and table.remove.
-- The search is Wing and Gong's, remembering (set of operations done, value) pairs that lead nowhere.
local threads, histories, seed = tonumber(arg[1] or 3), tonumber(arg[2] or 200), tonumber(arg[3] or 1)
if arg[4] == "gil" then thr.gil(true) end
local tick = thr.tick -- a counter for all threads: its order is the order of real time

local function generator(s)
  local x = s * 2654435761 + 88172645463325252
  return function(n)
    x = x ~ (x << 13)
    x = x ~ (x >> 7)
    x = x ~ (x << 17)
    return (x >> 11) % n + 1
  end
end

-- apply(state, op) returns the new state, or nil when op cannot have had its result in that state.
local function explains(ops, first, apply)
  local n, dead = #ops, {}
  assert(n <= 60)
  local function search(done, state)
    if done == (1 << n) - 1 then return true end
    local memo = done .. ":" .. state
    if dead[memo] then return false end
    local horizon = math.maxinteger -- the earliest return among the operations still to come
    for i = 1, n do
      if done & (1 << (i - 1)) == 0 and ops[i].ret < horizon then horizon = ops[i].ret end
    end
    for i = 1, n do
      local op = ops[i]
      if done & (1 << (i - 1)) == 0 and op.call < horizon then
        local s = apply(state, op)
        if s and search(done | (1 << (i - 1)), s) then return true end
      end
    end
    dead[memo] = true
    return false
  end
  return search(0, first)
end

local function register(state, op)
  if op.what == "set" then return tostring(op.value) end
  if tostring(op.value) == state then return state end
end

-- A list as text: "a,b,c," with every element followed by a comma.
local function list(state, op)
  if op.what == "push" then return state .. op.value .. "," end
  if op.what == "front" then return op.value .. "," .. state end
  local rest, got
  if op.what == "pop" then
    rest, got = state:match("^(.-)([^,]*),$")
  else
    got, rest = state:match("^([^,]*),(.*)$")
  end
  if tostring(op.value) == tostring(got) then return rest or state end
end

local function show(ops)
  table.sort(ops, function(a, b) return a.call < b.call end)
  for _, o in ipairs(ops) do
    print(("  thread %d  %5d..%5d  %s %s"):format(o.id, o.call, o.ret, o.what, tostring(o.value)))
  end
end

-- One history: keys old and new, in the array and the hash part, while the table grows.
local keys = { "a", "b", 1, 2, 1.5, "__index", 7, ("long"):rep(20) }
local function keyed(number)
  local t, turns = {}, 40 // threads
  for i, k in ipairs(keys) do if i % 2 == number % 2 then t[k] = "first" end end
  local begin = { n = 0 }
  local started = {}
  local function work(id)
    local rnd, log = generator(seed * 7919 + number * 31 + id), {}
    started[id] = true
    for other = 1, threads do for _ = 1, 2000 do if started[other] then break end end end
    for i = 1, turns do
      local k = keys[rnd(2) == 1 and number % #keys + 1 or rnd(#keys)]
      local what, value = rnd(5), nil
      local op = { id = id, key = k }
      if what <= 2 then
        value = rnd(4) > 1 and id * 1000 + i or nil
        op.call = tick()
        t[k] = value
        op.ret = tick()
        op.what, op.value = "set", value
      elseif what == 3 then -- growth beside it
        t["grow" .. id .. "." .. i] = i
        t[#keys + id * 40 + i] = i
        op = nil
      else
        op.call = tick()
        value = t[k]
        op.ret = tick()
        op.what, op.value = "get", value
      end
      log[#log + 1] = op
    end
    return log
  end
  local ths, by_key = {}, {}
  for id = 1, threads do ths[id] = thr.spawn(work, id) end
  for id = 1, threads do
    for _, op in ipairs(ths[id]:join()) do
      by_key[op.key] = by_key[op.key] or {}
      table.insert(by_key[op.key], op)
    end
  end
  for i, k in ipairs(keys) do
    local ops = by_key[k] or {}
    ops[#ops + 1] = { id = 0, call = tick(), ret = tick(), what = "get", value = t[k] }
    if not explains(ops, i % 2 == number % 2 and "first" or "nil", register) then
      print("no order explains key " .. tostring(k) .. ", history " .. number)
      show(ops)
      return false
    end
  end
  return true
end

local function listed(number)
  local t, turns, started = {}, 30 // threads, {}
  local function work(id)
    local rnd, log = generator(seed * 104729 + number * 31 + id), {}
    started[id] = true
    for other = 1, threads do for _ = 1, 2000 do if started[other] then break end end end
    for i = 1, turns do
      local op, what = { id = id }, rnd(6)
      local value = id * 1000 + i
      op.call = tick()
      if what <= 2 then op.what = "push" table.insert(t, value)
      elseif what == 3 then op.what = "front" table.insert(t, 1, value)
      elseif what <= 5 then op.what = "pop" value = table.remove(t)
      else op.what = "shift" value = table.remove(t, 1) end
      op.ret = tick()
      op.value = value
      log[i] = op
    end
    return log
  end
  local ths, ops = {}, {}
  for id = 1, threads do ths[id] = thr.spawn(work, id) end
  for id = 1, threads do for _, op in ipairs(ths[id]:join()) do ops[#ops + 1] = op end end
  if not explains(ops, "", list) then
    print("no order explains the list, history " .. number)
    show(ops)
    return false
  end
  return true
end

-- The search itself finds what is wrong with wrong histories.
local function op(id, call, ret, what, value) return { id = id, call = call, ret = ret, what = what, value = value } end
assert(explains({ op(1, 1, 4, "set", 5), op(2, 2, 3, "get", nil), op(2, 5, 6, "get", 5) }, "nil", register))
assert(not explains({ op(1, 1, 2, "set", 5), op(2, 3, 4, "get", nil) }, "nil", register))
assert(not explains({ op(1, 1, 9, "set", 5), op(2, 2, 3, "get", 5), op(2, 4, 5, "get", nil) }, "nil", register))
assert(not explains({ op(1, 1, 9, "set", 5), op(1, 10, 11, "set", 6), op(2, 12, 13, "get", 5) }, "nil", register))
assert(not explains({ op(1, 1, 2, "push", 1), op(2, 3, 4, "push", 2), op(1, 5, 6, "pop", 1) }, "", list))
assert(explains({ op(1, 1, 4, "push", 1), op(2, 3, 4, "push", 2), op(1, 5, 6, "pop", 1) }, "", list))

for number = 1, histories do
  if not keyed(number) or not listed(number) then os.exit(1) end
end
print(("%d histories of %d threads explained"):format(2 * histories, threads))
