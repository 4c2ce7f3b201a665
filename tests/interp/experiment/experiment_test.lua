-- experiment_test.lua: samples that go well, and every fault of a workload, in every mode.
-- Run by gilt: gilt run experiment_test.lua DIRECTORY [PART], where DIRECTORY may be written to.

local exp = require "gilt.experiment"

local directory, part = arg[1], arg[2]
local MODES = { "serial", "threads", "processes", "isolates" }
if not exp.environment().gil then table.remove(MODES, 2) end
if exp.environment().free then table.insert(MODES, "free") end

local failures, checks = 0, 0

local function fail(name, ...)
  failures = failures + 1
  io.stderr:write("not ok  ", name, ": ", table.concat({ ... }), "\n")
end

local function expect(name, got, want)
  checks = checks + 1
  if got ~= want and not (type(want) == "function" and want(got)) then
    local shown = type(want) == "function" and "something else" or tostring(want)
    fail(name, "got ", tostring(got), ", wanted ", shown)
    return false
  end
  return true
end

local function matches(pattern)
  return function(text) return type(text) == "string" and text:find(pattern) ~= nil end
end

local function file_of(name, text)
  local path = directory .. "/" .. name .. ".lua"
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
  return path
end

-- A sample of a workload given as text. Serial has one worker, the others three.
local function sample(mode, name, text, more)
  local spec = { file = file_of(name, text), params = {}, tasks = 8, mode = mode,
                 workers = mode == "serial" and 1 or 3, timeout_s = tonumber(os.getenv("GILT_TEST_TIMEOUT")) or 20 }
  for k, v in pairs(more or {}) do spec[k] = v end
  return exp.sample(spec)
end

-- Runs it in each mode; the error must have these fields.
local function expect_error(name, text, want, more)
  for _, mode in ipairs(MODES) do
    local s = sample(mode, name, text, more)
    local where = name .. " in " .. mode
    if not s.error then
      fail(where, "no error")
    else
      for field, value in pairs(want) do
        if not expect(where .. ", " .. field, s.error[field], value) then
          io.stderr:write("        message: ", tostring(s.error.message), "\n")
        end
      end
    end
    expect(where .. ", check", s.check, nil)
  end
end

local parts = {}

