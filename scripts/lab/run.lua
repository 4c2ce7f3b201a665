-- run.lua: the command line of `gilt run`. C runs the script, in an interpreter of its own; this
-- file says what is to be run.

local options = require "gilt.lab.options"
local schedule = require "gilt.lab.schedule"

local M = {}

M.command = {
  name = "run",
  usage = "gilt run [OPTION...] [-e CODE]... [SCRIPT|- [ARG...]]",
  summary = "Runs a Lua script as `lua` does; with --workers, in each of N workers at once.",
  operands_end_options = true,
  operands = { "SCRIPT", many = true },
  examples = {
    { "gilt run script.lua 10 fast", "a plain script; arg and ... hold 10 and fast" },
    { "gilt run -e 'print(require(\"gilt\").version)'", "a line of code" },
    { "gilt run --mode processes --workers 4 script.lua", "the script in four forked processes; "
      .. "require(\"gilt\").worker tells which one it is" },
    { "gilt run --gil off --workers 2 script.lua",
      "no lock: two threads in parallel on one heap (free) with gilt's own core, else an interpreter each (isolates)" },
  },
  options = {
    { name = "mode", type = "choice", value = "MODE", noun = "mode",
      among = { "serial", "threads", "free", "processes", "isolates" },
      help = "serial: one worker, the default. threads: OS threads in one interpreter under one GIL. "
        .. "free: OS threads in one interpreter, the GIL off (gilt's own core). processes: forked, a GIL each. isolates: OS threads with an interpreter each." },
    { name = "workers", short = "n", type = "integer", value = "N", min = 1, max = 1024,
      help = "how many workers run the script (more than one means --mode threads unless given)" },
    { name = "gil", type = "choice", value = "on|off", among = { "on", "off" }, noun = "setting",
      help = "off on threads means free with gilt's own core, and else isolates" },
    { name = "gil-policy", type = "string", value = "NAME",
      help = "how the lock passes on: adaptive (default), interval, fifo, tick" },
    { name = "interval", type = "duration", value = "TIME",
      help = "switch interval, 20us to 10s (default 5ms)" },
    { name = "memory-limit", type = "size", value = "SIZE", help = "limit for the memory of Lua, e.g. 64M" },
    { name = "execute", short = "e", type = "texts", value = "CODE",
      help = "run CODE before the script; may be repeated" },
    { name = "schedule", type = "string", value = "WHAT",
      help = "make every switch between threads repeatable: seed:N (drawn from N), pct:N:DEPTH:STEPS "
        .. "(by priorities), list:... or a file that holds one of these; gilt explore finds them" },
    { name = "schedule-report", type = "string", value = "FILE",
      help = "write down what the schedule did, and end at the first failure" },
    { name = "schedule-trace", type = "flag", help = "... with the lines that each thread executed" },
    { name = "schedule-limit", type = "integer", value = "SECONDS", min = 1, max = 100000,
      help = "give a scheduled run up after that much real time" },
    { name = "gil-stats", type = "flag", help = "say at exit what the lock did" },
  },
  notes = {
    "SCRIPT - reads the program from standard input. Options for gilt come before SCRIPT; all words after "
      .. "it are the script's. The script is read as by `lua`: a first line that begins with # is skipped.",
  },
  exits = {
    { 0, "the script ended well" },
    { 1, "a script error (message and traceback on standard error)" },
    { 2, "wrong use of the command" },
    { 5, "a worker died" },
    { 130, "interrupted" },
  },
}

local MIN_INTERVAL, MAX_INTERVAL = 20000, 10000000000

-- Settles mode and workers; nil and what is wrong if they contradict each other or the build.
local function settle(values, build)
  local mode, workers = values.mode, values.workers
  if not mode then mode = (workers or 1) > 1 and "threads" or "serial" end
  if values.gil == "off" then
    if mode == "threads" or mode == "serial" and values.mode == nil then
      mode = build.free and "free" or "isolates"
    end
  elseif values.gil == "on" and not build.gil then
    return nil, "--gil on: this build of gilt has no GIL (configured with -DGILT_GIL=OFF)"
  end
  if mode == "free" then
    if values.gil == "on" then return nil, "--mode free is threads with the GIL off" end
    if not build.free then
      return nil, "--mode free: this build of gilt has the stock core (configured without "
        .. "-DGILT_CORE=gilt), whose heap needs the lock; use --mode isolates"
    end
  end
  if mode == "threads" and not build.gil then
    return nil, "--mode threads: this build of gilt has no GIL, and threads share an interpreter "
      .. "only under one; use --mode isolates or processes"
  end
  if mode == "serial" and (workers or 1) > 1 then
    return nil, ("--mode serial has one worker, not %d"):format(workers)
  end
  return mode, workers or 1
end

-- A run under a schedule: nil and what is wrong, if the other options don't go with one.
local function check_schedule(values, mode, build)
  if not values.schedule then
    for _, name in ipairs { "schedule-report", "schedule-trace", "schedule-limit" } do
      if values[name] then return nil, ("--%s needs --schedule"):format(name) end
    end
    return true
  end
  if not build.gil then return nil, "--schedule: this build of gilt has no GIL, so no threads" end
  if mode ~= "serial" then
    return nil, "--schedule is for one script that starts its own threads (gilt.thread), not for "
      .. "--workers or --mode " .. mode
  end
  local text, problem = schedule.read(values.schedule)
  if not text then return nil, "--schedule: " .. problem end
  values.schedule = text
  return true
end

local function check(values, build)
  local policy = values["gil-policy"]
  if not build.gil then
    for _, name in ipairs { "gil-policy", "interval" } do
      if values[name] then
        return nil, ("--%s: this build of gilt has no GIL, so there is nothing to set"):format(name)
      end
    end
  end
  if policy then
    local option = { among = build.policies, noun = "lock policy" }
    local ok, problem = options.read_choice(policy, option)
    if not ok then return nil, "--gil-policy: " .. problem end
  end
  local interval = values.interval
  if interval and (interval < MIN_INTERVAL or interval > MAX_INTERVAL) then
    return nil, "--interval: must be between 20us and 10s"
  end
  return settle(values, build)
end

-- build: { gil = boolean, policies = list }. Returns what C is to run, or nil and what is wrong.
-- { help = true } asks for the help text. `command`: another command with these options and more,
-- whose values are the second result.
function M.plan(argv, build, command)
  local values, operands = options.parse(command or M.command, argv)
  if not values then return nil, operands end
  if values.help then return { help = true } end
  local mode, workers = check(values, build)
  if not mode then return nil, workers end
  local fine, wrong = check_schedule(values, mode, build)
  if not fine then return nil, wrong end
  if #operands == 0 and not values.execute then return nil, "no script given" end
  return {
    script = operands[1], args = table.move(operands, 2, #operands, 1, {}),
    execute = values.execute or {}, mode = mode, workers = workers,
    policy = values["gil-policy"], interval = values.interval, memory = values["memory-limit"],
    gil_stats = values["gil-stats"] or false,
    schedule = values.schedule, schedule_report = values["schedule-report"],
    schedule_trace = values["schedule-trace"] or false,
    schedule_limit = values["schedule-limit"] or 0,
  }, values
end

return M
