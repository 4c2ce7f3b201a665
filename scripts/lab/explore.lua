-- explore.lua: `gilt explore`: runs a script under one schedule after another until one makes it fail,
-- takes away the switches that do not matter, and shows the rest as source lines.
--
-- Each run is a process of its own, `gilt run --schedule ...`, exactly as the command that is printed
-- at the end, so what was found here is found there.

local exp = require "gilt.experiment"
local options = require "gilt.lab.options"
local schedule = require "gilt.lab.schedule"
local shrink = require "gilt.lab.shrink"
local style_of = require "gilt.lab.style"
local timeline = require "gilt.lab.timeline"

local M = {}

M.command = {
  name = "explore",
  usage = "gilt explore [OPTION...] SCRIPT [ARG...]",
  summary = "Looks for the order of events that breaks a script with threads: runs it under many "
    .. "schedules until an assertion fails, an error is raised or all threads wait for each other, "
    .. "and shows which switches between threads did it.",
  operands_end_options = true,
  operands = { "SCRIPT", many = true },
  examples = {
    { "gilt explore script.lua", "100 schedules drawn at random; stops at the first failure" },
    { "gilt explore --tries 1000 --mode pct --depth 3 script.lua 8",
      "1,000 schedules by priorities, for a bug that needs two switches at the right places" },
    { "gilt run --schedule seed:17 script.lua", "one of them again, always the same" },
  },
  options = {
    { name = "tries", short = "n", type = "integer", value = "N", min = 1, max = 100000000,
      default = 100, help = "how many schedules to try (default 100)" },
    { name = "mode", type = "choice", value = "MODE", noun = "mode", among = { "random", "pct" },
      default = "random", help = "random: any switch point, any thread. pct: random priorities, lowered "
        .. "at a few instructions; finds a bug that needs few switches with a known probability." },
    { name = "depth", short = "d", type = "integer", value = "D", min = 1, max = 1000, default = 3,
      help = "pct: how many switches at the right place the bug may need, and one more (default 3)" },
    { name = "jobs", short = "j", type = "integer", value = "J", min = 1, max = 1024,
      help = "processes at a time (default: as many as there are processors)" },
    { name = "seed", type = "integer", value = "N", min = 0, default = 1,
      help = "the first seed (default 1)" },
    { name = "limit", type = "integer", value = "SECONDS", min = 1, max = 100000, default = 10,
      help = "give a run up after that much time (default 10)" },
    { name = "output", short = "o", type = "string", value = "FILE",
      help = "also write the shortened schedule to FILE, for gilt run --schedule FILE" },
  },
  notes = {
    "Under a schedule one thread runs at a time. Sleeping takes no time: clocks are virtual and move on "
      .. "when every thread waits. A C function is never interrupted. What the script reads from files, "
      .. "other processes and the network is not part of the schedule.",
    "A failure is: an error that leaves the main script or any thread (other than a thread's "
      .. "\"interrupted!\"), a deadlock, a crash, or an exit status other than 0.",
  },
  exits = {
    { 0, "no failure found" },
    { 1, "a failure was found and shown" },
    { 2, "wrong use of the command" },
    { 5, "the runs could not be made" },
    { 130, "interrupted" },
  },
}

-- ---- one run ----

local function quote(word)
  if word:match("^[%w_%-%./:=,@+]+$") then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function script_words(job)
  local words = {}
  for i, word in ipairs(job.words) do words[i] = quote(word) end
  if job.words[1]:sub(1, 1) == "-" then words[1] = quote("./" .. job.words[1]) end
  return table.concat(words, " ")
end

-- This program, by a name that the shell's own /proc/self does not change.
local function own_program()
  local stat = io.open("/proc/self/stat")
  if not stat then return nil, "/proc is not mounted" end
  local pid = stat:read("n")
  stat:close()
  return ("/proc/%d/exe"):format(pid)
end

local TIMER_SIGNAL = 14

-- What a run without a report, or one that ended by os.exit, came to.
local function judge_exit(report, kind, code)
  if report and report.outcome ~= "exit" then return report end
  local r = report or { threads = {}, switches = {}, events = {}, steps = 0 }
  if kind == "signal" and code == TIMER_SIGNAL then
    r.outcome = "timeout"
  elseif kind == "signal" then
    r.outcome, r.message = "signal", ("the process was ended by signal %d"):format(code)
  elseif code ~= 0 or not report then
    r.outcome, r.message = "exit", ("exit status %d"):format(code)
  else
    r.outcome = "ok"
  end
  return r
