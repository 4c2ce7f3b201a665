-- gil_stats.lua: what the lock did, as a table for people, and one line that says what good looks
-- like. The figures come from interp/observe.c, times in nanoseconds.

local text_table = require "gilt.lab.table"
local units = require "gilt.lab.units"

local M = {}

local STATES = {
  { "running", "running", "with the lock" },
  { "collecting", "collecting", "with the lock: collecting garbage" },
  { "waiting", "waiting", "wants the lock" },
  { "io", "blocked: I/O", "outside, in a system call" },
  { "lock", "blocked: lock", "outside: join, channel, mutex" },
  { "sleep", "asleep", "outside: a timer" },
  { "native", "native", "outside: C code without the lock" },
  { "outside", "outside", "outside: not in Lua" },
}

local SUMS = { "acquisitions", "contended", "quick", "switches_requested", "switches_voluntary",
               "requests", "failed_wakeups", "life_ns", "threads" }
local MOST = { "longest_wait_ns", "hold_p50", "hold_p99", "hold_max", "wait_p50", "wait_p99",
               "wait_max", "handoff_p50", "handoff_p99", "handoff_max" }
for _, s in ipairs(STATES) do SUMS[#SUMS + 1] = "state_" .. s[1] end

-- One table for several workers: sums, and of quantiles the worst.
function M.merged(list)
  local sum = { policy = list[1].policy, interval = list[1].interval, longest_hold_ns = 0,
                hold_count = 0, wait_count = 0, handoff_count = 0 }
  for _, key in ipairs(SUMS) do sum[key] = 0 end
  for _, key in ipairs(MOST) do sum[key] = 0 end
  for _, s in ipairs(list) do
    for _, key in ipairs(SUMS) do sum[key] = sum[key] + (s[key] or 0) end
    for _, key in ipairs(MOST) do sum[key] = math.max(sum[key], s[key] or 0) end
    for _, key in ipairs { "hold_count", "wait_count", "handoff_count" } do
      sum[key] = sum[key] + (s[key] or 0)
    end
    if (s.longest_hold_ns or 0) > sum.longest_hold_ns then
      sum.longest_hold_ns = s.longest_hold_ns
      sum.longest_hold_thread, sum.longest_hold_what = s.longest_hold_thread, s.longest_hold_what
    end
  end
  return sum
end

local function time(ns) return units.ns(ns) end

local function percent(part, whole)
  if whole == 0 then return "-" end
  return ("%.1f %%"):format(100 * part / whole)
end

local function states(s)
  local rows = {}
  for _, state in ipairs(STATES) do
    local ns = s["state_" .. state[1]]
    if ns > 0 then rows[#rows + 1] = { state[2], time(ns), percent(ns, s.life_ns), state[3] } end
  end
  rows[#rows + 1] = { "sum", time(s.life_ns), "100 %", ("life of %d thread%s"):format(
    s.threads, s.threads == 1 and "" or "s") }
  return rows
end

local function lines_of(rows)
  local width = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do width[i] = math.max(width[i] or 0, text_table.width(cell)) end
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local align = i > 1 and i < #row and "right" or "left"
      cells[i] = i == #row and cell or text_table.pad(cell, width[i], align)
    end
    lines[#lines + 1] = "  " .. table.concat(cells, "  ")
  end
  return table.concat(lines, "\n")
end

local THREADS_SHOWN = 24

-- The threads of one lock, from the keys t1_..., t2_... of interp/observe.c, the first one first.
function M.threads_of(s)
  local list = {}
  while s["t" .. #list + 1 .. "_life_ns"] do
    local t, prefix = {}, "t" .. #list + 1 .. "_"
    for _, state in ipairs(STATES) do t[state[1]] = s[prefix .. "state_" .. state[1]] or 0 end
    for _, key in ipairs { "name", "born_ns", "life_ns", "longest_hold_ns", "longest_wait_ns", "longest_what" } do
      t[key] = s[prefix .. key]
    end
    list[#list + 1] = t
  end
  return list
end

-- One row per thread; of many, those that lived longest. Columns only for states that occurred.
local function each_thread(list)
  local threads = {}
  for number, s in ipairs(list) do
    for _, t in ipairs(M.threads_of(s)) do
      if #list > 1 then t.name = number .. ": " .. tostring(t.name) end
      t.order = number
      threads[#threads + 1] = t
    end
  end
  if #threads == 0 then return nil end
  local function in_order(a, b)
    if a.order ~= b.order then return a.order < b.order end
    return a.born_ns < b.born_ns
  end
  local left = #threads - THREADS_SHOWN
  if left > 0 then
    table.sort(threads, function(a, b) return a.life_ns > b.life_ns end)
    threads = table.move(threads, 1, THREADS_SHOWN, 1, {})
  end
  table.sort(threads, in_order)
  local columns, used = { { head = "" }, { head = "life", align = "right" } }, {}
  for _, state in ipairs(STATES) do
    for _, t in ipairs(threads) do
      if t[state[1]] * 1000 >= t.life_ns and t.life_ns > 0 then used[state[1]] = true end
    end
    if used[state[1]] then columns[#columns + 1] = { head = (state[2]:gsub(" ", "\n")), align = "right" } end
  end
  for _, head in ipairs { "longest\nwait", "longest\nhold" } do
    columns[#columns + 1] = { head = head, align = "right" }
  end
  columns[#columns + 1] = { head = "at" }
  local rows = {}
  for _, t in ipairs(threads) do
    local row = { tostring(t.name ~= "" and t.name or "host thread"), time(t.life_ns) }
    for _, state in ipairs(STATES) do
      if used[state[1]] then
        row[#row + 1] = t[state[1]] > 0 and percent(t[state[1]], t.life_ns) or "-"
      end
    end
    row[#row + 1] = t.longest_wait_ns > 0 and time(t.longest_wait_ns) or "-"
    row[#row + 1] = time(t.longest_hold_ns)
    row[#row + 1] = tostring(t.longest_what)
    rows[#rows + 1] = row
  end
  local text = text_table.render(columns, rows, { head_style = function(x) return x end })
  if type(text) == "table" then text = table.concat(text, "\n") end
  text = "  " .. text:gsub("\n", "\n  "):gsub("%s+$", "")
  if left > 0 then text = text .. ("\n  and %d that lived shorter"):format(left) end
  return text
end

-- What to think of it, in one line: the first thing that is not as it should be.
function M.verdict(s)
  local wanted = s.state_running + s.state_collecting + s.state_waiting
  local ratio = wanted > 0 and s.state_waiting / wanted or 0
  local good = "good: waiting below 5 % of the time that threads want the lock, failed wake-ups "
    .. "below 1 % of switches, each request to switch answered within two intervals"
  local switches = s.switches_requested + s.switches_voluntary
  local found
  if s.handoff_max > 2 * s.interval then
    found = ("a request to switch was answered after %s; the longest hold was %s%s"):format(
      time(s.handoff_max), time(s.longest_hold_ns),
      (s.longest_hold_what or "") ~= "" and ", at " .. s.longest_hold_what or "")
  elseif s.failed_wakeups > 0.01 * switches and s.failed_wakeups > 10 then
    found = ("%d wake-ups for nothing in %d switches"):format(s.failed_wakeups, switches)
  elseif ratio >= 0.05 then
    found = ("threads that want the lock wait for it %s of the time"):format(percent(ratio, 1))
  end
  if found then return ("here: %s (%s)"):format(found, good) end
  return ("as it should be (%s)"):format(good)
end

-- list: one table of figures per runtime.
function M.text(list)
  if #list == 0 then return "gil: no counters were left behind\n" end
  local s = M.merged(list)
  local switches = s.switches_requested + s.switches_voluntary
  local out = {
    ("GIL: policy %s, interval %s%s"):format(s.policy, time(s.interval),
      #list > 1 and (", %d locks (sums; of quantiles the worst)"):format(#list) or ""),
    "Threads",
    lines_of(states(s)),
    "Lock",
    lines_of {
      { "taken", ("%d"):format(s.acquisitions),
        ("%d after waiting, %d taken again before anyone else"):format(s.contended, s.quick) },
      { "switches", ("%d"):format(switches),
        ("%d asked for, %d given"):format(s.switches_requested, s.switches_voluntary) },
      { "requests", ("%d"):format(s.requests), ("%d failed wake-ups"):format(s.failed_wakeups) },
    },
  }
  local rows = { { "", "p50", "p99", "max", "count" } }
  for _, h in ipairs { { "hold", "hold" }, { "wait", "wait" }, { "handoff", "request to switch" } } do
    local n = s[h[1] .. "_count"]
    if n > 0 then
      rows[#rows + 1] = { h[2], time(s[h[1] .. "_p50"]), time(s[h[1] .. "_p99"]),
                          time(s[h[1] .. "_max"]), ("%d"):format(n) }
    end
  end
  if #rows > 1 then out[#out + 1] = lines_of(rows) end
  if s.longest_hold_ns > 0 then
    local what = s.longest_hold_what or ""
    out[#out + 1] = ("  longest hold %s by %s%s"):format(time(s.longest_hold_ns),
      s.longest_hold_thread ~= "" and s.longest_hold_thread or "a host thread",
      what ~= "" and ", at " .. what or "")
  end
  local each = each_thread(list)
  if each then
    out[#out + 1] = "Each thread: shares of its life; how long it waited and held the lock at most, and where"
    out[#out + 1] = each
  end
  out[#out + 1] = M.verdict(s)
  return table.concat(out, "\n") .. "\n"
end

return M
