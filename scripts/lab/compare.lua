-- compare.lua: `gilt compare`, the experiment: the same workloads in every mode, interleaved,
-- checked against each other, and explained.

local builtin = require "gilt.lab.builtin"
local options = require "gilt.lab.options"
local output = require "gilt.lab.output"
local plan = require "gilt.lab.plan"
local progress = require "gilt.lab.progress"
local report_data = require "gilt.lab.report_data"
local report_html = require "gilt.lab.report_html"
local report_text = require "gilt.lab.report_text"
local rounds = require "gilt.lab.rounds"
local style_of = require "gilt.lab.style"
local suggest = require "gilt.lab.suggest"
local summary_of = require "gilt.lab.summary"
local workload_of = require "gilt.lab.workload"

local M = {}

local MODES = { "serial", "threads", "free", "processes", "isolates" }
local WORKERS_MAX = 1024
local TIMEOUT_S = 120
local INTERVAL_MIN, INTERVAL_MAX = 20000, 10000000000 -- nanoseconds, as in gilt/gil.h

M.command = {
  name = "compare",
  usage = "gilt compare [OPTION...] [WORKLOAD...]",
  summary = "Runs Lua workloads serially, as threads under one GIL, as threads with the GIL off (free, "
    .. "on gilt's own core), as processes with a GIL each and as isolated interpreters, and says how "
    .. "fast each was, how sure that is, and why.",
  examples = {
    { "gilt compare", "six workloads that stand for all, in about a minute" },
    { "gilt compare fib sleep", "two of the built-in workloads (`gilt list` shows them)" },
    { "gilt compare ./my.lua --param n=1000", "a workload of your own, with a parameter" },
    { "gilt compare wordcount --modes threads,free", "the GIL on and off, where workers share data" },
    { "gilt compare mixed --workers 1,2,4,8 --rounds 15", "how it scales, with tighter intervals" },
    { "gilt compare --html report.html", "the same as a page to open, print and send" },
    { "gilt compare json --modes threads,processes --json - | jq .workloads[0].answer",
      "results for a program" },
  },
  operands = { name = "WORKLOAD", many = true },
  options = {
    { name = "modes", short = "m", type = "choices", value = "LIST", noun = "mode", among = MODES,
      help = "modes to compare with serial: threads, free, processes, isolates or all (default: all)" },
    { name = "workers", short = "w", type = "integers", value = "LIST", min = 1, max = WORKERS_MAX,
      help = "numbers of workers, such as 1,2,4 (default: the cores, at least 2 and at most 4)" },
    { name = "rounds", short = "r", type = "integer", value = "N", min = 1, max = 1000, default = 9,
      help = "rounds to measure; each takes every mode once and serial twice (default: 9; from 6 "
        .. "on the intervals have 95 % confidence)" },
    { name = "param", short = "p", type = "pair", value = "NAME=VALUE",
      help = "set a parameter of the workloads, or of one: fib.n=20; tasks=N sets the number of "
        .. "tasks; may be repeated" },
    { name = "json", type = "string", value = "FILE",
      help = "write everything, all samples included, as JSON (- for standard output)" },
    { name = "csv", type = "string", value = "FILE",
      help = "write the samples as CSV, a row each (- for standard output)" },
    { name = "html", type = "string", value = "FILE",
      help = "write a page with charts, tables and the raw data; it opens offline (- for standard output)" },
    { name = "timeout", short = "t", type = "integer", value = "SECONDS", min = 0, max = 86400,
      default = TIMEOUT_S,
      help = ("stop a sample that takes longer (default: %d; 0 for no limit)"):format(TIMEOUT_S) },
    { name = "interval", type = "duration", value = "TIME",
      help = "switch interval of the GIL, such as 20us (default: 5ms)" },
    { name = "policy", type = "string", value = "NAME", help = "hand-off policy of the GIL" },
    { name = "memory-limit", type = "size", value = "SIZE",
      help = "memory that the Lua heap of a worker may take, such as 64M" },
  },
  notes = {
    "A workload is a Lua file that returns a table with a function task(ctx, i); "
      .. "scripts/workloads/README.md shows how to write one. The report goes to standard output "
      .. "(to standard error if --json, --csv or --html take that), progress to standard error.",
    "Speed-up is serial time divided by the mode's time, both of the same round; the interval "
      .. "covers the true median with the confidence named. Ctrl-C ends the run and reports what "
      .. "there is.",
  },
  exits = {
    { 0, "done" },
    { 1, "a workload failed (its error, a time-out), or an output could not be written" },
    { 2, "wrong usage" }, { 5, "a worker died" }, { 6, "wrong or differing answers" },
    { 130, "interrupted; what was measured is reported" },
  },
}

