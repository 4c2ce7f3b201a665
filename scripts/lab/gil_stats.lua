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

-- What to think of it, in one line: the first thing that is not as it should be.
function M.verdict(s)
  local wanted = s.state_running + s.state_collecting + s.state_waiting
  local ratio = wanted > 0 and s.state_waiting / wanted or 0
  local good = "good: waiting below 5 % of the time that threads want the lock, failed wake-ups "
    .. "below 1 % of switches, no hold beyond two intervals"
  local switches = s.switches_requested + s.switches_voluntary
  local found
  if s.longest_hold_ns > 2 * s.interval and s.contended > 0 then
    found = ("one hold took %s%s"):format(time(s.longest_hold_ns),
      (s.longest_hold_what or "") ~= "" and " at " .. s.longest_hold_what or "")
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
  out[#out + 1] = M.verdict(s)
  return table.concat(out, "\n") .. "\n"
end

return M
