-- report_text.lua: a comparison as a terminal shows it: for each workload the verdict, the
-- speed-ups and what explains them; at the end all workloads at a glance.

local progress = require "gilt.lab.progress"
local summary_of = require "gilt.lab.summary"
local text_table = require "gilt.lab.table"
local units = require "gilt.lab.units"
local verdict = require "gilt.lab.verdict"
local workload_of = require "gilt.lab.workload"

local M = {}

local MARK = { faster = "▲", slower = "▼", same = "=", open = "?", few = "?" }
local COLOUR = { faster = "green", slower = "red", open = "yellow", few = "yellow" }
local REST = 74 -- columns of the first table beside its bars

local function coloured(style, row, text)
  local name = row.failure and "red" or COLOUR[row.verdict]
  return name and style[name](text) or text
end

local function label(config)
  if config.mode == "serial" then return "serial" end
  return ("%-9s x%d"):format(config.mode, config.workers)
end

local function or_dash(value, show) return value ~= nil and show(value) or "-" end

-- Heading: the workload's name and subject on the left, its size on the right, a rule between.
-- Where that is too much for a line, the size has one of its own.
local function heading(summary, style, width)
  local name, about = summary.workload.name, summary.workload.about
  local params = workload_of.describe_params(summary.params)
  if params ~= "" then params = params .. ", " end
  local size = ("%d tasks, %s%d round%s"):format(summary.tasks, params, summary.rounds_done,
                                                 summary.rounds_done == 1 and "" or "s")
  about = text_table.cut(about, width - text_table.width(name) - 12)
  local used = text_table.width(name) + 2 + text_table.width(about) + 1
  local room = width - used - 1 - text_table.width(size)
  local title = style.bold(name) .. "  " .. about .. " "
  if room >= 4 then
    return { title .. style.dim(("─"):rep(room) .. " " .. size) }
  end
  return { title .. style.dim(("─"):rep(width - used)), style.dim("  " .. size) }
end

local function scale_of(summary)
  local most = 1
  for _, row in ipairs(summary.rows) do
    if row.speedup then most = math.max(most, row.speedup.ratio) end
  end
  return most
end

