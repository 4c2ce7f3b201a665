-- rounds.lua: takes the samples of one workload, round by round, and keeps the failures apart.
--
-- A rehearsal comes first: one serial sample that is not counted. It gives the answers that all
-- others must give, and the time that each sample will take. A configuration that fails once, be
-- it by an error, a death or another answer, is out for the rest of the run and none of its times
-- count; the others go on.

local answers = require "gilt.lab.answers"
local plan = require "gilt.lab.plan"
local style = require "gilt.lab.style"

local M = {}

-- Exit statuses, by what went wrong.
M.EXIT = { error = 1, died = 5, wrong = 6, interrupted = 130 }

local STATUS = { signal = M.EXIT.died, exit = M.EXIT.died, check = M.EXIT.wrong }

-- "task 3 on worker 2", or as much of it as is known.
local function place(problem)
  local task = problem.task and "task " .. problem.task
  local worker = problem.worker and "worker " .. problem.worker
  if task and worker then return task .. " on " .. worker end
  return task or worker
end

local function with_place(problem, text)
  local where = place(problem)
  return where and where .. ": " .. text or text
end

local DESCRIBE = {}

function DESCRIBE.load(p, message) return "the file did not load in the worker: " .. message end
function DESCRIBE.setup(p, message) return "setup failed: " .. message end
function DESCRIBE.error(p, message) return with_place(p, message) end
function DESCRIBE.check(p, message) return "wrong answer: check says: " .. message end
function DESCRIBE.runner(p, message) return with_place(p, message) end

function DESCRIBE.signal(p)
  local who = p.worker and "worker " .. p.worker or "the process"
  return ("%s was killed by %s%s"):format(who, p.signal or "a signal",
                                          p.task and " in task " .. p.task or "")
end

function DESCRIBE.exit(p)
  local who = p.worker and "worker " .. p.worker or "the process"
  return ("%s exited with status %s%s; a task must return, not exit"):format(who,
    p.status or "unknown", p.task and " in task " .. p.task or "")
end

function DESCRIBE.timeout(p, message, timeout_s)
  local limit = timeout_s and (" after %d s (--timeout)"):format(timeout_s) or ""
  return with_place(p, "still running" .. limit .. ", stopped")
end

function DESCRIBE.unsendable(p, message) return with_place(p, message) end

function DESCRIBE.yield(p)
  return with_place(p, "yielded; a task may resume coroutines of its own but not yield itself")
end

function DESCRIBE.memory(p, message)
  return with_place(p, "the memory limit was reached" .. (message ~= "" and ": " .. message or ""))
end

-- A failure { line, status, traceback, kind, task, worker } from a sample's error.
local function failure_of(problem, timeout_s)
  local describe = DESCRIBE[problem.kind] or DESCRIBE.error
  local message = style.plain(tostring(problem.message or ""))
  return {
    kind = problem.kind, line = describe(problem, message, timeout_s),
    status = STATUS[problem.kind] or M.EXIT.error, traceback = problem.traceback,
    task = problem.task, worker = problem.worker, signal = problem.signal,
  }
end

-- The mode that ran is what the workers said, and it must be what was asked for.
local function mode_problem(config, sample)
  if sample.mode ~= config.mode or sample.workers ~= config.workers then
    return ("asked for %s with %d, but the workers ran %s with %s"):format(
      config.mode, config.workers, tostring(sample.mode), tostring(sample.workers))
  end
end

-- Judges a sample against the reference answers (nil in the rehearsal). nil if it may be counted.
local function judge(run, config, sample)
  if sample.error then return failure_of(sample.error, run.options.timeout_s) end
  local problem = mode_problem(config, sample)
  if problem then return { kind = "runner", line = problem, status = M.EXIT.error } end
  if not (sample.wall_ns and sample.wall_ns > 0) then
    return { kind = "runner", line = "the sample has no time", status = M.EXIT.error }
  end
  if run.reference then
    local text, task = answers.compare(run.reference, sample.results, run.tasks, "serial")
    if text then
      return { kind = "wrong", line = "wrong answer: " .. text, status = M.EXIT.wrong, task = task }
    end
  end
end

local function take(run, config)
  local spec = {
    file = run.workload.file, params = run.params, tasks = run.tasks, mode = config.mode,
    workers = config.workers, timeout_s = run.options.timeout_s,
    interval_ns = run.options.interval_ns, policy = run.options.policy,
    memory_limit = run.options.memory_limit,
  }
  local ok, sample = pcall(run.exp.sample, spec)
  if ok then return sample end
  return { error = { kind = "runner", message = tostring(sample) } }
end

local function interrupted(run, sample)
  if run.exp.interrupted() or (sample and sample.interrupted) then run.interrupted = true end
  return run.interrupted
end

-- Expected nanoseconds of one sample, for the time left.
local function expected_ns(run, config)
  local parallel = config.mode ~= "serial" and config.mode ~= "threads"
  local speed = parallel and math.min(config.workers, run.cores) or 1
  return run.setup_ns + run.serial_ns / speed
end

function M.expected_total(run)
  local sum = 0
  for _, config in ipairs(run.configs) do sum = sum + expected_ns(run, config) end
  return sum * run.options.rounds
end

-- A run that has not begun. `context` carries exp, cores, options { rounds, timeout_s, ... }.
function M.new(workload, params, configs, context)
  return {
    workload = workload, params = params, tasks = params.tasks, configs = configs,
    exp = context.exp, cores = context.cores, options = context.options,
    samples = {}, failures = {}, serial_ns = 350e6, setup_ns = 10e6, rounds_done = 0,
  }
end

-- The rehearsal. Returns true if the rounds may begin; else run.failed or run.interrupted is set.
function M.rehearse(run)
  if interrupted(run) then return false end
  local config = run.configs[1]
  local sample = take(run, config)
  if interrupted(run, sample) then return false end
  run.failed = judge(run, config, sample)
  if run.failed then return false end
  run.reference = sample.results
  run.serial_ns, run.setup_ns = sample.wall_ns, (sample.setup_ns or 0) + (sample.startup_ns or 0)
  return true
end

local function fail(run, index, failure)
  run.failures[index] = failure
  if run.configs[index].mode == "serial" then -- without serial there is nothing to compare with
    for other, config in ipairs(run.configs) do
      if config.mode == "serial" then run.failures[other] = failure end
    end
    run.failed = failure
  end
end

-- One sample of a round; false if the run is over.
local function step(run, index, round, position, on_sample)
  local config = run.configs[index]
  if run.failures[index] then
    on_sample(config, expected_ns(run, config), nil)
    return true
  end
  local sample = take(run, config)
  if interrupted(run, sample) then return false end
  local failure = judge(run, config, sample)
  if failure then
    fail(run, index, failure)
  else
    sample.results = nil -- compared; a large answer need not be kept for every sample
    local entry = { index = index, round = round, position = position, sample = sample }
    run.samples[#run.samples + 1] = entry
  end
  on_sample(config, expected_ns(run, config), failure)
  return not run.failed
end

-- The rounds. on_start(config, round) is called before and on_sample(config, expected_ns, failure)
-- after each sample.
function M.run(run, on_start, on_sample)
  for round = 1, run.options.rounds do
    for position, index in ipairs(plan.order(#run.configs, round)) do
      if interrupted(run) then return end
      on_start(run.configs[index], round)
      if not step(run, index, round, position, on_sample) then return end
    end
    run.rounds_done = round
  end
end

return M
