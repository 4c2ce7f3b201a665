-- fake_experiment.lua: stands in for gilt.experiment, the C module that measures. It runs the
-- workload's tasks for real, in this process, and makes up deterministic times: threads as a GIL
-- would have them, processes and isolates in parallel, all with a little reproducible noise.
--
-- new{ cores, tty, columns, env, directories, interrupt_after = n samples,
--      fault = function(spec, n) -> error table for sample n, or nil,
--      alter = function(sample, spec, n) to change a finished sample }

local time_module = { sleep = function() end }

local M = {}

-- A reproducible number in [-1, 1) for sample n.
local function noise(n)
  local x = (n * 2654435761 + 12345) & 0xffffffff
  x = (x ~ (x >> 16)) * 2246822519 & 0xffffffff
  x = (x ~ (x >> 13)) * 3266489917 & 0xffffffff
  return ((x ~ (x >> 16)) % 20000) / 10000 - 1
end

-- The share of a task that computes rather than waits, by kind.
local CPU_SHARE = { cpu = 1.0, shared = 1.0, alloc = 1.0, data = 1.0, io = 0.01, mixed = 0.45 }

-- Wall time of `serial_ns` of work in a mode.
local function wall_in(spec, kind, serial_ns, cores)
  local cpu = CPU_SHARE[kind] or 1.0
  local n = spec.workers
  local at_once = spec.mode == "threads" and 1 or math.min(n, cores)
  if spec.mode == "serial" then return serial_ns end
  local bound = serial_ns * cpu / at_once
  local lonely = serial_ns / n
  local wall = math.max(bound, lonely)
  if spec.mode == "threads" and cpu > 0.9 then wall = wall * 1.01 end
  if spec.mode == "processes" then wall = wall * 1.02 end
  return wall
end

local function gil_stats(spec, wall, cpu)
  if spec.mode == "isolates" then return nil end
  local threads = spec.mode == "threads"
  return {
    hold_ns = cpu, wait_ns = threads and math.floor(wall * spec.workers) - cpu or 0,
    acquisitions = 100 * spec.workers, contended = threads and 60 or 0,
    switches_requested = threads and math.floor(wall / 5e6) or 0,
    switches_voluntary = spec.workers,
  }
end

local function run_tasks(spec)
  local env = setmetatable({}, { __index = _G })
  local chunk, message = loadfile(spec.file, "t", env)
  if not chunk then return nil, { kind = "load", message = message } end
  local ok, workload = pcall(chunk)
  if not ok then return nil, { kind = "load", message = workload } end
  local ctx
  if workload.setup then
    ok, ctx = pcall(workload.setup, spec.params)
    if not ok then return nil, { kind = "setup", message = ctx } end
  end
  local results = {}
  for i = 1, spec.tasks do
    local result
    ok, result = pcall(workload.task, ctx, i)
    if not ok then
      return nil, { kind = "error", message = result, task = i, worker = 1,
                    traceback = "stack traceback:\n\t[fake]: in function 'task'" }
    end
    results[i] = result
  end
  if workload.check then
    local good
    ok, good, message = pcall(workload.check, results, spec.params)
    if not ok or not good then
      return nil, { kind = "check", message = tostring(ok and message or good) }
    end
  end
  return results, nil, workload.kind or "cpu"
end

local function make_sample(spec, results, kind, n, cores)
  local wall = wall_in(spec, kind, 320e6, cores) * (1 + 0.008 * noise(n))
  local cpu = math.floor(320e6 * (CPU_SHARE[kind] or 1) * (1 + 0.004 * noise(n + 1000)))
  local parallel = spec.mode ~= "serial"
  local sample = {
    mode = spec.mode, requested_mode = spec.mode, workers = spec.workers,
      gil = spec.mode ~= "isolates",
    tasks = spec.tasks, pid = 4000 + n, wall_ns = math.floor(wall),
    startup_ns = math.floor((spec.mode == "processes" and 420e3 or parallel and 65e3 or 2e3)
      * spec.workers * (1 + 0.1 * noise(n + 7))),
    setup_ns = kind == "data" and 35000000 or 150000, cpu_ns = cpu, runq_ns = 0,
    nvcsw = spec.mode == "threads" and 130 or 4, nivcsw = 6 + math.floor(3 * noise(n + 3)),
    minflt = spec.mode == "processes" and 2300 or 410, majflt = 0,
    peak_kb = kind == "data" and (spec.mode == "processes" and 41000
      or spec.mode == "isolates" and 24000 * spec.workers or 25000) or 3100 + 900 * spec.workers,
    gil_stats = gil_stats(spec, wall, cpu), per_worker = {}, results = results, check = true,
  }
  for w = 1, spec.workers do
    sample.per_worker[w] = { tasks = spec.tasks // spec.workers, cpu_ns = cpu // spec.workers }
  end
  return sample
end

function M.new(settings)
  settings = settings or {}
  local exp = { count = 0, specs = {} }
  local clock = 0
  local cores = settings.cores or 2
  package.loaded["gilt.time"] = package.loaded["gilt.time"] or time_module

  function exp.sample(spec)
    exp.count = exp.count + 1
    exp.specs[exp.count] = spec
    local problem = settings.fault and settings.fault(spec, exp.count)
    local results, kind
    if not problem then results, problem, kind = run_tasks(spec) end
    local sample = { mode = spec.mode, requested_mode = spec.mode, workers = spec.workers }
    if problem then
      sample.error = problem
    else
      sample = make_sample(spec, results, kind, exp.count, cores)
      clock = clock + sample.wall_ns
    end
    if settings.alter then settings.alter(sample, spec, exp.count) end
    if settings.interrupt_after and exp.count > settings.interrupt_after then
      sample.interrupted = true
    end
    return sample
  end

  function exp.now_ns() return clock end
  function exp.ncores() return cores end
  function exp.columns() return settings.columns or 100 end
  function exp.isatty(fd) return settings.tty and (settings.tty == true or settings.tty[fd])
    or false end
  function exp.interrupted()
    return settings.interrupt_after ~= nil and exp.count > settings.interrupt_after
  end
  function exp.environment()
    return settings.env or { cpu_model = "Pretend CPU 3000", cores = cores, kernel = "Linux 6.1",
                             lua = "Lua 5.4.4", gil = true, version = "0.0" }
  end
  function exp.policies() return { "adaptive", "fair", "forced" } end
  function exp.workload_dir() return settings.directories or { "scripts/workloads" } end
  return exp
end

return M
