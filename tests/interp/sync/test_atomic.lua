-- gilt.atomic.
local atomic = require "gilt.atomic"
local check = require "check"
local gilt = require "gilt"
local thread = require "gilt.thread"
local test, equal = check.test, check.equal

local function fails(pattern, fn, ...)
  local ok, e = pcall(fn, ...)
  assert(not ok and tostring(e):find(pattern), tostring(e))
end

local function in_threads(count, fn)
  local threads = {}
  for i = 1, count do threads[i] = thread.spawn(fn, i) end
  for i = 1, count do
    local _, e = threads[i]:join()
    assert(e == nil, e)
  end
end

test("each operation, alone", function()
  local n = atomic.new()
  equal(n:load(), 0)
  equal(n:add(), 1)
  equal(n:add(41), 42)
  equal(n:add(-2), 40)
  n:store(7)
  equal(n:exchange(8), 7)
  equal(n:compare_exchange(8, 9), true)
  local ok, there = n:compare_exchange(8, 10)
  equal(ok, false) equal(there, 9)
  equal(n:max(5), 9) equal(n:max(11), 11)
  equal(n:min(12), 11) equal(n:min(-3), -3)
  equal(tostring(n), "gilt.atomic: -3")
  equal(atomic.new(math.maxinteger):add(1), math.mininteger)
end)

test("counts are exact", function()
  local n, best = atomic.new(), atomic.new(math.mininteger)
  in_threads(4, function(i)
    for k = 1, 5000 do
      n:add()
      best:max(i * 10000 + k)
    end
  end)
  equal(n:load(), 20000)
  equal(best:load(), 45000)
end)

test("every number is drawn once", function()
  local next_number, drawn = atomic.new(), {}
  in_threads(4, function(i)
    local own = {}
    for k = 1, 2000 do own[k] = next_number:add() end
    drawn[i] = own
  end)
  local seen = {}
  for i = 1, 4 do
    for _, k in ipairs(drawn[i]) do
      equal(seen[k], nil)
      seen[k] = true
    end
  end
  equal(#seen, 8000)
end)

test("a stack that is built by compare_exchange loses nothing", function()
  local top = atomic.ref()
  in_threads(4, function(i)
    for k = 1, 500 do
      local node = { value = i * 1000 + k }
      repeat node.below = top:load() until top:compare_exchange(node.below, node)
    end
  end)
  local count, node, seen = 0, top:load(), {}
  while node do
    equal(seen[node.value], nil)
    seen[node.value] = true
    count, node = count + 1, node.below
  end
  equal(count, 2000)
end)

test("refs: any value, nil too, equal as rawequal says", function()
  local r = atomic.ref("a")
  equal(r:load(), "a")
  equal(r:exchange(nil), "a")
  equal(r:load(), nil)
  equal(r:compare_exchange(nil, 1), true)
  equal(r:compare_exchange(1.0, false), true)
  local ok, there = r:compare_exchange(nil, 2)
  equal(ok, false) equal(there, false)
  local same = setmetatable({}, { __eq = function() return true end })
  r:store(same)
  equal(r:compare_exchange(setmetatable({}, getmetatable(same)), 3), false)
end)

test("Dekker: two threads that announce themselves and look: one of them sees the other", function()
  local a, b, turns = atomic.new(), atomic.new(), atomic.new()
  local seen = { {}, {} }
  local rounds = gilt.gil and 20 or 500 -- with the lock each takes a switch or two
  in_threads(2, function(i)
    local mine, other = i == 1 and a or b, i == 1 and b or a
    for round = 1, rounds do
      turns:add()
      while turns:load() < 2 * round do end -- both begin together
      mine:store(round)
      seen[i][round] = other:load() >= round
    end
  end)
  for round = 1, rounds do assert(seen[1][round] or seen[2][round], round) end
end)

test("wrong use is an error that says so", function()
  local n = atomic.new()
  fails("gilt.atomic expected", n.load, {})
  fails("no integer representation", n.add, n, 1.5)
  fails("number expected", n.store, n, "x")
  fails("value expected", atomic.ref().store, atomic.ref())
end)

check.done()
