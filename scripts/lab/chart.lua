-- chart.lua: SVG charts of a comparison. Each says in words, too, what it shows (title and desc), and
-- the numbers are in a table beside it.

local html = require "gilt.lab.html"
local units = require "gilt.lab.units"

local M = {}

local WIDTH, LEFT, RIGHT = 760, 120, 90
local element, text = html.element, html.text

local function svg(height, title, description, parts)
  return element("svg", { "viewBox", ("0 0 %d %d"):format(WIDTH, height), "width", WIDTH, "height", height,
    "role", "img" }, { text("title", title), text("desc", description), table.concat(parts) })
end

-- SVG wants short numbers.
local function at(n) return ("%.1f"):format(n) end

local function line(x1, y1, x2, y2, class, more)
  return element("line", { "x1", at(x1), "y1", at(y1), "x2", at(x2), "y2", at(y2), "class", class,
                           "stroke-width", more or false })
end

local function label(x, y, words, anchor, class)
  return text("text", words, { "x", at(x), "y", at(y), "text-anchor", anchor or false, "class", class or false })
end

-- A mark of the mode at a point: each mode has a shape of its own.
local MARKS = {}
function MARKS.serial(x, y) return element("circle", { "cx", at(x), "cy", at(y), "r", 5, "class", "serial" }) end
function MARKS.threads(x, y)
  return element("rect", { "x", at(x - 5), "y", at(y - 5), "width", 10, "height", 10, "class", "threads" })
