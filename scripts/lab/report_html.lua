-- report_html.lua: a comparison as one page that opens from a file, offline: verdicts, charts, tables,
-- the machine, what to trust, and the raw data. Everything can be read without the script in it.

local chart = require "gilt.lab.chart"
local html = require "gilt.lab.html"
local report_data = require "gilt.lab.report_data"
local report_text = require "gilt.lab.report_text"
local style_of = require "gilt.lab.style"
local units = require "gilt.lab.units"
local verdict = require "gilt.lab.verdict"
local workload_of = require "gilt.lab.workload"

local M = {}

local element, text = html.element, html.text
local PLAIN = style_of.new(false)

local function paragraph(words, class) return text("p", words, { "class", class or false }) end

local function figure(svg, caption) return element("figure", nil, { svg, text("figcaption", caption) }) end

local MARK = { faster = "▲", slower = "▼", same = "=", open = "?", few = "?" }

-- ---- one workload ----

local function interval(r)
  return r and r.coverage > 0 and ("%.2f to %.2f"):format(r.low, r.high) or ""
end

local function speed_table(summary)
  local rows = {}
  for _, row in ipairs(summary.rows) do
    local name, r = chart.name(row.config), row.speedup
    if row.config.mode == "serial" then
      rows[#rows + 1] = { name, "1.00x", summary.floor and "noise " .. units.percent(summary.floor) or "",
                          "", row.throughput and units.count(row.throughput) or "", "" }
    elseif row.failure then
      rows[#rows + 1] = { name, "", "", "", "", "failed: " .. row.failure.line }
    elseif r then
      rows[#rows + 1] = {
        name, { html = text("span", units.ratio(r.ratio), { "class", row.verdict }), sort = r.ratio },
        interval(r), row.efficiency and units.percent(row.efficiency) or "",
        row.throughput and units.count(row.throughput) or "",
        { html = text("span", verdict.word(row), { "class", row.verdict }) },
      }
    else
      rows[#rows + 1] = { name, "", "", "", "", "not measured" }
    end
  end
  return html.table("Speed-up: serial time by the mode's time, both of the same round; the median.", {
    { "mode" }, { "speed-up", align = "right" }, { "interval", align = "right" },
    { "efficiency", align = "right" }, { "tasks/s", align = "right" }, { "" },
  }, rows)
end

local function states_table(summary)
  local rows, columns = {}, { { "mode" } }
  for i, state in ipairs(chart.STATES) do columns[i + 1] = { state[2], align = "right" } end
  for _, row in ipairs(summary.rows) do
    local shares = not row.failure and chart.shares(row)
    if shares then
      local cells = { chart.name(row.config) }
      for i, state in ipairs(chart.STATES) do cells[i + 1] = units.percent(shares[state[1]]) end
      rows[#rows + 1] = cells
    end
  end
  return html.table("Shares of the workers' time, medians over the rounds.", columns, rows)
end

local function why_table(summary)
  local rows, columns = {}, { { "mode" } }
  for i, item in ipairs(report_text.FIGURES) do columns[i + 1] = { item[1], align = "right" } end
  for _, row in ipairs(summary.rows) do
    if not row.failure and row.samples > 0 then
      local cells = { chart.name(row.config) }
      for i, item in ipairs(report_text.FIGURES) do cells[i + 1] = item[2](row) end
      rows[#rows + 1] = cells
    end
  end
  return html.table("What explains it: processor, lock, operating system, memory.", columns, rows)
end

local function section(summary)
  local w = summary.workload
  local params = workload_of.describe_params(summary.params)
  local parts = {
    text("h2", w.name, { "id", "w-" .. w.name }),
    paragraph(("%s. %d tasks%s, %d of %d rounds."):format(w.about, summary.tasks,
      params ~= "" and ", " .. params or "", summary.rounds_done, summary.rounds), "quiet"),
  }
  if summary.failed or summary.rows[1].samples == 0 then
    parts[#parts + 1] = paragraph(summary.failed and "Not measured: " .. summary.failed.line
      or "Interrupted before the first sample was complete.", "note")
    return parts
  end
  parts[#parts + 1] = paragraph(verdict.sentence(summary), "verdict")
  for _, note in ipairs(report_text.notes(summary)) do parts[#parts + 1] = paragraph(note, "note") end
  parts[#parts + 1] = figure(chart.speed(summary),
    "Each dot is a round, the bar is the interval of the median, the mark the median. The grey band around 1x is "
    .. "how far serial differs from itself: differences within it mean nothing.")
  parts[#parts + 1] = speed_table(summary)
  local scaling = chart.scaling(summary)
  if scaling then
    parts[#parts + 1] = figure(scaling, "What you want to see: a line along the ideal. One that bends down has found "
      .. "what limits it: processors, the lock, or memory.")
  end
  parts[#parts + 1] = text("h3", "Where the time went")
  parts[#parts + 1] = figure(chart.states(summary),
    "What you want to see: computing. Much waiting for the GIL: threads that compute take turns. Waiting for "
    .. "a processor: other programs ran, or there are more workers than processors.")
  parts[#parts + 1] = states_table(summary)
  parts[#parts + 1] = why_table(summary)
  return parts
end

-- ---- all of them ----

local function glance_cell(summary, mode, workers)
  for _, row in ipairs(summary.rows) do
    if row.config.mode == mode and row.config.workers == workers then
      if row.failure then return "failed" end
      if not row.speedup then return "" end
      local words = units.ratio(row.speedup.ratio) .. " " .. (MARK[row.verdict] or "")
      return { html = text("span", words, { "class", row.verdict }), sort = row.speedup.ratio }
    end
  end
  return ""
end

local function glance(summaries)
  local modes, counts = report_text.axes(summaries)
  local columns, rows = { { "workload" }, { "workers", align = "right" } }, {}
  for _, mode in ipairs(modes) do columns[#columns + 1] = { mode, align = "right" } end
  columns[#columns + 1] = { "use" }
  for _, summary in ipairs(summaries) do
    local name = summary.workload.name
    for _, count in ipairs(counts) do
      local row = { { html = text("a", name, { "href", "#w-" .. name }) }, tostring(count) }
      for _, mode in ipairs(modes) do row[#row + 1] = glance_cell(summary, mode, count) end
      local measured = not summary.failed and summary.rows[1].samples > 0
      row[#row + 1] = measured and verdict.answer(summary) or "not measured"
      rows[#rows + 1] = row
    end
  end
  return html.table("Speed-up against one thread. ▲ faster, ▼ slower, = no relevant difference, ? the samples can't tell.",
    columns, rows, "sorted")
end

-- What speaks against trusting the numbers, as sentences; an empty list: nothing that was noticed.
function M.doubts(summaries)
  local list = {}
  for _, summary in ipairs(summaries) do
    local name = summary.workload.name
    if summary.too_busy then
      list[#list + 1] = ("%s: the machine was too busy; workers waited up to %s of the time for a processor.")
        :format(name, units.percent(summary.busy))
    elseif summary.floor and summary.floor > 0.1 then
      list[#list + 1] = ("%s: serial differed from itself by up to %s."):format(name, units.percent(summary.floor))
    end
    if summary.rounds_done > 0 and summary.rounds_done < 6 then
      list[#list + 1] = ("%s: %s separate nothing; take 6 or more."):format(name,
        units.plural(summary.rounds_done, "round"))
    end
    if summary.interrupted then list[#list + 1] = name .. ": interrupted." end
  end
  return list
end

local function trust(summaries)
  local doubts, items = M.doubts(summaries), {}
  if #doubts == 0 then
    return paragraph("Nothing was noticed that speaks against these numbers: the noise is small, the processors "
      .. "were there when they were needed, there were enough rounds.")
  end
  for i, doubt in ipairs(doubts) do items[i] = text("li", doubt) end
  return element("ul", nil, items)
end

local function environment(env)
  local keys, rows = {}, {}
  for key, value in pairs(env) do
    if type(key) == "string" and type(value) ~= "table" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for i, key in ipairs(keys) do rows[i] = { (key:gsub("_", " ")), tostring(env[key]) } end
  return html.table("What this was measured on and with.", { { "fact" }, { "value" } }, rows, "facts")
end

-- A word of a command line as a shell takes it.
local function quoted(word)
  if word:find "^[%w_./=,:+-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function command_line(command)
  local words = { "gilt" }
  for i, word in ipairs(command) do words[i + 1] = quoted(word) end
  return table.concat(words, " ")
end

-- The page of a comparison. doc: as for report_data.json.
function M.page(doc)
  local names = {}
  for i, summary in ipairs(doc.summaries) do names[i] = summary.workload.name end
  local title = "gilt compare: " .. table.concat(names, ", ")
  local parts = {
    element("div", { "id", "tools", "class", "right" }, ""),
    text("h1", title),
    paragraph(report_text.machine(doc.environment, PLAIN, 200)[1], "quiet"),
    paragraph("The same Lua tasks in every mode, interleaved in rounds; every mode gave the same answers, or it is not "
      .. "here. Modes are called different only where the samples separate them."),
    glance(doc.summaries),
  }
  for _, summary in ipairs(doc.summaries) do
    table.move(section(summary), 1, 999, #parts + 1, parts)
  end
  parts[#parts + 1] = text("h2", "Can these numbers be trusted?") .. trust(doc.summaries)
    .. environment(doc.environment) .. text("h2", "Again, and the raw data")
    .. text("pre", command_line(doc.command))
    .. element("p", nil, {
      text("a", "All samples as CSV", { "download", "gilt-compare.csv",
        "href", html.data_address("text/csv", report_data.csv(doc.runs)) }),
      ", as <code>--csv FILE</code> writes them; <code>--json FILE</code> has the summaries as well." })
  return html.page(title, table.concat(parts, "\n"))
end

return M
