-- observed.lua: reads what a watched run left behind (interp/observe.c) and has it shown.

local M = {}

local function read_file(path)
  local f = io.open(path, "rb")
  local text = f and f:read "a" or ""
  if f then f:close() end
  return text
end

-- The runtimes of the run, by process and number: { pid, number, stats, events, threads }.
function M.parts(dir, files)
  local parts, by_name = {}, {}
  for _, file in ipairs(files) do
    local kind, pid, number = file:match "^(%l+)%.(%d+)%.(%d+)$"
    if kind then
      local key = pid .. "." .. number
      local part = by_name[key]
      if not part then
        part = { pid = math.tointeger(tonumber(pid)), number = math.tointeger(tonumber(number)) }
        by_name[key] = part
        parts[#parts + 1] = part
      end
      part[kind] = dir .. "/" .. file
    end
  end
  table.sort(parts, function(a, b)
    if a.pid ~= b.pid then return a.pid < b.pid end
    return a.number < b.number
  end)
  return parts
end

-- Lines "key value"; numbers as integers.
function M.pairs_of(text)
  local t = {}
  for key, value in text:gmatch "([^ \n]+) ([^\n]*)" do
    t[key] = math.tointeger(tonumber(value)) or value
  end
  return t
end

-- run: dir, files, gil_stats, trace (a path), timeline, script, mode. Returns an exit status.
function M.report(run)
  local parts = M.parts(run.dir, run.files)
  local status = 0
  if run.trace then status = require "gilt.lab.trace".report(run, parts, read_file) end
  if run.gil_stats then
    local list = {}
    for _, part in ipairs(parts) do
      if part.stats then list[#list + 1] = M.pairs_of(read_file(part.stats)) end
    end
    io.stderr:write(require "gilt.lab.gil_stats".text(list))
  end
  return status
end

return M
