-- The workloads themselves: all there, in shape, deterministic, independent of order, and checking.
local H = ...
local answers = require "gilt.lab.answers"
local builtin = require "gilt.lab.builtin"
local workload = require "gilt.lab.workload"
local test, eq, ok = H.test, H.eq, H.ok

local DIR = H.root .. "/scripts/workloads"

-- Small enough that all of them take a second.
local SMALL = {
  fib = { n = 12 }, loop = { span = 50 }, nbody = { steps = 20 },
    spectral = { n = 33, iterations = 5 },
  mandelbrot = { width = 20, limit = 30, rows = 8 }, sieve = { window = 500 },
    sort = { count = 60 },
  coroutines = { items = 50 }, tables = { operations = 300 }, strings = { lines = 20 },
  json = { records = 4 }, bintrees = { depth = 4, trees = 3 },
    dataset = { orders = 500, passes = 1 },
  ffi_matmul = { n = 9 }, ffi_zlib = { kb = 2 }, ffi_sqlite = { rows = 20, queries = 3 },
  index = { documents = 2, words = 60 }, cache = { questions = 20, limit = 30 },
  steal = { n = 6, split = 3 }, psort = { records = 40 },
    raytrace = { width = 8, rows = 2, spheres = 4 }, wordcount = { words = 100 },
  sleep = { ms = 0.01 }, pipe = { lines = 20 }, mixed = { waits = 2, ms = 0.01, steps = 50 },
}

local function prepared(name)
  local w = dofile(DIR .. "/" .. name .. ".lua")
  local params = { tasks = 8 }
  for key, default in pairs(w.params) do params[key] = default end
  for key, value in pairs(SMALL[name]) do params[key] = value end
  return w, params
end

-- No functions, threads or userdata, no cycles.
local function plain(value, depth)
  if type(value) ~= "table" then
    return value == nil or type(value) == "boolean" or type(value) == "number"
      or type(value) == "string"
  end
  if depth > 20 or getmetatable(value) then return false end
  for key, item in pairs(value) do
    if not plain(key, depth + 1) or not plain(item, depth + 1) then return false end
  end
  return true
end

-- Something different from a right result.
local function spoilt(value)
  if type(value) == "table" then
    local copy = {}
    for key, item in pairs(value) do copy[key] = spoilt(item) end
    return copy
  end
  if math.type(value) == "integer" then return value + 1 end
  return type(value) == "number" and value * 1.01 + 0.01 or value
end

test("at least fourteen, and the ones shown when none is named are among them", function()
  ok(#builtin.names >= 14)
  local known = {}
  for _, name in ipairs(builtin.names) do known[name] = true end
  for _, name in ipairs(builtin.default) do ok(known[name], name) end
  for name in pairs(SMALL) do ok(known[name], name) end
end)

-- Those that need a C library are left out where it is not installed or built.
local function installed(name)
  if not name:find "^ffi_" then return true end
  local w, params = prepared(name)
  local found, message = pcall(w.setup, params)
  if not found then print("skipped: " .. name .. ": " .. tostring(message)) end
  return found
end

for _, name in ipairs(builtin.names) do
  if not installed(name) then goto continue end
  test(name .. ": has all that `gilt list` shows", function()
    local w = assert(workload.load(DIR .. "/" .. name .. ".lua"))
    eq(w.name, name)
    ok(#w.about > 10 and #w.about < 60)
    ok(w.tasks >= 16 and w.tasks <= 64)
    ok(next(w.params) ~= nil)
  end)

  test(name .. ": same answers in any order and from a second context, and check accepts them",
    function()
    local w, params = prepared(name)
    local ctx = w.setup(params)
    local first, second = {}, {}
    for i = 1, params.tasks do first[i] = w.task(ctx, i) end
    local other = w.setup(params)
    for i = params.tasks, 1, -1 do second[i] = w.task(other, i) end
    eq(answers.compare(first, second, params.tasks, "forward"), nil)
    for i = 1, params.tasks do ok(plain(first[i], 0), "task " .. i) end
    eq(w.check(first, params), true)
  end)

  test(name .. ": check refuses a wrong answer", function()
    local w, params = prepared(name)
    local ctx = w.setup(params)
    local results = {}
    for i = 1, params.tasks do results[i] = w.task(ctx, i) end
    results[1] = spoilt(results[1])
    local accepted, message = w.check(results, params)
    eq(accepted, false)
    ok(type(message) == "string" and #message > 5)
  end)

  test(name .. ": teardown finds the context in order", function()
    local w, params = prepared(name)
    local ctx = w.setup(params)
    for i = 1, params.tasks, 2 do w.task(ctx, i) end -- as a worker that did a part
    if w.teardown then w.teardown(ctx) end
  end)

  test(name .. ": tasks don't write to the context or to globals", function()
    local w, params = prepared(name)
    if w.kind == "shared" then return end -- they do, by rules of their own
    local function frozen(value)
      if type(value) ~= "table" then return value end
      return setmetatable({}, {
        __index = function(_, key) return frozen(value[key]) end,
          __len = function() return #value end,
        __newindex = function(_, key) error("a task wrote to ctx." .. tostring(key)) end,
      })
    end
    w.task(frozen(w.setup(params)), 1)
  end)
  ::continue::
end

test("the list is the folder", function()
  local found = 0
  local listing = io.popen("ls '" .. DIR .. "'")
  for line in listing:lines() do
    local name = line:match("^(.*)%.lua$")
    if name then
      found = found + 1
      ok(SMALL[name], name .. ".lua is not in builtin.lua")
    end
  end
  listing:close()
  eq(found, #builtin.names)
end)