end

-- Runs the script under a schedule; the report, or nil and why there can be none.
local function run_once(job, text, trace)
  local command = ("exec %s run --schedule %s --schedule-report /dev/fd/3 --schedule-limit %d %s%s "
    .. "3>&1 >/dev/null 2>&1 </dev/null"):format(job.program, quote(text), job.limit,
    trace and "--schedule-trace " or "", script_words(job))
  local pipe, problem = io.popen(command, "r")
  if not pipe then return nil, problem end
  local answer = pipe:read("a")
  local _, kind, code = pipe:close()
  if kind == "exit" and (code == 126 or code == 127) then return nil, "cannot start " .. job.program end
  return judge_exit(schedule.parse_report(answer or ""), kind, code)
end

local function failed(report)
  return report.outcome ~= "ok" and report.outcome ~= "timeout"
end

-- Where an error was raised, or what kind of failure it is: the same bug under another schedule.
local function signature(report)
  local first = (report.message or ""):match("^[^\n]*")
  return report.outcome .. " " .. (report.outcome == "error" and first:match("^(.-:%d+:)") or "")
end

-- ---- many runs ----

local function spec(job, seed)
  if job.mode == "random" then return "seed:" .. seed end
  return ("pct:%d:%d:%d"):format(seed, job.depth, job.steps)
end

-- One of `jobs` searchers: every jobs-th seed. Each writes only its own record, and a record is
-- replaced, not changed: searchers are threads.
local function search(job, results, me)
  local mine = { runs = 0, timeouts = 0 }
  for n = me - 1, job.tries - 1, job.jobs do
    for _, other in ipairs(results) do
      if other.found and other.found < n or other.problem then return end
    end
    local report, problem = run_once(job, spec(job, job.seed + n))
    mine = { runs = mine.runs + 1, timeouts = mine.timeouts }
    if not report then
      mine.problem = problem
    elseif report.outcome == "timeout" then
      mine.timeouts = mine.timeouts + 1
    elseif failed(report) then
      mine.found, mine.report = n, report
    end
    results[me] = mine
    if mine.found or mine.problem then return end
  end
end

local function search_all(job)
  local thread = require "gilt.thread"
  local results, threads = {}, {}
  for i = 1, job.jobs do results[i] = { runs = 0, timeouts = 0 } end
  for i = 2, job.jobs do threads[i] = thread.spawn(search, job, results, i) end
  search(job, results, 1)
  for i = 2, job.jobs do
    local _, message = threads[i]:join()
    if message then return nil, message end
  end
  local all = { runs = 0, timeouts = 0 }
  for _, r in ipairs(results) do
    if r.problem then return nil, r.problem end
    all.runs, all.timeouts = all.runs + r.runs, all.timeouts + r.timeouts
    if r.found and (not all.found or r.found < all.found) then all.found, all.report = r.found, r.report end
  end
  return all
end

-- The length of a run, for pct: one run in which no priority changes.
local function measure_steps(job)
  local report, problem = run_once(job, "pct:1:1:1")
  if not report then return nil, problem end
  return math.max(1, report.steps or 1)
end

-- ---- what was found ----

-- The few switches that still make it fail in the same way. Nil if the list alone does not.
local function shorten(job, report)
  local wanted = signature(report)
  local function fails(switches)
    local r = run_once(job, schedule.list(switches))
    return r ~= nil and failed(r) and signature(r) == wanted
  end
  if report.lost or not fails(report.switches) then return nil end
  return shrink.minimal(report.switches, fails, job.shrink_runs)
end

local function plural(n, one, many) return ("%d %s"):format(n, n == 1 and one or many) end

local function first_line(text) return (text:match("^[^\n]*")) end

local function show_message(out, report)
  local message = style_of.plain(report.message or "", true)
  if report.outcome ~= "deadlock" then message = first_line(message) end
  out("\n  " .. message:gsub("\n", "\n  ") .. "\n")
end

local function show_commands(out, job, seeded, list, style)
  local script = script_words(job)
  out("\nTo see it again:\n  " .. style.cyan(("gilt run --schedule %s %s"):format(seeded, script)) .. "\n")
  if not list then return end
  if job.output then
    out("With only the switches that matter:\n  "
      .. style.cyan(("gilt run --schedule %s %s"):format(quote(job.output), script)) .. "\n")
  elseif #list <= 2000 then
    out("With only the switches that matter:\n  "
      .. style.cyan(("gilt run --schedule %s %s"):format(quote(list), script)) .. "\n")
  end
