-- schedule.lua: schedules as texts (what --schedule takes), and the report that a scheduled run
-- writes (interp/schedule_report.c).
--
--   seed:N                  switch points and threads drawn from N
--   pct:N:DEPTH:STEPS       by priorities drawn from N, DEPTH - 1 of them lowered in STEPS instructions
--   list:T.PART.AT:TO,...   only these switches: when thread T is in that part of its life and has done
--                           AT instructions of it, thread TO goes on

local M = {}

local POINT = "^(%d+)%.(%d+)%.(%d+):(%d+)$"

local function check_list(text)
  if text == "" then return true end
  for point in (text .. ","):gmatch("([^,]*),") do
    if not point:match(POINT) then return false, point end
  end
  return true
end

-- Is it a schedule? true, or nil and what is wrong with it.
local function check(text)
  if text:match("^seed:%d+$") then
    if not math.tointeger(tonumber((text:sub(6)))) then return nil, "the seed is too large" end
    return true
  end
  local depth, steps = text:match("^pct:%d+:(%d+):(%d+)$")
  if text:match("^pct:%d+$") or text:match("^pct:%d+:(%d+)$") or depth then
    depth = tonumber(depth or text:match("^pct:%d+:(%d+)$") or 3)
    if depth < 1 or depth > 1000 then return nil, "the depth must be between 1 and 1000" end
    if steps and tonumber(steps) < 1 then return nil, "the number of steps must be at least 1" end
    return true
  end
  local list = text:match("^list:(.*)$")
  if not list then return nil end
  local ok, point = check_list(list)
  if ok then return true end
  return nil, ("\"%s\" is no switch: THREAD.PART.AT:THREAD, such as 2.1.14:3"):format(point)
end

local function read_file(path)
  local file, message = io.open(path, "r")
  if not file then return nil, message end
  local text, problem = file:read("a")
  file:close()
  if not text then return nil, path .. ": " .. problem end
  return (text:gsub("#[^\n]*", ""):gsub("%s+", ""))
end

-- What the user wrote after --schedule: a schedule, or a file that holds one (lines may begin with
-- #). The schedule, or nil and one line.
function M.read(text)
  if text:match("^seed:") or text:match("^pct:") or text:match("^list:") then
    local ok, problem = check(text)
    if ok then return text end
    return nil, problem or ("\"%s\": expected seed:N, pct:N:DEPTH:STEPS or list:..."):format(text)
  end
  local inside, problem = read_file(text)
  if not inside then
    return nil, problem .. " (expected seed:N, pct:N:DEPTH:STEPS, list:..., or a file)"
  end
  local ok, wrong = check(inside)
  if ok then return inside end
  return nil, ("%s holds no schedule%s"):format(text, wrong and ": " .. wrong or "")
end

-- list:... of recorded switches.
function M.list(switches)
  local points = {}
  for i, s in ipairs(switches) do
    points[i] = ("%d.%d.%d:%d"):format(s.from, s.part, s.at, s.to)
  end
  return "list:" .. table.concat(points, ",")
end

local ESCAPES = { n = "\n", t = "\t", ["\\"] = "\\" }

local function fields_of(line)
  local fields = {}
  for field in (line .. "\t"):gmatch("([^\t]*)\t") do
    fields[#fields + 1] = field:gsub("\\(.)", ESCAPES)
  end
  return fields
end

local READ = {}

function READ.thread(r, f) r.threads[tonumber(f[2])] = f[3] end
READ["switch"] = function(r, f)
  table.insert(r.switches, { from = math.tointeger(f[2]), part = math.tointeger(f[3]),
    at = math.tointeger(f[4]), to = math.tointeger(f[5]) })
end
function READ.lost(r) r.lost = true end
function READ.cut(r, f) r.cut = math.tointeger(f[2]) end
function READ.source(r, f) r.sources[math.tointeger(f[2])] = f[3] end
function READ.line(r, f)
  table.insert(r.events, { thread = math.tointeger(f[2]), source = r.sources[math.tointeger(f[3])],
    line = math.tointeger(f[4]) })
end
function READ.stop(r, f)
  table.insert(r.events, { thread = math.tointeger(f[2]), source = r.sources[math.tointeger(f[3])],
    line = math.tointeger(f[4]), next = math.tointeger(f[5]), to = math.tointeger(f[6]), how = f[7] })
end
function READ.outcome(r, f) r.outcome, r.thread, r.message = f[2], math.tointeger(f[3]), f[4] end
function READ.steps(r, f) r.steps = math.tointeger(f[2]) end
function READ.hash(r, f) r.hash = f[2] end
READ["end"] = function(r) r.complete = true end

-- The report as a table: threads (names by number), switches, events (with a trace), outcome
-- ("ok", "error", "deadlock", "exit"), thread, message, steps, hash. nil if the run did not get to
-- write it.
function M.parse_report(text)
  local r = { threads = {}, switches = {}, events = {}, sources = {} }
  for line in text:gmatch("[^\n]+") do
    local fields = fields_of(line)
    local read = READ[fields[1]]
    if read then read(r, fields) end
  end
  return r.complete and r or nil
end

return M