end
function MARKS.free(x, y) return element("circle", { "cx", at(x), "cy", at(y), "r", 6, "class", "free" }) end
local function polygon(class, ...)
  local points = {}
  for i = 1, select("#", ...), 2 do
    points[#points + 1] = at((select(i, ...))) .. "," .. at((select(i + 1, ...)))
  end
  return element("polygon", { "points", table.concat(points, " "), "class", class })
end
function MARKS.processes(x, y) return polygon("processes", x, y - 7, x + 7, y, x, y + 7, x - 7, y) end
function MARKS.isolates(x, y) return polygon("isolates", x, y - 6, x + 6.5, y + 5.5, x - 6.5, y + 5.5) end

local DASHES = { threads = "7 3", free = false, processes = "2 3", isolates = "9 3 2 3" }

function M.name(config)
  if config.mode == "serial" then return "serial" end
  return ("%s x%d"):format(config.mode, config.workers)
end

-- A step of 1, 2 or 5 times a power of ten, so that an axis up to `most` has three to seven of them.
local function step_of(most)
  local step = 10.0 ^ math.floor(math.log(most, 10))
  if most / step < 3 then step = step / 2 end
  if most / step < 3 then step = step / 2.5 end
  if most / step > 7 then step = step * 2 end
  return step
end

local function most_of(summary)
  local most = 1
  for _, row in ipairs(summary.rows) do
    if row.speedup then most = math.max(most, row.speedup.high or 0, row.speedup.ratio) end
  end
  return most * 1.06
end

local function axis(most, x_of, top, bottom)
  local parts, step = {}, step_of(most)
  for i = 0, math.floor(most / step) do
    local x = x_of(i * step)
    parts[#parts + 1] = line(x, top, x, bottom, "rule")
    parts[#parts + 1] = label(x, bottom + 16, ("%gx"):format(i * step), "middle", "quiet")
  end
  return table.concat(parts)
end

-- One mode: every round as a dot, the interval as a line, the median as a mark.
local function speed_row(row, x_of, y)
  local config, r, parts = row.config, row.speedup, {}
  parts[1] = label(LEFT - 10, y + 4, M.name(config), "end")
  if row.failure or not r then
    parts[2] = label(LEFT + 8, y + 4, row.failure and "failed" or "not measured", nil, "quiet")
    return table.concat(parts)
  end
  for _, ratio in ipairs(row.ratios or {}) do
    parts[#parts + 1] = element("circle", { "cx", at(x_of(ratio)), "cy", at(y), "r", 3,
                                            "class", config.mode .. " dots" })
  end
  if r.low and r.coverage > 0 then
    parts[#parts + 1] = line(x_of(r.low), y, x_of(r.high), y, config.mode, 3)
  end
  parts[#parts + 1] = MARKS[config.mode](x_of(r.ratio), y)
  parts[#parts + 1] = label(WIDTH - RIGHT + 14, y + 4, units.ratio(r.ratio))
  return table.concat(parts)
end

-- Speed-ups of all modes beside each other.
function M.speed(summary)
  local count, most, words = #summary.rows, most_of(summary), {}
  local bottom = 14 + 28 * count
  local function x_of(ratio) return LEFT + math.min(ratio / most, 1) * (WIDTH - LEFT - RIGHT) end
  local parts = { axis(most, x_of, 6, bottom) }
  if summary.floor then
    local low, high = x_of(1 - summary.floor), x_of(1 + summary.floor)
    parts[#parts + 1] = element("rect", { "x", at(low), "y", 6, "width", at(high - low),
                                          "height", bottom - 6, "class", "noise" })
  end
  parts[#parts + 1] = line(x_of(1), 6, x_of(1), bottom, "one")
  for i, row in ipairs(summary.rows) do
    local y = 28 * i - 6
    if row.config.mode == "serial" then
      parts[#parts + 1] = label(LEFT - 10, y + 4, "serial", "end") .. MARKS.serial(x_of(1), y)
        .. label(WIDTH - RIGHT + 14, y + 4, "1.00x")
    else
      parts[#parts + 1] = speed_row(row, x_of, y)
      if row.speedup then words[#words + 1] = M.name(row.config) .. " " .. units.ratio(row.speedup.ratio) end
    end
  end
  return svg(bottom + 24, "Speed-up against one thread: " .. summary.workload.name,
             table.concat(words, ", "), parts)
end

-- How the workers' time divides; shares from 0 to 1 that add up to 1. nil where it was not measured.
function M.shares(row)
  if not row.cpu_use or row.samples == 0 then return nil end
  local cpu = math.min(1, row.cpu_use / row.config.workers)
  local queue = math.min(1 - cpu, row.runq or 0)
  local gil = row.config.mode == "free" and 0 or math.min(1 - cpu - queue, row.gil_wait or 0)
  return { cpu = cpu, queue = queue, gil = gil, wait = math.max(0, 1 - cpu - queue - gil) }
end

M.STATES = {
  { "cpu", "computing", "on" }, { "gil", "waiting for the GIL", "on" },
  { "queue", "waiting for a processor", "onlight" }, { "wait", "waiting for something else", "onlight" },
}

-- The same as a bar for each mode.
function M.states(summary)
  local parts, y, span = {}, 6, WIDTH - LEFT - 20
  local x = 20
  for _, state in ipairs(M.STATES) do
    parts[#parts + 1] = element("rect", { "x", at(x), "y", y, "width", 12, "height", 12, "class", state[1] })
    parts[#parts + 1] = label(x + 17, y + 11, state[2], nil, "quiet")
    x = x + 40 + 6.6 * #state[2]
  end
  y = y + 24
  for _, row in ipairs(summary.rows) do
    local shares = not row.failure and M.shares(row)
    if shares then
      parts[#parts + 1] = label(LEFT - 10, y + 15, M.name(row.config), "end")
      x = LEFT
      for _, state in ipairs(M.STATES) do
        local share = shares[state[1]]
        local width = share * span
        if width > 0.5 then
          parts[#parts + 1] = element("rect", { "x", at(x), "y", y, "width", at(width), "height", 20,
                                                "class", state[1] })
          if width > 40 then
            parts[#parts + 1] = label(x + width / 2, y + 15, units.percent(share), "middle", state[3])
          end
        end
        x = x + width
      end
      y = y + 26
    end
  end
  return svg(y + 4, "Where the workers' time went: " .. summary.workload.name,
             "The same numbers are in the table below.", parts)
end

-- Speed-up over the number of workers, a line for each mode; nil with fewer than two numbers.
function M.scaling(summary)
  local series, order, most_workers, counts, seen = {}, {}, 1, 0, {}
  for _, row in ipairs(summary.rows) do
    local mode, workers = row.config.mode, row.config.workers
    if mode ~= "serial" and row.speedup then
      if not series[mode] then
        series[mode] = {}
        order[#order + 1] = mode
      end
      table.insert(series[mode], { workers, row.speedup.ratio })
      if not seen[workers] then counts = counts + 1 end
      seen[workers] = true
      most_workers = math.max(most_workers, workers)
    end
  end
  if counts < 2 then return nil end
  local most, height, left = math.max(most_of(summary), 2), 300, 60
  local function x_of(n) return left + (n - 1) / (most_workers - 1) * (WIDTH - left - 160) end
  local function y_of(r) return height - 36 - math.min(r / most, 1) * (height - 50) end
  local parts, step = {}, step_of(most)
  for i = 0, math.floor(most / step) do
    parts[#parts + 1] = line(left, y_of(i * step), WIDTH - 150, y_of(i * step), "rule")
    parts[#parts + 1] = label(left - 8, y_of(i * step) + 4, ("%gx"):format(i * step), "end", "quiet")
  end
  local ideal = math.min(most, most_workers)
  parts[#parts + 1] = line(x_of(1), y_of(1), x_of(ideal), y_of(ideal), "one")
  parts[#parts + 1] = label(x_of(ideal) + 6, y_of(ideal) + 4, "ideal", nil, "quiet")
  for n in pairs(seen) do parts[#parts + 1] = label(x_of(n), height - 16, tostring(n), "middle", "quiet") end
  parts[#parts + 1] = label((left + WIDTH - 150) / 2, height - 1, "workers", "middle", "quiet")
  local ends = {}
  for _, mode in ipairs(order) do
    local points = {}
    table.sort(series[mode], function(a, b) return a[1] < b[1] end)
    for i, p in ipairs(series[mode]) do points[i] = at(x_of(p[1])) .. "," .. at(y_of(p[2])) end
    parts[#parts + 1] = element("polyline", { "points", table.concat(points, " "), "class", mode .. " path",
                                              "stroke-dasharray", DASHES[mode] })
    for _, p in ipairs(series[mode]) do parts[#parts + 1] = MARKS[mode](x_of(p[1]), y_of(p[2])) end
    local last = series[mode][#series[mode]]
    ends[#ends + 1] = { mode = mode, x = x_of(last[1]), y = y_of(last[2]) }
  end
  table.sort(ends, function(a, b) return a.y < b.y end) -- names that would lie on each other move down
  for i, e in ipairs(ends) do
    if i > 1 and e.y < ends[i - 1].y + 16 then e.y = ends[i - 1].y + 16 end
    parts[#parts + 1] = label(e.x + 12, e.y + 4, e.mode)
  end
  return svg(height + 4, "Speed-up over the number of workers: " .. summary.workload.name,
             "The same numbers are in the table below.", parts)
end

return M