-- What main() works with: the C side, the streams, and how they may be written to.
local function session_of(context)
  local exp = context.exp or require "gilt.experiment"
  local session = {
    exp = exp, stdout = context.stdout or io.stdout, stderr = context.stderr or io.stderr,
    status = 0,
  }
  session.stderr_tty = exp.isatty(2)
  session.stdout_tty = exp.isatty(1)
  session.env = exp.environment() or {}
  return session
end

local function complain(session, text) session.stderr:write("gilt compare: ", text, "\n") end

local function usage_error(session, text)
  complain(session, text)
  session.stderr:write("Try `gilt help compare`.\n")
  return 2
end

-- The worst thing that happened decides: interrupted, wrong answer, death, error.
local RANK = { [0] = 0, [1] = 1, [5] = 2, [6] = 3, [130] = 4 }

local function worsen(session, status)
  if RANK[status] > RANK[session.status] then session.status = status end
end

local function has_free(modes)
  for _, mode in ipairs(modes) do
    if mode == "free" then return true end
  end
  return false
end

-- Which modes and worker counts, as configurations; nil and what is wrong.
local function configurations(session, values)
  local modes, has_gil, can_free = values.modes, session.env.gil ~= false, session.env.free
  if not modes or #modes == #MODES then -- all that this build has
    modes = {}
    for _, mode in ipairs(MODES) do
      if (has_gil or mode ~= "threads") and (can_free or mode ~= "free") then modes[#modes + 1] = mode end
    end
  elseif has_free(modes) and not can_free then
    return nil, "mode free needs gilt's own core, and this gilt is built with the stock one"
  elseif not has_gil then
    for _, mode in ipairs(modes) do
      if mode == "threads" then
        return nil, "this gilt is built without a GIL (GILT_GIL=OFF), so mode threads can't run; "
          .. "use isolates"
      end
    end
  end
  local workers = values.workers or { math.max(2, math.min(4, session.exp.ncores())) }
  return plan.configurations(modes, workers)
end

-- What is wrong with --policy or --interval; nil if nothing is.
local function lock_problem(session, values)
  local policy, interval = values.policy, values.interval
  if session.env.gil == false and (policy or interval) then
    return ("--%s: this gilt is built without a GIL (GILT_GIL=OFF), so there is nothing to set"):
      format(policy and "policy" or "interval")
  end
  if interval and (interval < INTERVAL_MIN or interval > INTERVAL_MAX) then
    return "--interval: must be between 20us and 10s"
  end
  local known = session.exp.policies and session.exp.policies()
  if not policy or not known then return nil end
  for _, name in ipairs(known) do
    if name == policy then return nil end
  end
  return ('--policy: unknown policy "%s"%s (there are: %s)'):format(
    style_of.plain(policy), suggest.hint(policy, known), table.concat(known, ", "))
end

-- Loads the workloads and settles their parameters, before anything runs. An override must be
-- known to every workload it is meant for. Returns jobs, or nil, exit status and one line.
local function jobs_of(session, names, overrides, timeout_s)
  local jobs, seen = {}, {}
  local directories = session.exp.workload_dir()
  for _, name in ipairs(names) do
    local path, workload, params, problem, status
    path, problem = workload_of.find(name, directories)
    if not path then return nil, 2, problem end
    workload, problem, status = workload_of.inspect(path, session.exp, timeout_s)
    if not workload then return nil, status, problem end
    params, problem = workload_of.resolve(workload, overrides)
    if not params then return nil, 2, problem end
    if not seen[path] then jobs[#jobs + 1] = { workload = workload, params = params } end
    seen[path], seen[workload.name] = true, true
  end
  for _, override in ipairs(overrides) do
    local target = override[1]:match("^([^.]+)%.")
    if target and not seen[target] then
      return nil, 2, ('--param %s: no workload of this run is called "%s"'):format(
        override[1], target)
    end
  end
  return jobs
end

local OUTPUTS = { "json", "csv", "html" }

local function discard_outputs(session)
  for _, name in ipairs(OUTPUTS) do
    if session[name] then output.discard(session[name]) end
  end
end

-- Two outputs that were given the same name; nil if there are none.
local function clash_of(values)
  for i, name in ipairs(OUTPUTS) do
    for j = i + 1, #OUTPUTS do
      if values[name] and values[name] == values[OUTPUTS[j]] then return name, OUTPUTS[j] end
    end
  end
end

-- Opens --json, --csv and --html. A file of that name keeps what is in it until the new text is complete.
-- Returns true, or nil, exit status and one line.
local function open_outputs(session, values)
  local one, other = clash_of(values)
  if one then
    return nil, 2, ("--%s and --%s can't both go to %s"):format(one, other, values[one])
  end
  for _, name in ipairs(OUTPUTS) do
    if values[name] then
      local opened, problem = output.open(values[name], session.stdout, session.exp.replacement)
      if not opened then
        discard_outputs(session)
        return nil, 1, problem
      end
      session[name] = opened
      if opened.is_stdout then session.report_to_stderr = true end
    end
  end
  local stream = session.report_to_stderr and session.stderr or session.stdout
  local tty = session.stdout_tty
  if session.report_to_stderr then tty = session.stderr_tty end
  session.report = { name = session.report_to_stderr and "standard error" or "standard output",
                     stream = stream, is_stdout = true }
  session.style = style_of.new(style_of.wanted(tty))
  session.width = tty and math.max(80, math.min(session.exp.columns() or 100, 100)) or 100
  return true
end

-- Prints a part of the report. A report that can't be printed ends the run.
local function print_lines(session, lines)
  local ok, problem = output.write(session.report, table.concat(lines, "\n") .. "\n")
  if not ok then
    session.broken = problem
    worsen(session, 1)
  end
  return ok
end

local function report_failure(session, run, config, failure)
  session.progress:clear()
  local where = run.workload.name
  if config and config.mode ~= "serial" then where = where .. ", " .. config.id end
  complain(session, where .. ": " .. failure.line)
  if failure.traceback then
    for line in style_of.plain(failure.traceback, true):gmatch("[^\n]+") do
      session.stderr:write("    ", line, "\n")
    end
  end
  worsen(session, failure.status)
end

-- Measures one workload, with progress drawn between the samples.
local function measure(session, run, share)
  local bar, name = session.progress, run.workload.name
  bar:draw(name .. ": rehearsal")
  if not rounds.rehearse(run) then
    if run.failed then report_failure(session, run, nil, run.failed) end
    bar:expect(-share)
    return
  end
  bar:expect(rounds.expected_total(run) - share)
  local spoken = {}
  rounds.run(run, function(config, round)
    bar:draw(("%s: round %d of %d, %s"):format(name, round, run.options.rounds, config.id))
  end, function(config, expected, failure)
    bar:advance(expected)
    if failure and not spoken[config.id] then
      spoken[config.id] = true
      report_failure(session, run, config, failure)
    end
  end)
end

local function warn_workers(session, configs, jobs)
  local most = 0
  for _, config in ipairs(configs) do most = math.max(most, config.workers) end
  for _, job in ipairs(jobs) do
    if most > job.params.tasks then
      complain(session, ("warning: %s has %d task%s for %d workers, so some have nothing to do")
        :format(job.workload.name, job.params.tasks, job.params.tasks == 1 and "" or "s", most))
    end
  end
end

-- The seconds that a sample may take; nil for no limit.
local function time_limit(values) return values.timeout > 0 and values.timeout or nil end

-- All workloads, one after the other; each is reported as soon as it is done.
local function run_all(session, jobs, configs, values)
  local context = {
    exp = session.exp, cores = session.exp.ncores(), options = {
      rounds = values.rounds, timeout_s = time_limit(values),
      interval_ns = values.interval, policy = values.policy, memory_limit = values["memory-limit"],
    },
  }
  local runs, summaries, shares = {}, {}, {}
  local total = 0
  for i, job in ipairs(jobs) do
    runs[i] = rounds.new(job.workload, job.params, configs, context)
    shares[i] = rounds.expected_total(runs[i])
    total = total + shares[i]
  end
  session.progress:start(total)
  print_lines(session, report_text.machine(session.env, session.style, session.width))
  local measured = {}
  for i, run in ipairs(runs) do
    if session.exp.interrupted() or session.broken then break end
    measure(session, run, shares[i])
    session.progress:clear()
    measured[i], summaries[i] = run, summary_of.of(run)
    local lines = report_text.workload(summaries[i], session.style, session.width)
    table.insert(lines, 1, "")
    print_lines(session, lines)
    if run.interrupted then break end
  end
  if session.exp.interrupted() or (#measured > 0 and measured[#measured].interrupted) then
    worsen(session, 130)
  end
  return measured, summaries
end

-- Writes all outputs; one that can't be written doesn't keep the other from it. Returns true, or
-- nil and one line on the first that failed.
local function write_data(session, doc)
  local texts, problems = {}, {}
  doc.status = session.status
  if session.json then
    texts.json, problems[1] = report_data.json(doc)
    if problems[1] then problems[1] = "can't write JSON: " .. problems[1] end
  end
  if session.csv then texts.csv = report_data.csv(doc.runs) end
  if session.html then texts.html = report_html.page(doc) end
  for _, name in ipairs(OUTPUTS) do
    local to, ok, problem = session[name], texts[name], nil
    if to then
      if ok then ok, problem = output.write(to, texts[name]) end
      if ok then
        ok, problem = output.close(to)
      else
        output.discard(to)
      end
      if not ok then problems[#problems + 1] = problem end
    end
  end
  if problems[1] then return nil, problems[1] end
  return true
end

-- What was asked for, for the JSON document.
local function asked(values, configs)
  local ids = require("gilt.lab.json").array {}
  for i, config in ipairs(configs) do ids[i] = config.id end
  return { rounds = values.rounds, timeout_s = values.timeout, interval_ns = values.interval,
           policy = values.policy, memory_limit = values["memory-limit"], configurations = ids }
end

local function finish(session, argv, values, configs, runs, summaries)
  if #summaries > 1 and not session.broken then
    local lines = report_text.glance(summaries, session.style, session.width)
    table.insert(lines, 1, "")
    print_lines(session, lines)
  end
  local ok, problem = write_data(session, {
    command = table.move(argv, 1, #argv, 2, { "compare" }), environment = session.env,
    options = asked(values, configs), runs = runs, summaries = summaries,
  })
  if not ok and not (session.broken and session.broken == problem) then
    complain(session, problem)
    worsen(session, 1)
  end
  if session.broken then complain(session, session.broken) end
  if session.status == 130 then
    complain(session, "interrupted; the report covers what was measured")
  end
  return session.status
end

-- Runs `gilt compare` with the words after it. context (for tests): exp, stdout, stderr.
-- Returns the exit status.
function M.main(argv, context)
  local session = session_of(context or {})
  local values, operands = options.parse(M.command, argv)
  if not values then return usage_error(session, operands) end
  if values.help then
    local style = style_of.new(style_of.wanted(session.stdout_tty))
    local ok, problem = output.write({ name = "standard output", stream = session.stdout },
      options.help(M.command, style, session.exp.columns()))
    if not ok then complain(session, problem) end
    return ok and 0 or 1
  end
  local configs, config_problem = configurations(session, values)
  if not configs then return usage_error(session, config_problem) end
  config_problem = lock_problem(session, values)
  if config_problem then return usage_error(session, config_problem) end
  if session.exp.catch_interrupts then session.exp.catch_interrupts(true) end
  local names = #operands > 0 and operands or builtin.default
  local jobs, status, problem = jobs_of(session, names, values.param or {}, time_limit(values))
  if jobs then
    local opened
    opened, status, problem = open_outputs(session, values)
    if not opened then jobs = nil end
  end
  if not jobs then
    if status == 2 then return usage_error(session, problem) end
    complain(session, problem)
    return status
  end
  session.progress = progress.new {
    stream = session.stderr, now = session.exp.now_ns, columns = session.exp.columns(),
    enabled = session.stderr_tty and os.getenv("TERM") ~= "dumb",
  }
  warn_workers(session, configs, jobs)
  local runs, summaries = run_all(session, jobs, configs, values)
  return finish(session, argv, values, configs, runs, summaries)
end

return M
