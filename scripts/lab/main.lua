-- main.lua: the gilt command: finds the subcommand, shows help and version. C calls main() in an
-- interpreter that is there for this only; a script that is to be run gets another one.

local options = require "gilt.lab.options"
local output = require "gilt.lab.output"
local style_of = require "gilt.lab.style"
local suggest = require "gilt.lab.suggest"

local M = {}

-- name, module, one line. Modules have main(argv) -> exit status, but for `run` and `trace`.
local COMMANDS = {
  { "run", "gilt.lab.run", "run a script, in one or many workers" },
  { "compare", "gilt.lab.compare", "run workloads in every mode and compare" },
  { "explore", "gilt.lab.explore", "find the order of events that breaks a script with threads" },
  { "trace", "gilt.lab.trace", "run a script and draw who held the lock, when" },
  { "gil-bench", "gilt.lab.gil_bench", "throughput, latency and bandwidth under each lock policy" },
  { "list", "gilt.lab.list", "list the workloads that come with gilt" },
  { "help", nil, "help on a command, or on a topic: workload, gil-off" },
}

local SHORT = [[
gilt runs Lua 5.4 scripts on threads under a global interpreter lock, in processes, in isolated
interpreters, and compares them.

Examples
  gilt compare                   threads or processes? six built-in workloads, about a minute
  gilt compare ./mine.lua        the same question about your own workload
  gilt run script.lua            a plain Lua script

]]

local function overview()
  local lines = { SHORT, "Commands\n" }
  for _, c in ipairs(COMMANDS) do lines[#lines + 1] = ("  %-12s %s\n"):format(c[1], c[3]) end
  lines[#lines + 1] = "\nMore: gilt help COMMAND, gilt help workload, gilt help gil-off, gilt --version\n"
  return table.concat(lines)
end

local function command_named(name)
  for _, c in ipairs(COMMANDS) do
    if c[1] == name then return c end
  end
end

local function complain(text)
  io.stderr:write("gilt: ", text, "\n")
  return 2
end

local function show(text)
  local ok, problem = output.write({ name = "standard output", stream = io.stdout }, text)
  if ok then return 0 end
  io.stderr:write("gilt: ", problem, "\n")
  return 1
end

local function unknown(what, name, names)
  return complain(("unknown %s \"%s\"%s (see: gilt help)"):format(what, name, suggest.hint(name, names)))
end

local function names_with(extra)
  local names = { table.unpack(extra) }
  for _, c in ipairs(COMMANDS) do names[#names + 1] = c[1] end
  return names
end

local function help(argv)
  local topic = argv[1]
  if not topic or topic == "help" then return show(overview()) end
  local text = require "gilt.lab.help".topics[topic]
  if text then return show(text) end
  local c = command_named(topic)
  if not c then return unknown("command or topic", topic, names_with { "workload", "gil-off" }) end
  local exp = require "gilt.experiment"
  local style = style_of.new(style_of.wanted(exp.isatty(1)))
  return show(options.help(require(c[2]).command, style, exp.columns()))
end

-- `run` and `trace`: C runs the script, later.
local function plan_of(name, argv, build)
  local plan, problem = require("gilt.lab." .. name).plan(argv, build)
  if not plan then return complain(("%s: %s (see: gilt help %s)"):format(name, problem, name)) end
  if plan.help then return help { name } end
  return plan
end

-- argv: the words after "gilt". build: facts of the build (main.c). Returns an exit status, or a table:
-- what `gilt run` or `gilt trace` is to run.
function M.main(argv, build)
  local name = argv[1]
  local rest = table.move(argv, 2, #argv, 1, {})
  if name == nil or name == "-h" or name == "--help" then
    local status = show(overview())
    return name and status or 2
  end
  if name == "--version" or name == "-V" then return show(build.version) end
  if name == "help" then return help(rest) end
  if name == "run" or name == "trace" then return plan_of(name, rest, build) end
  local c = command_named(name)
  if not c then
    return unknown(name:sub(1, 1) == "-" and "option" or "command", name,
      names_with { "--version", "--help" })
  end
  return require(c[2]).main(rest)
end

return M
