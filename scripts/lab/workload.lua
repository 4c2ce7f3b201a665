-- workload.lua: find a workload file, load it, check its shape, settle its parameters.
-- Every problem is one line that names the file and says what to do.

local builtin = require "gilt.lab.builtin"
local suggest = require "gilt.lab.suggest"
local style = require "gilt.lab.style"

local M = {}

local KINDS = { cpu = true, alloc = true, data = true, io = true, mixed = true,
                shared = true }
local TASKS_MAX = 1000000

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- The path for a name on the command line. With a slash or ".lua" it is a path as it stands; else
-- it is looked up in the directories of the built-in ones (a list, or one as a string).
function M.find(name, directories)
  if type(directories) == "string" then directories = { directories } end
  if name == "" then return nil, "an empty name is not a workload" end
  if name:find("/", 1, true) or name:find("%.lua$") then return name end
  for _, directory in ipairs(directories) do
    local path = directory .. "/" .. name .. ".lua"
    if exists(path) then return path end
  end
  local hint = suggest.hint(name, builtin.names)
  if hint == "" then
    hint = "; `gilt list` shows them, and a file of your own is given as ./"
      .. style.plain(name) .. ".lua"
  end
  return nil, ('no built-in workload is called "%s"%s'):format(style.plain(name), hint)
end

