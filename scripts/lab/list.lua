-- list.lua: `gilt list`: the workloads that come with gilt, or those in given files.

local builtin = require "gilt.lab.builtin"
local options = require "gilt.lab.options"
local output = require "gilt.lab.output"
local json = require "gilt.lab.json"
local style_of = require "gilt.lab.style"
local text_table = require "gilt.lab.table"
local workload_of = require "gilt.lab.workload"

local M = {}

local TIMEOUT_S = 10 -- to load a file; there is no option for it

M.command = {
  name = "list",
  usage = "gilt list [OPTION...] [WORKLOAD...]",
  summary = "Lists the workloads that come with gilt, with their parameters.",
  examples = {
    { "gilt list", "all of them" },
    { "gilt list fib ./my.lua", "these only" },
    { "gilt list --json | jq -r .[].name", "their names, for a program" },
  },
  operands = { name = "WORKLOAD", many = true },
  options = {
    { name = "json", type = "flag", help = "print the list as JSON" },
    { name = "names", type = "flag", help = "print the names only, one a line" },
  },
  exits = { { 0, "done" }, { 1, "a workload can't be loaded" }, { 2, "wrong usage" },
            { 5, "a workload ended its process while it was loaded" } },
}

local function complain(stderr, text) stderr:write("gilt list: ", text, "\n") end

-- Loads the workloads by name; a bad one is reported and left out.
local function load_all(names, exp, stderr)
  local directories = exp.workload_dir()
  local list, status = {}, 0
  for _, name in ipairs(names) do
    local path, workload, problem
    path, problem = workload_of.find(name, directories)
    local code = 2
    if path then workload, problem, code = workload_of.inspect(path, exp, TIMEOUT_S) end
    if workload then
      list[#list + 1] = workload
    else
      complain(stderr, problem)
      status = math.max(status, code)
    end
  end
  return list, status
end

local function as_json(list)
  local out = json.array {}
  for i, w in ipairs(list) do
    out[i] = json.ordered({ "name", "kind", "about", "tasks", "params", "file" },
      { name = w.name, kind = w.kind, about = w.about, tasks = w.tasks, params = w.params,
        file = w.file })
  end
  return json.encode(out, "  ")
end

local function as_names(list)
  local names = {}
  for i, w in ipairs(list) do names[i] = w.name end
  return table.concat(names, "\n")
end

local function as_text(list, style)
  local rows = {}
  for i, w in ipairs(list) do
    rows[i] = { style.bold(w.name), w.kind, w.about, tostring(w.tasks),
                workload_of.describe_params(w.params) }
  end
  local lines = text_table.render({
    { head = "workload" }, { head = "kind" }, { head = "what it does" },
    { head = "tasks", align = "right" }, { head = "parameters" },
  }, rows, { head_style = style.dim })
  if #list > 0 then
    lines[#lines + 1] = ""
    lines[#lines + 1] = ("Compare one with: gilt compare %s"):format(list[1].name)
  end
  return table.concat(lines, "\n")
end

-- Runs `gilt list`. context (for tests): exp, stdout, stderr. Returns the exit status.
function M.main(argv, context)
  context = context or {}
  local exp = context.exp or require "gilt.experiment"
  local stdout, stderr = context.stdout or io.stdout, context.stderr or io.stderr
  local values, operands = options.parse(M.command, argv)
  if not values then
    complain(stderr, operands)
    stderr:write("Try `gilt help list`.\n")
    return 2
  end
  local style = style_of.new(style_of.wanted(exp.isatty(1)))
  local text, status = nil, 0
  if values.help then
    text = options.help(M.command, style, exp.columns())
  else
    local list
    list, status = load_all(#operands > 0 and operands or builtin.names, exp, stderr)
    local show = values.json and as_json or values.names and as_names or as_text
    text = show(list, style) .. "\n"
  end
  local ok, problem = output.write({ name = "standard output", stream = stdout }, text)
  if not ok then
    complain(stderr, problem)
    return 1
  end
  return status
end

return M