function parts.good()
  local text = [[
    return {
      setup = function(p) return { base = p.base, name = p.name, half = p.half, on = p.on } end,
      task = function(ctx, i)
        assert(ctx.name == "x y" and ctx.half == 0.5 and ctx.on == true)
        return { i = i, square = ctx.base * i * i, text = ("<%d>"):format(i), third = i / 3 }
      end,
      check = function(results, p)
        for i, r in ipairs(results) do
          if r.square ~= p.base * i * i then return false, "wrong square" end
        end
        return #results == 20
      end,
    }]]
  for _, mode in ipairs(MODES) do
    for workers = 1, mode == "serial" and 1 or 5 do
      local s = sample(mode, "good", text, { tasks = 20, workers = workers,
        params = { base = 3, name = "x y", half = 0.5, on = true } })
      local where = mode .. " with " .. workers
      expect(where .. ": error", s.error and s.error.message, nil)
      expect(where .. ": mode", s.mode, mode)
      expect(where .. ": requested", s.requested_mode, mode)
      expect(where .. ": workers", s.workers, workers)
      expect(where .. ": check", s.check, true)
      expect(where .. ": results", #s.results, 20)
      local tasks, cpu, runq = 0, 0, 0
      for i, r in ipairs(s.results) do
        expect(where .. ": result", r.i == i and r.square == 3 * i * i and r.third == i / 3
          and math.type(r.i) == "integer" and r.text == "<" .. i .. ">", true)
      end
      for _, w in ipairs(s.per_worker) do
        tasks, cpu, runq = tasks + w.tasks, cpu + w.cpu_ns, runq + w.runq_ns
        expect(where .. ": wall of a worker", w.wall_ns <= s.wall_ns, true)
      end
      expect(where .. ": per worker", #s.per_worker, workers)
      expect(where .. ": tasks", tasks, 20)
      expect(where .. ": cpu", cpu, s.cpu_ns)
      expect(where .. ": run queue", runq, s.runq_ns)
      expect(where .. ": positive", s.wall_ns > 0 and s.startup_ns > 0 and s.peak_kb > 0
        and s.pid > 0, true)
      expect(where .. ": lock", s.gil_stats ~= nil, exp.environment().gil)
    end
  end
end

function parts.values()
  -- nil results, cycles, shared tables, exact floats, as a task may return them
  local text = [[
    return { task = function(_, i)
      if i == 1 then return nil end
      if i == 2 then local t = {}; t.self = t; return t end
      if i == 3 then local s = {}; return { a = s, b = s } end
      if i == 4 then return 0.1 end
      if i == 5 then return math.mininteger end
      if i == 6 then return "a\0b" end
      if i == 7 then return false end
      return 1 / 0
    end }]]
  for _, mode in ipairs(MODES) do
    local s = sample(mode, "values", text)
    local r = s.results
    expect(mode .. ": error", s.error and s.error.message, nil)
    expect(mode .. ": nil", r[1], nil)
    expect(mode .. ": cycle", r[2] and r[2].self, r[2])
    expect(mode .. ": shared", r[3] and r[3].a == r[3].b and type(r[3].a), "table")
    expect(mode .. ": float", r[4], 0.1)
    expect(mode .. ": integer", r[5], math.mininteger)
    expect(mode .. ": string", r[6], "a\0b")
    expect(mode .. ": false", r[7], false)
    expect(mode .. ": infinity", r[8], 1 / 0)
    expect(mode .. ": no check", s.check, nil)
  end
end

function parts.shared_setup()
  local text = [[
    local setups = 0
    return {
      setup = function() setups = setups + 1; return { marks = {} } end,
      task = function(ctx, i)
        ctx.marks[i] = true
        local n = 0
        for _ in pairs(ctx.marks) do n = n + 1 end
        return { setups = setups, marks = n, gilt = require "gilt".mode,
                 worker = require "gilt".worker, workers = require "gilt".workers }
      end,
      teardown = function(ctx) assert(ctx.marks and setups == 1) end,
    }]]
  for _, mode in ipairs(MODES) do
    local s = sample(mode, "shared_setup", text)
    expect(mode .. ": error", s.error and s.error.message, nil)
    local most = 0
    for _, r in ipairs(s.results) do
      expect(mode .. ": one setup", r.setups, 1)
      expect(mode .. ": gilt.mode", r.gilt, mode)
      expect(mode .. ": gilt.workers", r.workers, mode == "serial" and 1 or 3)
      expect(mode .. ": gilt.worker", r.worker >= 1 and r.worker <= 3, true)
      most = math.max(most, r.marks)
    end
    -- one ctx for all: the last task sees all marks
    if mode == "serial" or mode == "threads" then expect(mode .. ": ctx", most, 8) end
  end
end

function parts.loading()
  for _, mode in ipairs(MODES) do
    local function load_error(name, file, pattern)
      local s = exp.sample { file = file, params = {}, tasks = 2, mode = mode, workers = 1 }
      expect(name .. " in " .. mode, s.error and s.error.kind, "load")
      expect(name .. " in " .. mode, s.error and s.error.message, matches(pattern))
    end
    load_error("missing", directory .. "/nowhere.lua", "nowhere")
    load_error("directory", directory, "directory")
    load_error("syntax", file_of("syntax", "return {"), "syntax.lua:1:")
    load_error("no table", file_of("no_table", "return 3"), "not a table")
    load_error("nothing", file_of("nothing", ""), "returned nothing")
    load_error("no task", file_of("no_task", "return {}"), "task")
    load_error("raises", file_of("raises", "error 'on load'"), "on load")
    load_error("binary", file_of("binary", string.dump(function() return {} end)), "binary")
  end
end

function parts.errors()
  expect_error("setup", "return { setup = function() error('no luck') end, task = print }",
    { kind = "setup", message = matches("setup.lua:1: no luck"), traceback = matches("traceback"),
      task = nil })
  expect_error("task3", [[
    local function inner(i) if i == 3 then error("task is ill") end end
    return { task = function(_, i) inner(i) return i end }]],
    { kind = "error", message = matches("^[^\n]*task3.lua:1: task is ill$"), task = 3,
      traceback = matches("inner"), worker = function(w) return w >= 1 and w <= 3 end })
  expect_error("object", "return { task = function(_, i) error { code = i } end }",
    { kind = "error", message = matches("^table: ") })
  expect_error("tostring", [[return { task = function()
      error(setmetatable({}, { __tostring = function() return "told" end })) end }]],
    { kind = "error", message = "told" })
  expect_error("bad_tostring", [[return { task = function()
      error(setmetatable({}, { __tostring = function() error "again" end })) end }]],
    { kind = "error" })
  expect_error("no_value", "return { task = function() error() end }", { kind = "error", message = "nil" })
  expect_error("teardown", "return { task = function() end, teardown = function() error 'left' end }",
    { kind = "error", message = matches("in teardown: .*left") })
  expect_error("yields", [[return { task = function(_, i)
      if i == 2 then coroutine.yield(1) end return i end }]], { kind = "yield", task = 2 })
  expect_error("inner_yield", [[return { task = function(_, i)
      return coroutine.wrap(function() string.gsub("x", "x", coroutine.yield) end)() end }]],
    { kind = "error", message = matches("yield across a C%-call boundary") })
  expect_error("deep", "local function f() return 1 + f() end return { task = f }",
    { kind = "error", message = matches("stack overflow") }, { tasks = 1, timeout_s = 60 })
end

function parts.check()
  expect_error("check_false", "return { task = function() return 1 end, check = function() return false, 'off by one' end }",
    { kind = "check", message = "off by one" })
  expect_error("check_nothing", "return { task = function() return 1 end, check = function() end }",
    { kind = "check", message = matches("wrong") })
  expect_error("check_raises", "return { task = function() return 1 end, check = function(r) assert(r[1] == 2, 'two!') end }",
    { kind = "check", message = matches("two!") })
end

function parts.unsendable()
  local function returning(name, expression, why)
    expect_error(name, "return { task = function(_, i) if i == 3 then return " .. expression .. " end return i end }",
      { kind = "unsendable", task = 3, message = "returned " .. why })
  end
  returning("function", "print", "a function")
  returning("nested", "{ x = { 1, print } }", "a table with a function at .x[2]")
  returning("thread", "{ [true] = coroutine.create(print) }", "a table with a coroutine at [true]")
  returning("userdata", "{ ['a b'] = io.stdout }", 'a table with a userdata at ["a b"]')
  returning("metatable", "{ o = setmetatable({}, {}) }", "a table with a table with a metatable at .o")
  returning("key", "{ t = { [print] = 1 } }", "a table with a function as a key of .t")
end

function parts.deaths()
  expect_error("exit", "return { task = function(_, i) if i == 3 then os.exit(7) end return i end }",
    { kind = "exit", status = 7, task = 3 })
  expect_error("exit0", "return { task = function(_, i) if i == 3 then os.exit(0) end return i end }",
    { kind = "exit", status = 0, task = 3 })
  -- Whoever exits is named, though others are on tasks of their own just then.
  expect_error("exit_beside", [[return { task = function(_, i)
      if i == 3 then os.exit(7) end
      require "gilt.time".sleep(0.01)
      return i
    end }]], { kind = "exit", status = 7, task = 3 })
  expect_error("exit_setup", "return { setup = function() os.exit(9) end, task = print }",
    { kind = "exit", status = 9 })
  -- The task that dies is the only one running: a crash of the whole process can then be placed.
  for signal, name in pairs { KILL = "SIGKILL", SEGV = "SIGSEGV", ABRT = "SIGABRT" } do
    local text = ([[
      local function pid()
        local f = assert(io.open("/proc/self/stat"))
        local n = f:read("n")
        f:close()
        return n
      end
      return { task = function(_, i)
        if i == 3 then
          os.execute("kill -%s " .. pid())
          while true do end
        end
        return i
      end }]]):format(signal)
    expect_error("die_" .. signal, text, { kind = "signal", signal = name })
    local s = sample("processes", "die_" .. signal, text)
    expect("die in processes: task", s.error.task, 3)
    expect("die in processes: worker", s.error.worker ~= nil, true)
  end
end

function parts.timeouts()
  expect_error("endless", "return { task = function(_, i) if i == 3 then while true do end end return i end }",
    { kind = "timeout", task = 3 }, { timeout_s = 0.3 })
  expect_error("endless_setup", "return { setup = function() while true do end end, task = print }",
    { kind = "timeout" }, { timeout_s = 0.3 })
  expect_error("endless_load", "while true do end", { kind = "timeout", message = matches("loaded") },
    { timeout_s = 0.3 })
  expect_error("endless_check", "return { task = type, check = function() while true do end end }",
    { kind = "timeout", message = matches("check") }, { timeout_s = 0.3 })
  -- a task that waits for a child of its own: all of them must go
  local length = 1000000 + io.open("/proc/self/stat"):read("n") -- told from other runs of this test
  expect_error("popen", ("return { task = function() io.popen('sleep %d; true'):read('a') end }")
    :format(length), { kind = "timeout" }, { timeout_s = 0.3 })
  local f = io.popen("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '[s]leep " .. length .. "'")
  expect("no sleeper is left", f:read("n"), 0)
  f:close()
end

function parts.memory()
  expect_error("hog", [[return { task = function(_, i)
      if i ~= 3 then return i end
      local t = {}
      while true do t[#t + 1] = ("x"):rep(1000) .. #t end
    end }]], { kind = "memory", task = 3 }, { memory_limit = 20000000 })
  expect_error("hog_setup", [[return { setup = function()
      local t = {}
      while true do t[#t + 1] = ("x"):rep(1000) .. #t end
    end, task = print }]], { kind = "memory" }, { memory_limit = 20000000 })
  expect_error("tiny", "return { task = print }", { kind = "memory" }, { memory_limit = 1000 })
end

function parts.specs()
  local path = file_of("ok", "return { task = function(_, i) return i end }")
  local good = { file = path, params = {}, tasks = 1, mode = "serial", workers = 1 }
  local function refused(field, value, pattern)
    local spec = {}
    for k, v in pairs(good) do spec[k] = v end
    spec[field] = value
    local ok, message = pcall(exp.sample, spec)
    expect("bad " .. field, ok, false)
    expect("bad " .. field, message, matches(pattern))
  end
  refused("file", nil, "file")
  refused("file", {}, "file")
  refused("mode", "paralel", "paralel")
  refused("mode", nil, "mode")
  refused("workers", 0, "workers")
  refused("workers", -1, "workers")
  refused("workers", 100000, "workers")
  refused("workers", "two", "workers")
  refused("tasks", 0, "tasks")
  refused("tasks", 1.5, "tasks")
  refused("timeout_s", -1, "timeout_s")
  refused("timeout_s", 0 / 0, "timeout_s")
  refused("params", 3, "params")
  refused("params", { f = print }, "function at %.f")
  refused("policy", 3, "policy")
  expect("nothing", (pcall(exp.sample)), false)
  local s = exp.sample { file = path, params = {}, tasks = 1, mode = "serial", workers = 2 }
  expect("serial with two", s.error and s.error.kind, "runner")
  if exp.environment().gil then
    s = exp.sample { file = path, params = {}, tasks = 1, mode = "serial", workers = 1, policy = "nosuch" }
    expect("unknown policy", s.error and s.error.kind, "runner")
    expect("unknown policy", s.error and s.error.message, matches("policy"))
  end
end

function parts.environment()
  local env = exp.environment()
  for _, field in ipairs { "cpu_model", "kernel", "compiler", "lua", "version" } do
    expect("environment." .. field, type(env[field]), "string")
  end
  expect("cores", env.cores, exp.ncores())
  expect("cores", env.cores >= 1, true)
  expect("columns", exp.columns() > 0, true)
  expect("isatty", exp.isatty(-1), false)
  expect("clock", exp.now_ns() <= exp.now_ns(), true)
  expect("interrupted", exp.interrupted(), false)
  expect("modes", #exp.modes(), #MODES)
  expect("policies", #exp.policies() > 0, exp.environment().gil)
  expect("workload_dir", type(exp.workload_dir()), "table")
end

-- A function in a process of its own.
function parts.apart()
  local self = 'os.execute("kill -%s " .. io.open("/proc/self/stat"):read("n"))'
  local function fault(name, kind, code, more)
    local value, problem = exp.apart(name == "endless" and 1 or nil, load(code))
    expect(name .. ": no value", value, nil)
    expect(name .. ": kind", problem and problem.kind, kind)
    for key, want in pairs(more or {}) do expect(name .. ": " .. key, problem[key], want) end
  end
  local value, problem = exp.apart(5, function(...) return { select("#", ...), ... } end, 1, nil, "x")
  expect("a table", value and value[1] == 3 and value[2] == 1 and value[4] == "x", true)
  expect("no error", problem, nil)
  expect("false is a value", exp.apart(5, function() return false end), false)
  touched = 1
  exp.apart(5, function() touched = 2 end)
  expect("this process is not touched", touched, 1)
  fault("error", "error", "error('boom', 0)", { message = "boom" })
  fault("error object", "error", "error({})")
  fault("no value to send", "unsendable", "return print")
  fault("exit", "exit", "os.exit(7)", { status = 7 })
  fault("exit 0", "exit", "os.exit(0)", { status = 0 })
  fault("exit, closing", "exit", "os.exit(3, true)", { status = 3 })
  fault("killed", "signal", self:format("KILL"), { signal = "SIGKILL" })
  fault("crashed", "signal", self:format("SEGV"), { signal = "SIGSEGV" })
  fault("endless", "timeout", "while true do end")
end

-- Ctrl-C while a sample runs: the sample ends, says so, and the next one is refused work.
function parts.interrupt()
  expect("catch", exp.catch_interrupts(true), true)
  local s = sample("serial", "interrupts", [[return { task = function()
    os.execute("read _ _ _ supervisor _ < /proc/$PPID/stat; kill -INT $supervisor")
    while true do end end }]])
  expect("interrupted sample", s.interrupted, true)
  expect("interrupted()", exp.interrupted(), true)
  expect("no error", s.error, nil)
end

local names = {}
for name in pairs(parts) do
  if not part or part == name then names[#names + 1] = name end
end
table.sort(names)
if #names == 0 then error("there is no part " .. tostring(part)) end
for _, name in ipairs(names) do parts[name]() end
print(("%d checks, %d failures"):format(checks, failures))
os.exit(failures == 0)