local function speed_rows(summary, style, width)
  local rows, most = {}, scale_of(summary)
  local function bar(ratio)
    return (progress.bar(ratio / most, math.max(6, width - REST)):gsub("%s+$", ""))
  end
  for _, row in ipairs(summary.rows) do
    if row.failure then
      local text = text_table.cut("failed: " .. row.failure.line, width - 16)
      rows[#rows + 1] = { label(row.config), span = style.red(text) }
    elseif row.config.mode == "serial" then
      rows[#rows + 1] = {
        "serial", "1.00x", summary.floor and "noise " .. units.percent(summary.floor) or "",
        "", or_dash(row.throughput, units.count), bar(1),
      }
    elseif row.speedup then
      local r = row.speedup
      rows[#rows + 1] = {
        label(row.config), coloured(style, row, units.ratio(r.ratio)),
        r.coverage > 0 and ("%.2f to %.2f"):format(r.low, r.high) or "-", units.percent(row.efficiency),
        or_dash(row.throughput, units.count),
        coloured(style, row, bar(r.ratio)) .. " " .. style.dim(verdict.word(row)),
      }
    else
      rows[#rows + 1] = { label(row.config), span = style.dim("not measured") }
    end
  end
  return rows
end

-- "95 %" if every interval has it, else the least coverage there is.
local function interval_head(summary)
  local least = 1
  for _, row in ipairs(summary.rows) do
    if row.speedup then least = math.min(least, row.speedup.coverage) end
  end
  if least >= 0.95 then return "95 % interval" end
  if least == 0 then return "one round" end -- one ratio has no spread
  return ("%.0f %% interval"):format(least * 100)
end

local function speed_table(summary, style, width)
  return text_table.render({
    { head = "" }, { head = "speed-up", align = "right" },
    { head = interval_head(summary), align = "right" }, { head = "efficiency", align = "right" },
    { head = "tasks/s", align = "right" }, { head = "" },
  }, speed_rows(summary, style, width), { indent = 2, head_style = style.dim })
end

local function switches_text(row)
  if not row.nvcsw then return "-" end
  return ("%s / %s"):format(units.whole(row.nvcsw), units.whole(row.nivcsw or 0))
end

-- A figure of the lock: where it is off there is none, whatever the counters say.
local function lock_figure(field, show, off)
  return function(row)
    if row.config.mode == "free" then return off end
    return or_dash(row[field], show)
  end
end

-- What explains the speeds: processor and lock, then operating system and memory.
local WHY = {
  { "CPU\ntime", function(row) return or_dash(row.cpu_ns, units.ns) end },
  { "CPU\nuse", function(row) return or_dash(row.cpu_use, units.percent) end },
  { "GIL\nheld", lock_figure("gil_hold", units.percent, "off") },
  { "GIL\nwait", lock_figure("gil_wait", units.percent, "-") },
  { "GIL\nswitches/s", lock_figure("switches", units.count, "-") },
  { "OS switches\nown / forced", switches_text },
  { "minor\nfaults", function(row) return or_dash(row.minflt, units.whole) end },
  { "peak\nmemory", function(row) return or_dash(row.peak_kb, units.kb) end },
  { "start-up", function(row) return or_dash(row.startup_ns, units.ns) end },
}
M.FIGURES = WHY
local WHY_WIDTH, WHY_SPLIT = 97, 5 -- on a narrower terminal, two tables: the first has 5 columns

local function why_part(summary, style, first, last)
  local columns, rows = { { head = "" } }, {}
  for c = first, last do columns[#columns + 1] = { head = WHY[c][1], align = "right" } end
  for _, row in ipairs(summary.rows) do
    if not row.failure and row.samples > 0 then
      local cells = { label(row.config) }
      for c = first, last do cells[#cells + 1] = WHY[c][2](row) end
      rows[#rows + 1] = cells
    end
  end
  return text_table.render(columns, rows, { indent = 2, head_style = style.dim })
end

local function why_table(summary, style, width)
  if width >= WHY_WIDTH then return why_part(summary, style, 1, #WHY) end
  local lines = why_part(summary, style, 1, WHY_SPLIT)
  lines[#lines + 1] = ""
  local more = why_part(summary, style, WHY_SPLIT + 1, #WHY)
  return table.move(more, 1, #more, #lines + 1, lines)
end

-- Hints about samples that stand out, as sentences.
function M.notes(summary)
  local severe, worst, samples, list = 0, 0, 0, {}
  if summary.busy and summary.busy >= summary_of.BUSY_NOTE and not summary.too_busy then
    list[1] = ("Note: the machine was busy: workers waited up to %s of the time for a processor.")
      :format(units.percent(summary.busy))
  end
  for _, row in ipairs(summary.rows) do
    severe, samples = severe + row.outliers.severe, samples + row.samples
    worst = math.max(worst, row.outliers.worst)
  end
  if worst > 0.1 then
    list[#list + 1] = ("Note: %d of %d samples stood far out, by up to %s (they count, and medians "
      .. "bear it). Was the machine busy?"):format(severe, samples, units.percent(worst))
  end
  if summary.floor and summary.floor > 0.1 and not summary.too_busy then
    list[#list + 1] = ("Note: serial differed from itself by up to %s, so this machine is too "
      .. "restless for small differences."):format(units.percent(summary.floor))
  end
  return list
end

local function add(lines, more, indent)
  for _, line in ipairs(more) do lines[#lines + 1] = (indent or "") .. line end
end

-- The lines on one workload.
function M.workload(summary, style, width)
  local lines = heading(summary, style, width)
  lines[#lines + 1] = ""
  if summary.failed then
    for _, line in ipairs(text_table.wrap("not measured: " .. summary.failed.line, width - 4)) do
      lines[#lines + 1] = "  " .. style.red(line)
    end
    return lines
  end
  if summary.rows[1].samples == 0 then
    lines[#lines + 1] = "  " .. style.yellow("interrupted before the first sample was complete")
    return lines
  end
  add(lines, text_table.wrap(verdict.sentence(summary), width - 4), "  ")
  lines[#lines + 1] = ""
  add(lines, speed_table(summary, style, width))
  lines[#lines + 1] = ""
  add(lines, why_table(summary, style, width))
  for i, note in ipairs(M.notes(summary)) do
    if i == 1 then lines[#lines + 1] = "" end
    for _, line in ipairs(text_table.wrap(note, width - 4)) do
      lines[#lines + 1] = "  " .. style.yellow(line)
    end
  end
  if summary.interrupted then
    lines[#lines + 1] = "  " .. style.yellow(("Interrupted: %d of %d rounds are complete."):format(
      summary.rounds_done, summary.rounds))
  end
  return lines
end

-- The modes and numbers of workers that appear in any summary, in order.
function M.axes(summaries)
  local modes, workers, seen = {}, {}, {}
  local function note(list, value)
    if not seen[value] then list[#list + 1] = value end
    seen[value] = true
  end
  for _, summary in ipairs(summaries) do
    for _, row in ipairs(summary.rows) do
      if row.config.mode ~= "serial" then
        note(modes, row.config.mode)
        note(workers, row.config.workers)
      end
    end
  end
  return modes, workers
end

local function glance_cell(summary, mode, workers, style)
  for _, row in ipairs(summary.rows) do
    if row.config.mode == mode and row.config.workers == workers then
      if row.failure then return style.red("failed") end
      if not row.speedup then return "-" end
      local text = units.ratio(row.speedup.ratio) .. " " .. (MARK[row.verdict] or " ")
      return coloured(style, row, text)
    end
  end
  return "-"
end

local SHORT_BOUND = { cpu = "CPU", io = "waiting", mixed = "CPU + waiting", unknown = "-" }

-- The lines of one workload: one for each number of workers.
local function glance_rows(summary, modes, workers, style)
  local name = text_table.cut(summary.workload.name, 20)
  if summary.failed then return { { name, span = style.red("failed") } } end
  if summary.rows[1].samples == 0 then return { { name, span = style.yellow("not measured") } } end
  local rows = {}
  for i, count in ipairs(workers) do
    local row = { i == 1 and name or "", i == 1 and SHORT_BOUND[verdict.bound(summary)] or "",
                  tostring(count) }
    for _, mode in ipairs(modes) do row[#row + 1] = glance_cell(summary, mode, count, style) end
    if i == #workers then row[#row + 1] = style.bold(verdict.answer(summary)) end
    rows[i] = row
  end
  return rows
end

local function legend(summaries, width)
  local floors = {}
  for _, summary in ipairs(summaries) do floors[#floors + 1] = summary.floor end
  table.sort(floors)
  local marks = "▲ faster  ▼ slower  = no relevant difference  ? the samples can't tell"
  if #floors == 0 then return { marks } end
  local noise = ("(noise: %s to %s)"):format(units.percent(floors[1]),
                                             units.percent(floors[#floors]))
  local line = marks .. "  " .. noise
  if text_table.width(line) <= width - 2 then return { line } end
  return { marks, noise }
end

-- All workloads at a glance; the answer to "threads or processes?" stands last in each line.
function M.glance(summaries, style, width)
  local modes, workers = M.axes(summaries)
  local columns = { { head = "workload" }, { head = "limited by" },
                    { head = "workers", align = "right" } }
  for _, mode in ipairs(modes) do columns[#columns + 1] = { head = mode, align = "right" } end
  columns[#columns + 1] = { head = "use" }
  local rows = {}
  for _, summary in ipairs(summaries) do
    local more = glance_rows(summary, modes, workers, style)
    table.move(more, 1, #more, #rows + 1, rows)
  end
  local lines = { style.bold("At a glance") .. ": speed-up against one thread", "" }
  add(lines, text_table.render(columns, rows, {
    indent = 2, gap = width < WHY_WIDTH and 1 or 2, head_style = style.dim,
  }))
  lines[#lines + 1] = ""
  for _, part in ipairs(legend(summaries, width)) do lines[#lines + 1] = "  " .. style.dim(part) end
  return lines
end

-- The line above everything: on what this was measured.
function M.machine(env, style, width)
  local parts = {}
  if env.cpu_model then parts[#parts + 1] = tostring(env.cpu_model) end
  if env.cores then
    parts[#parts + 1] = ("%s core%s"):format(env.cores, env.cores == 1 and "" or "s")
  end
  if env.kernel then parts[#parts + 1] = tostring(env.kernel) end
  if env.lua then
    parts[#parts + 1] = tostring(env.lua) .. (env.core == "gilt" and ", gilt's core" or "")
  end
  local line = table.concat(parts, ", ")
  return { style.dim(text_table.cut(line, width)) }
end

return M
