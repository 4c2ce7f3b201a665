-- trace.lua: `gilt trace`: who held the lock, when: Chrome trace events for Perfetto and the Firefox
-- profiler, and a time line for the terminal. The events come from interp/observe.c, one file per
-- lock, as gil_event of gil.h lies in memory; all on one clock.

local json = require "gilt.lab.json"
local output = require "gilt.lab.output"
local run = require "gilt.lab.run"
local text_table = require "gilt.lab.table"
local units = require "gilt.lab.units"

local M = {}

M.command = {
  name = "trace",
  usage = "gilt trace [OPTION...] [-o FILE] SCRIPT [ARG...]",
  summary = "Runs a script as `gilt run` does and writes down who held the lock, when.",
  operands_end_options = true,
  operands = { "SCRIPT", many = true },
  examples = {
    { "gilt trace -o trace.json script.lua", "open trace.json at ui.perfetto.dev or "
      .. "profiler.firefox.com" },
    { "gilt trace --timeline --workers 4 script.lua", "draws a line per thread on the terminal" },
    { "gilt trace --level all -n 2 --mode processes script.lua",
      "short releases too; forked workers come into the same file" },
  },
  options = {
    { name = "output", short = "o", type = "string", value = "FILE",
      help = "where the trace goes (default trace.json; - for standard output)" },
    { name = "timeline", type = "flag", help = "draw the time line on standard error as well" },
    { name = "level", type = "choice", value = "LEVEL", noun = "level", among = { "contended", "all" },
      help = "contended: changes of state, requests, hand-overs (default). all: also each short "
        .. "release, which costs every one of them some 50 ns" },
    { name = "events", type = "integer", value = "N", min = 64, max = 16777216,
      help = "size of each thread's ring (default 16384); lost events are counted" },
  },
  notes = run.command.notes,
  exits = run.command.exits,
}
for _, option in ipairs(run.command.options) do
  M.command.options[#M.command.options + 1] = option
end

-- As run.plan.
function M.plan(argv, build)
  local plan, values = run.plan(argv, build, M.command)
  if not plan or plan.help then return plan, values end
  if not build.gil then return nil, "this build has no GIL to trace" end
  plan.trace = values.output or "trace.json"
  plan.trace_all = values.level == "all"
  plan.trace_timeline = values.timeline or false
  plan.trace_capacity = values.events or 0
  if plan.trace ~= "-" then
    local file, problem = output.open(plan.trace, io.stdout) -- fails before anything is run
    if not file then return nil, problem end
    output.close(file)
  end
  return plan
end

-- ---- reading ----

local STATES = { [0] = "running", "waiting", "io", "lock", "sleep", "native", "collecting",
                 "outside" }
local STATE, REQUEST, HANDOFF, FAILED, QUICK_RELEASE, QUICK_TAKE = 0, 1, 2, 3, 4, 5

local function thread_of(part, number)
  local t = part.by_number[number]
  if not t then
    t = { number = number, name = "", lost = 0, slices = {}, marks = {} }
    part.by_number[number] = t
    part.list[#part.list + 1] = t
  end
  return t
end

local function close_slice(t, now)
  local open = t.open
  if open and now > open.from then
    open.to = now
    t.slices[#t.slices + 1] = open
  end
  t.open = nil
end

local function take_event(t, now, arg, kind)
  if t.last and now < t.last then now = t.last end -- a quick release that another thread ended
  t.last = now
  if kind == STATE then
    close_slice(t, now)
    t.open = { state = STATES[arg] or "?", from = now }
  elseif kind == QUICK_RELEASE then
    t.released = now
  elseif kind == QUICK_TAKE then
    if t.released then t.marks[#t.marks + 1] = { kind = "short release", at = t.released, to = now } end
    t.released = nil
  elseif kind == REQUEST then
    t.marks[#t.marks + 1] = { kind = "drop request", at = now, other = arg }
  elseif kind == FAILED then
    t.marks[#t.marks + 1] = { kind = "failed wake-up", at = now }
  elseif kind == HANDOFF and arg ~= 0 then
    t.marks[#t.marks + 1] = { kind = "hand-over", at = now, other = arg }
  end
end

local function read_names(part, text)
  for number, lost, _, name in text:gmatch "(%d+) (%d+) (%d)  ([^\n]*)\n" do
    local t = thread_of(part, math.tointeger(tonumber(number)))
    t.lost, t.name = math.tointeger(tonumber(lost)), name
  end
  part.collector_ns = math.tointeger(tonumber(text:match "collector (%d+)" or 0))
end

-- part: { events = bytes, threads = text }. Fills in list, by_number, from, to, count.
function M.read(part)
  part.list, part.by_number, part.count = {}, {}, 0
  local bytes, unpack = part.event_bytes, string.unpack
  for at = 1, #bytes - 15, 16 do
    local now, arg, number, kind = unpack("=I8I4I2B", bytes, at)
    take_event(thread_of(part, number), now, arg, kind)
    part.count = part.count + 1
    if not part.from or now < part.from then part.from = now end
    if not part.to or now > part.to then part.to = now end
  end
  read_names(part, part.thread_text)
  table.sort(part.list, function(a, b) return a.number < b.number end)
  part.from, part.to = part.from or 0, part.to or 0
  local written = math.tointeger(tonumber(part.thread_text:match "now (%d+)" or 0))
  if part.count > 0 then part.to = math.max(part.to, written) end
  for _, t in ipairs(part.list) do
    if t.open then close_slice(t, t.open.state == "outside" and t.open.from or part.to) end
    if t.name == "" then t.name = "thread " .. t.number end
  end
  return part
end

-- ---- Chrome trace events ----

local COLOUR = { running = "good", waiting = "terrible", collecting = "bad", native = "good",
                 io = "grey", lock = "grey", sleep = "grey", outside = "white" }

local function us(ns) return ("%d.%03d"):format(ns // 1000, ns % 1000) end

local function quote(text) return json.encode(text) end

local function add_names(add, pid, part, title)
  add('{"ph":"M","pid":%d,"tid":0,"name":"process_name","args":{"name":%s}}', pid, quote(title))
  add('{"ph":"M","pid":%d,"tid":0,"name":"process_sort_index","args":{"sort_index":%d}}', pid, pid)
  for _, t in ipairs(part.list) do
    add('{"ph":"M","pid":%d,"tid":%d,"name":"thread_name","args":{"name":%s}}', pid, t.number,
      quote(t.name))
    add('{"ph":"M","pid":%d,"tid":%d,"name":"thread_sort_index","args":{"sort_index":%d}}', pid,
      t.number, t.number)
  end
end

-- Begin and end of each slice; slices of one thread neither overlap nor nest.
local function add_slices(add, pid, t, zero)
  for _, s in ipairs(t.slices) do
    if s.state ~= "outside" then
      add('{"ph":"B","pid":%d,"tid":%d,"ts":%s,"cat":"gil","name":"%s","cname":"%s"}', pid, t.number,
        us(s.from - zero), s.state, COLOUR[s.state] or "grey")
      add('{"ph":"E","pid":%d,"tid":%d,"ts":%s}', pid, t.number, us(s.to - zero))
    end
  end
end

local function add_marks(add, pid, part, t, zero)
  for _, m in ipairs(t.marks) do
    local other = m.other and part.by_number[m.other]
    local args = other and (',"args":{"thread":%s}'):format(quote(other.name)) or ""
    if m.kind == "short release" then -- not a slice: it may lie across the end of one
      args = (',"args":{"ns":%d}'):format(m.to - m.at)
    end
    add('{"ph":"i","s":"t","pid":%d,"tid":%d,"ts":%s,"cat":"gil","name":"%s"%s}', pid, t.number,
      us(m.at - zero), m.kind, args)
  end
end

function M.chrome(parts, write)
  local zero = math.huge
  for _, part in ipairs(parts) do
    if part.count > 0 then zero = math.min(zero, part.from) end
  end
  local first = true
  local function add(format, ...)
    write((first and "\n" or ",\n") .. format:format(...))
    first = false
  end
  write '{"displayTimeUnit":"ms","traceEvents":['
  for i, part in ipairs(parts) do
    add_names(add, i, part, ("gilt, process %d%s"):format(part.pid,
      part.same_pid and (", interpreter " .. part.number) or ""))
    for _, t in ipairs(part.list) do
      add_slices(add, i, t, zero)
      add_marks(add, i, part, t, zero)
    end
  end
  write "\n]}\n"
end

-- ---- the time line ----

local SIGN = { running = "#", waiting = ".", collecting = "g", native = "=", io = "i", lock = "l",
               sleep = "s", outside = " " }
local LEGEND = "# holds the lock  . waits for it  g collects garbage  = native code without it  "
  .. "i I/O  l lock, channel, join  s sleep"

-- What a thread did most in each of `columns` steps of time.
local function line_of(t, from, step, columns)
  local most, sign = {}, {}
  for c = 1, columns do most[c], sign[c] = 0, " " end
  for _, s in ipairs(t.slices) do
    local first = math.max(1, (s.from - from) // step + 1)
    local last = math.min(columns, (s.to - from - 1) // step + 1)
    for c = first, last do
      local a, b = from + (c - 1) * step, from + c * step
      local part = math.min(b, s.to) - math.max(a, s.from)
      if s.state == "waiting" and part * 2 < step then part = part // 2 end
      if part > most[c] then most[c], sign[c] = part, SIGN[s.state] or "?" end
    end
  end
  return table.concat(sign)
end

function M.timeline(parts, width)
  local from, to, label = math.huge, 0, 8
  for _, part in ipairs(parts) do
    if part.count > 0 then from, to = math.min(from, part.from), math.max(to, part.to) end
    for _, t in ipairs(part.list) do label = math.max(label, math.min(20, text_table.width(t.name))) end
  end
  if from >= to then return "no events\n" end
  local columns = math.max(20, width - label - 3)
  local step = math.max(1, (to - from + columns - 1) // columns)
  local lines = { ("%s, one column is %s"):format(units.ns(to - from), units.ns(step)) }
  for _, part in ipairs(parts) do
    if #parts > 1 then lines[#lines + 1] = ("process %d"):format(part.pid) end
    for _, t in ipairs(part.list) do
      lines[#lines + 1] = ("%s |%s|"):format(
        text_table.pad(text_table.cut(t.name, label), label), line_of(t, from, step, columns))
    end
  end
  lines[#lines + 1] = LEGEND
  return table.concat(lines, "\n") .. "\n"
end

-- ---- the report ----

local function load(parts, read_file)
  local traced, pids = {}, {}
  for _, part in ipairs(parts) do
    if part.events then
      part.event_bytes = read_file(part.events)
      part.thread_text = part.threads and read_file(part.threads) or ""
      traced[#traced + 1] = M.read(part)
      part.event_bytes = nil
      pids[part.pid] = (pids[part.pid] or 0) + 1
    end
  end
  for _, part in ipairs(traced) do part.same_pid = pids[part.pid] > 1 end
  return traced
end

local function summary(parts, path)
  local events, lost, threads, collector = 0, 0, 0, 0
  for _, part in ipairs(parts) do
    events, collector = events + part.count, collector + part.collector_ns
    for _, t in ipairs(part.list) do threads, lost = threads + 1, lost + t.lost end
  end
  return ("trace: %s of %s in %s; %s lost%s; collecting took %s of processor time\n"):format(
    units.plural(events, "event"), units.plural(threads, "thread"), path,
    lost == 0 and "none" or units.count(lost),
    lost > 0 and " (--events makes the rings larger)" or "", units.ns(collector))
end

-- run, parts: see observed.lua. Returns an exit status.
function M.report(run_, parts, read_file)
  local traced = load(parts, read_file)
  local file, problem = output.open(run_.trace, io.stdout)
  if not file then
    io.stderr:write("gilt: ", problem, "\n")
    return 1
  end
  local buffer = {}
  local function flush()
    local ok, message = output.write(file, table.concat(buffer))
    problem = problem or not ok and message
    buffer = {}
  end
  M.chrome(traced, function(text)
    buffer[#buffer + 1] = text
    if #buffer > 4096 then flush() end
  end)
  flush()
  local ok, message = output.close(file)
  problem = problem or not ok and message
  if run_.timeline then
    io.stderr:write(M.timeline(traced, require "gilt.experiment".columns()))
  end
  if problem then
    io.stderr:write("gilt: ", problem, "\n")
    return 1
  end
  io.stderr:write(summary(traced, file.name))
  return 0
end

return M
