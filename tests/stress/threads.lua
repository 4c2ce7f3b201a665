-- threads.lua [ROUNDS] [THREADS]: tables, strings, finalizers, coroutines, errors, deep recursion, sort
-- and gsub callbacks, all at once on one heap. Run with a switch interval of 20 us.
local thread = require "gilt.thread"

local ROUNDS, THREADS = tonumber(arg[1]) or 200, tonumber(arg[2]) or 8
local finalized = 0

local jobs = {}

function jobs.tables()
  local t = {}
  for i = 1, 60 do t[i], t["k" .. i] = { i }, i end
  for i = 1, 60, 2 do t["k" .. i] = nil end
  local sum = 0
  for k, v in pairs(t) do if type(k) == "string" then sum = sum + v end end
  assert(sum == 930)
end

function jobs.strings()
  local parts = {}
  for i = 1, 40 do parts[i] = ("%d:%s"):format(i, ("x"):rep(i)) end
  local s = table.concat(parts, ",")
  local n = 0
  local out = s:gsub("%d+", function(d) n = n + tonumber(d) return "<" .. d .. ">" end)
  assert(n == 820 and #out == #s + 80)
end

function jobs.finalizers()
  for _ = 1, 20 do
    setmetatable({}, { __gc = function()
      for _ = 1, 50 do finalized = finalized + 1 end
    end })
  end
end

function jobs.coroutines()
  local function gen(n)
    return coroutine.wrap(function()
      for i = 1, n do
        local inner = coroutine.wrap(function() coroutine.yield(i * 2) end)
        coroutine.yield(inner())
      end
    end)
  end
  local sum = 0
  for v in gen(15) do sum = sum + v end
  assert(sum == 240)
  local co = coroutine.create(function()
    local guard <close> = setmetatable({}, { __close = function() sum = 0 end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  assert(coroutine.close(co) and sum == 0)
end

function jobs.errors()
  local function fail(d) if d == 0 then error({ code = 42 }) end return (fail(d - 1)) end
  local ok, e = pcall(fail, 40)
  assert(not ok and e.code == 42)
  local ok2, trace = xpcall(function() local x = nil; return x.y end, debug.traceback)
  assert(not ok2 and trace:find("attempt to index a nil value"))
end

function jobs.recursion()
  local function deep(d) if d == 0 then return 0 end return 1 + deep(d - 1) end
  assert(deep(3000) == 3000)
end

function jobs.sorting()
  local t = {}
  for i = 1, 100 do t[i] = (i * 7919) % 101 end
  table.sort(t, function(a, b) return a > b end)
  for i = 2, #t do assert(t[i - 1] >= t[i]) end
end

function jobs.hooks()
  local count = 0
  local co = coroutine.create(function() for _ = 1, 1000 do end return "done" end)
  debug.sethook(co, function() count = count + 1 end, "", 100)
  local ok, r = coroutine.resume(co)
  assert(ok and r == "done" and count >= 9, count)
end

local order = {}
for name in pairs(jobs) do order[#order + 1] = name end
table.sort(order)

local function work(id)
  for round = 1, ROUNDS do
    local job = order[(round * (id + 3) + id) % #order + 1]
    jobs[job]()
    if round % 25 == 0 then collectgarbage() end
  end
  return id
end

local threads = {}
for id = 1, THREADS do threads[id] = thread.spawn(work, id) end
local failed = 0
for id = 1, THREADS do
  local r, e = threads[id]:join()
  if r ~= id then
    failed = failed + 1
    io.stderr:write(tostring(e), "\n")
  end
end
print(("%d passed, %d failed"):format(THREADS - failed, failed))
os.exit(failed == 0, true)