end

local function save(job, list, seeded)
  local file, problem = io.open(job.output, "w")
  if not file then return nil, problem end
  local ok, wrong = file:write(("# %s of: gilt run %s\n%s\n"):format(seeded, script_words(job),
    (list:gsub(",", ",\n"))))
  if ok then ok, wrong = file:close() end
  return ok, wrong
end

local function explain(out, job, report, few, style)
  local list = few and schedule.list(few)
  local traced = run_once(job, list or schedule.list(report.switches), true)
  if few and #few == 0 then
    out("\nNo switch is needed: it also fails if a thread runs until it waits and the first one that can "
      .. "goes on then. From top to bottom:\n\n")
  elseif few then
    out(("\n%s out of %d %s enough. From top to bottom:\n\n"):format(
      plural(#few, "switch", "switches"), #report.switches, #few == 1 and "is" or "are"))
  else
    out("\nThe switches alone do not bring it back (it depends on something that a schedule does not "
      .. "decide), so none was taken away. The run, from top to bottom:\n\n")
  end
  if traced and #traced.events > 0 and signature(traced) == signature(report) then
    out(timeline.text(traced, { style = style, width = job.width, script = job.words[1] }))
  else
    out("  (the lines could not be recorded: with their recording the run ends in another way)\n")
  end
  return list
end

local function tell_nothing(out, job, all)
  out(("no failure in %s of %s\n"):format(plural(all.runs, "schedule", "schedules"), job.words[1]))
  if all.timeouts > 0 then
    out(("%s given up after %d s (--limit)\n"):format(plural(all.timeouts, "run was", "runs were"), job.limit))
  end
  return 0
end

local function tell(out, job, all, style)
  local seeded = spec(job, job.seed + all.found)
  out(("%s: %s fails (%s)\n"):format(job.words[1], style.bold(seeded),
    all.found == 0 and "the first schedule tried"
      or ("%d schedules before it went well"):format(all.found)))
  show_message(out, all.report)
  local list
  if #all.report.switches > 0 or all.report.outcome == "error" or all.report.outcome == "deadlock" then
    list = explain(out, job, all.report, shorten(job, all.report), style)
  end
  if list and job.output then
    local ok, problem = save(job, list, seeded)
    if not ok then return nil, problem end
  end
  show_commands(out, job, seeded, list, style)
  return 1
end

-- ---- the command ----

local function complain(text, status)
  io.stderr:write("gilt: explore: ", text, "\n")
  return status
end

local function readable(path)
  local file, problem = io.open(path, "r")
  if not file then return nil, problem end
  local ok, wrong = file:read(0)
  file:close()
  if ok == nil and wrong then return nil, path .. ": " .. wrong end
  return true
end

local function plan(argv)
  local values, operands = options.parse(M.command, argv)
  if not values then return nil, operands end
  if values.help then return { help = true } end
  if #operands == 0 then return nil, "no script given" end
  if operands[1] == "-" then return nil, "the script must be a file: it is read again for every run" end
  if values.seed > math.maxinteger - values.tries then return nil, "--seed: too large" end
  local ok, problem = readable(operands[1])
  if not ok then return nil, problem end
  return {
    words = operands, tries = values.tries, mode = values.mode, depth = values.depth,
    jobs = math.min(values.jobs or exp.ncores(), values.tries), seed = values.seed,
    limit = values.limit, output = values.output, shrink_runs = 2000,
  }
end

function M.main(argv)
  if not require "gilt".gil then
    return complain("this build of gilt has no GIL, so scripts have no threads", 2)
  end
  local job, problem = plan(argv)
  if not job then return complain(problem .. " (see: gilt help explore)", 2) end
  local tty = exp.isatty(1)
  local style = style_of.new(style_of.wanted(tty))
  if job.help then
    io.write(options.help(M.command, style, exp.columns()))
    return 0
  end
  job.width = tty and exp.columns() or 100
  local all
  job.program, problem = own_program()
  if job.program and job.mode == "pct" then job.steps, problem = measure_steps(job) end
  if not problem then all, problem = search_all(job) end
  if problem then return complain(problem, 5) end
  local function out(text) io.write(text) end
  if not all.found then return tell_nothing(out, job, all) end
  local status, wrong = tell(out, job, all, style)
  if not status then return complain(wrong, 5) end
  return status
end

return M