local function read_file(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, (message:gsub("^.-: ", "")) end
  local text, problem = file:read("a")
  file:close()
  if not text then return nil, (tostring(problem):gsub("^.-: ", "")) end
  return text
end

-- Someone who writes fib.lua may mean the built-in fib.
local function builtin_hint(path)
  local base = path:match("^([^/]+)%.lua$")
  for _, name in ipairs(builtin.names) do
    if name == base then return ("; the built-in workload is called \"%s\""):format(name) end
  end
  return ""
end

-- "line 3: unexpected symbol" from Lua's "FILE:3: unexpected symbol".
local function position_of(message, path)
  local rest = message:sub(1, #path + 1) == path .. ":" and message:sub(#path + 2)
  if not rest then rest = message:match("^%.%.%..-:(%d+:.*)$") or message end
  return style.plain((rest:gsub("^(%d+):", "line %1:")))
end

-- Runs the chunk in an environment of its own, so that its globals don't stay with us, and with
-- an os.exit that can't end gilt.
local function run_chunk(chunk_env, chunk)
  local guarded_os = setmetatable({
    exit = function() error("os.exit was called while the file was loaded", 2) end,
  }, { __index = os })
  rawset(chunk_env, "os", guarded_os)
  return pcall(chunk)
end

local function type_problem(field, value, want)
  local found = value == nil and "missing" or "a " .. type(value)
  return ("its `%s` is %s, not a %s"):format(field, found, want)
end

local function check_params(params)
  for name, default in pairs(params) do
    if type(name) ~= "string" or not name:find("^[%a_][%w_]*$") then
      return ("the parameter name %q can't be given on a command line"):format(tostring(name))
    end
    if name == "tasks" then
      return "`tasks` is a field of the workload, not one of its `params`"
    end
    local kind = type(default)
    if kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
      return ("the default of parameter `%s` is a %s; it may be a number, string or boolean")
        :format(name, kind)
    end
  end
end

-- What is wrong with the table that a workload file returned; nil if nothing is.
local function shape_problem(w)
  if type(w) ~= "table" then
    return ("it returned %s, not a table; see `gilt help workload`"):format(
      w == nil and "nothing" or "a " .. type(w))
  end
  if type(w.task) ~= "function" then return type_problem("task", w.task, "function (ctx, i)") end
  for _, field in ipairs { "setup", "check", "teardown" } do
    if w[field] ~= nil and type(w[field]) ~= "function" then
      return type_problem(field, w[field], "function")
    end
  end
  for _, field in ipairs { "name", "kind", "about" } do
    if w[field] ~= nil and type(w[field]) ~= "string" then
      return type_problem(field, w[field], "string")
    end
  end
  if w.kind and not KINDS[w.kind] then
    return ('its `kind` is "%s"; there are cpu, alloc, data, io, mixed and shared'):format(
      style.plain(w.kind))
  end
  if w.params ~= nil and type(w.params) ~= "table" then
    return type_problem("params", w.params, "table")
  end
  local tasks = w.tasks
  if tasks ~= nil and (math.type(tasks) ~= "integer" or tasks < 1 or tasks > TASKS_MAX) then
    return ("its `tasks` is %s, not a whole number from 1 to %d"):format(
      style.plain(tostring(tasks)), TASKS_MAX)
  end
  return check_params(w.params or {})
end

-- Loads and checks a workload file. Returns { file, name, kind, about, tasks, params } or nil and
-- one line. The functions stay behind: the processes that measure load the file themselves.
function M.load(path)
  local shown = style.plain(path)
  local text, problem = read_file(path)
  if not text then
    return nil, ("%s: can't read the workload: %s%s"):format(shown, problem, builtin_hint(path))
  end
  local env = setmetatable({}, { __index = _G })
  local chunk
  if text:sub(1, 1) == "\27" then
    return nil, ("%s: syntax error: this is a compiled chunk, not Lua source"):format(shown)
  end
  chunk, problem = load(text:gsub("^#[^\n]*", ""), "@" .. path, "t", env)
  if not chunk then
    return nil, ("%s: syntax error: %s"):format(shown, position_of(problem, path))
  end
  local ok, result = run_chunk(env, chunk)
  if not ok then
    return nil, ("%s: error while loading it: %s"):format(shown, style.plain(tostring(result)))
  end
  problem = shape_problem(result)
  if problem then return nil, ("%s is not a workload: %s"):format(shown, problem) end
  local params = {}
  for name, default in pairs(result.params or {}) do params[name] = default end
  return {
    file = path, name = style.plain(result.name or path:match("([^/]+)%.lua$") or path),
    kind = result.kind or "cpu", about = style.plain(result.about or ""),
    tasks = result.tasks or 32, params = params,
  }
end

-- What load() found, or what is wrong, as one value that a pipe can carry.
local function load_result(path)
  local workload, problem = M.load(path)
  return workload or problem
end

-- How the process that loaded a file ended, in words; and the exit status for it.
local ENDED = {}

function ENDED.signal(p) return ("the process was killed by %s"):format(p.signal or "a signal"), 5 end

function ENDED.exit(p)
  return ("the process exited with status %s"):format(p.status or "unknown"), 5
end

function ENDED.timeout(_, timeout_s)
  return ("it was still running after %d s (--timeout), stopped,"):format(timeout_s), 1
end

-- As load(), but in a process of its own, so that a file that ends its process or never ends does
-- no harm here. Returns the workload; or nil, one line, and the exit status for it.
function M.inspect(path, exp, timeout_s)
  if not exp.apart then -- a stand-in
    local workload, problem = M.load(path)
    return workload, problem, 1
  end
  local result, problem = exp.apart(timeout_s, load_result, path)
  if type(result) == "table" then return result end
  if result then return nil, result, 1 end
  if problem.kind == "interrupted" then return nil, "interrupted", 130 end
  local describe, text, status = ENDED[problem.kind], problem.message, 1
  if describe then text, status = describe(problem, timeout_s) end
  return nil, ("%s: %s while the file was loaded"):format(style.plain(path), style.plain(text)), status
end

local BOOLEANS = { ["true"] = true, yes = true, on = true, ["1"] = true,
                   ["false"] = false, no = false, off = false, ["0"] = false }

-- The text of a parameter as a value of the default's type; nil and what was expected otherwise.
local function convert(text, default)
  local kind = math.type(default) or type(default)
  if kind == "string" then return text end
  if kind == "boolean" then
    local value = BOOLEANS[text]
    if value == nil then return nil, "true or false" end
    return value
  end
  local number = tonumber(text)
  if not number or number ~= number or math.abs(number) == math.huge then return nil, "a number" end
  if kind == "float" then return number + 0.0 end
  local integer = math.tointeger(number)
  if not integer then return nil, "a whole number" end
  return integer
end

local function known_names(workload)
  local names = { "tasks" }
  for name in pairs(workload.params) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- Sets one parameter from text. Returns true, or nil and one line.
function M.set(workload, params, name, text)
  local default = workload.params[name]
  if name == "tasks" then default = workload.tasks end
  if default == nil then
    local names = known_names(workload)
    return nil, ('%s has no parameter "%s"%s (it has: %s)'):format(
      workload.name, style.plain(name), suggest.hint(name, names), table.concat(names, ", "))
  end
  local value, expected = convert(text, default)
  if value == nil then
    return nil, ('parameter %s of %s must be %s, not "%s"'):format(name, workload.name, expected,
                                                                  style.plain(text))
  end
  if name == "tasks" and (value < 1 or value > TASKS_MAX) then
    return nil, ("parameter tasks of %s must be from 1 to %d, not %d"):format(workload.name,
                                                                          TASKS_MAX, value)
  end
  params[name] = value
  return true
end

-- The complete parameters of a workload: its defaults, then the overrides in their order. An
-- override is { key, value }, its key a parameter's name or workload.name.
function M.resolve(workload, overrides)
  local params = { tasks = workload.tasks }
  for name, default in pairs(workload.params) do params[name] = default end
  for _, override in ipairs(overrides) do
    local target, name = override[1]:match("^([^.]+)%.(.+)$")
    if not target or target == workload.name then
      local ok, problem = M.set(workload, params, name or override[1], override[2])
      if not ok then return nil, problem end
    end
  end
  return params
end

-- "n=26 steps=100": a workload's parameters in sorted order, without the number of tasks.
function M.describe_params(params)
  local out = {}
  for name, value in pairs(params) do
    if name ~= "tasks" then out[#out + 1] = name .. "=" .. style.plain(tostring(value)) end
  end
  table.sort(out)
  return table.concat(out, " ")
end

return M
