-- timeline.lua: a traced run as text: time goes down, a column for each thread, the source lines in
-- the order in which they were executed.

local style_of = require "gilt.lab.style"
local text_table = require "gilt.lab.table"

local M = {}

local LINES_MAX = 9      -- of a thread between two switches; the middle of more is left out
local SEGMENTS_MAX = 40  -- the last ones of a long run
local COLUMN_MIN, COLUMN_MAX = 24, 44

-- ---- from events to segments: what one thread did between two switches ----

-- Segments { thread, source, lines = { line ... }, from = how it was stopped before (a stop event)
-- or nil, stop = stop event or nil }.
local function segments_of(report)
  local list, stopped, now = {}, {}, nil
  for _, e in ipairs(report.events) do
    if not now or now.thread ~= e.thread then
      now = { thread = e.thread, lines = {}, from = stopped[e.thread] }
      list[#list + 1] = now
    end
    if e.to then
      now.stop, stopped[e.thread] = e, e
      now = nil
    else
      now.lines[#now.lines + 1] = e
    end
  end
  return list
end

-- Segments in which nothing happens that a reader sees (stopped before its first line, then on) are
-- left out.
local function telling(list)
  local out = {}
  for _, s in ipairs(list) do
    local how = s.stop and s.stop.how
    if #s.lines > 0 or s.from and s.from.how == "inside" or how == "waits" or how == nil then out[#out + 1] = s end
  end
  return out
end

-- ---- source files ----

local function load_lines(source)
  local lines = {}
  local file = source and source:sub(1, 1) == "@" and io.open(source:sub(2), "r")
  if not file then return lines end
  for line in file:lines() do lines[#lines + 1] = line end
  file:close()
  return lines
end

local function sources()
  return setmetatable({}, { __index = function(cache, source)
    cache[source] = load_lines(source)
    return cache[source]
  end })
end

local function strip(text) return style_of.plain((text:gsub("^%s+", ""):gsub("%s+$", ""))) end

-- ---- rows: { thread, text, note } ----

local function label(view, e)
  local file = e.source ~= view.main and e.source and e.source:match("([^/]*)$") .. ":" or ""
  return ("%s%d"):format(file, e.line)
end

local function code(view, e)
  local text = view.files[e.source or ""][e.line]
  return label(view, e) .. "  " .. (text and strip(text) or "")
end

local function add(view, thread, text, note) view.rows[#view.rows + 1] = { thread = thread, text = text, note = note } end

local function add_lines(view, s)
  local n = #s.lines
  for i, e in ipairs(s.lines) do
    if n <= LINES_MAX or i <= 3 or i > n - (LINES_MAX - 4) then
      add(view, s.thread, code(view, e))
    elseif i == 4 then
      add(view, s.thread, ("... %d more lines"):format(n - LINES_MAX + 1), "dim")
    end
  end
end

local function where(view, s) return label(view, s.stop) end

local STOPS = {
  inside = function(view, s) return "|| stopped inside line " .. where(view, s) end,
  before = function(view, s) return "|| stopped before line " .. s.stop.next end,
  waits = function() return "|| waits here" end,
  ends = function() return "   ends" end,
}

local function add_segment(view, s)
  local from = s.from
  if from and from.how == "inside" then
    add(view, s.thread, ">> does the rest of line " .. label(view, from), "yellow")
  elseif from and from.how == "waits" then
    add(view, s.thread, ">> goes on", "dim")
  end
  add_lines(view, s)
  if s.stop then add(view, s.thread, STOPS[s.stop.how](view, s), s.stop.how == "inside" and "yellow" or "dim") end
end

local ENDS = { error = "!! fails here", deadlock = "!! all threads wait: deadlock",
               exit = "!! the process ends", signal = "!! the process ends" }

-- ---- layout ----

local function threads_in(list)
  local seen, order = {}, {}
  for _, s in ipairs(list) do seen[s.thread] = true end
  for id in pairs(seen) do order[#order + 1] = id end
  table.sort(order)
  return order
end

local function name_of(report, id) return style_of.plain(report.threads[id] or ("thread " .. id)) end

local function sum(list, cap)
  local total = 0
  for _, w in ipairs(list) do total = total + math.min(w, cap) end
  return total
end

-- What each column needs, but no more in all than there is; the widest ones give first.
local function widths_of(view, order, place, width)
  local need, cap = {}, COLUMN_MAX
  for i, id in ipairs(order) do need[i] = text_table.width(name_of(view.report, id)) end
  for _, row in ipairs(view.rows) do
    local i = place[row.thread]
    need[i] = math.max(need[i], text_table.width(row.text))
  end
  while cap > COLUMN_MIN and sum(need, cap) + 2 * #order + 2 > width do cap = cap - 1 end
  for i, w in ipairs(need) do need[i] = math.min(w, cap) end
  return need
end

-- Side by side.
local function columns(view, order, width, style)
  local place, lines, left, head, rule = {}, {}, {}, {}, {}
  for i, id in ipairs(order) do place[id] = i end
  local widths, used = widths_of(view, order, place, width), 2
  for i, id in ipairs(order) do
    left[i], used = used, used + widths[i] + 2
    head[i] = text_table.pad(text_table.cut(name_of(view.report, id), widths[i]), widths[i])
    rule[i] = ("-"):rep(widths[i])
  end
  lines[1] = "  " .. style.bold((table.concat(head, "  "):gsub("%s+$", "")))
  lines[2] = "  " .. table.concat(rule, "  ")
  for _, row in ipairs(view.rows) do
    local i = place[row.thread]
    local text = text_table.cut(row.text, widths[i])
    lines[#lines + 1] = (" "):rep(left[i]) .. (row.note and style[row.note](text) or text)
  end
  return lines
end

-- One below the other, with the thread's name in front.
local function stacked(view, order, width, style)
  local left, lines, last = 0, {}, nil
  for _, id in ipairs(order) do left = math.max(left, text_table.width(name_of(view.report, id))) end
  left = math.min(left, 20)
  for _, row in ipairs(view.rows) do
    local name = row.thread ~= last and text_table.cut(name_of(view.report, row.thread), left) or ""
    local text = text_table.cut(row.text, math.max(20, width - left - 4))
    lines[#lines + 1] = "  " .. style.bold(text_table.pad(name, left)) .. "  "
      .. (row.note and style[row.note](text) or text)
    last = row.thread
  end
  return lines
end

-- report: of a run with a trace. opt: style, width, script (its name is left out before line
-- numbers).
function M.text(report, opt)
  local list = telling(segments_of(report))
  local view = { report = report, rows = {}, files = sources(), main = "@" .. opt.script }
  local first = math.max(1, #list - SEGMENTS_MAX + 1)
  local lead = first > 1 and ("  ... %d turns before that\n"):format(first - 1) or ""
  for i = first, #list do add_segment(view, list[i]) end
  add(view, report.thread or 1, ENDS[report.outcome] or "!! ends", "red")
  local order = threads_in(table.move(list, first, #list, 1, {}))
  if not report.thread then report.thread = order[1] end
  local fits = #order * (COLUMN_MIN + 2) + 2 <= opt.width
  local lines = (fits and columns or stacked)(view, order, opt.width, opt.style)
  return lead .. table.concat(lines, "\n") .. "\n"
end

return M
