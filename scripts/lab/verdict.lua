-- verdict.lua: what the figures of one workload mean, in a sentence that a newcomer understands.

local summary_of = require "gilt.lab.summary"
local units = require "gilt.lab.units"

local M = {}

-- What limits the workload, judged by the CPU use of its serial run, not by what it claims to be.
-- Time in a run queue is left out: whoever waits for a processor is not waiting for anything else.
-- Returns a key ("cpu", "io", "mixed") and words for it.
function M.bound(summary)
  local serial = summary.rows[1]
  local use = serial.cpu_need or serial.cpu_use
  local kind = summary.workload.kind
  if not use then return "unknown", "not measured" end
  if use >= 0.85 then
    if kind == "alloc" then return "cpu", "CPU-bound, allocating" end
    if kind == "data" then return "cpu", "CPU-bound, shared data" end
    return "cpu", "CPU-bound"
  end
  if use <= 0.25 then return "io", "I/O-bound" end
  return "mixed", ("part CPU, part waiting (%s CPU)"):format(units.percent(use))
end

local NOUN = { threads = "thread", processes = "process", isolates = "isolate", free = "thread" }
local LOCK = { threads = " under the GIL", free = " with the GIL off" }

-- "two threads under the GIL": who ran.
local function who(config)
  local text = units.plural(config.workers, NOUN[config.mode] or config.mode .. " worker")
  return text .. (LOCK[config.mode] or "")
end

-- The same where the GIL is beside the point, unless it tells two of them apart.
local function whose_memory(config)
  if config.mode == "threads" then return units.plural(config.workers, "thread") end
  return who(config)
end

local function than_one(config) return config.workers == 1 and "serial" or "one" end

-- One clause for one row of the table. On a machine that was too busy it judges nothing.
function M.clause(row, too_busy)
  local name = who(row.config)
  if row.failure then return name .. " failed" end
  local r = row.speedup
  if not r then return name .. " were not measured" end
  local ratio = units.ratio(r.ratio)
  if too_busy then return ("%s ran %s"):format(name, ratio) end
  if row.verdict == "faster" then return ("%s ran %s"):format(name, ratio) end
  if row.verdict == "slower" then
    return ("%s ran slower than %s, %s"):format(name, than_one(row.config), ratio)
  end
  if row.verdict == "same" then
    return ("%s ran no faster than %s, %s"):format(name, than_one(row.config), ratio)
  end
  if row.verdict == "few" then return ("%s ran about %s"):format(name, ratio) end
  if r.low > 1 or r.high < 1 then
    return ("%s ran %s, which is within the noise of this run"):format(name, ratio)
  end
  return ("%s can't be told from %s, %s to %s"):format(name, than_one(row.config),
                                                       units.ratio(r.low), units.ratio(r.high))
end

-- A word or two for the table itself.
local WORDS = { faster = "faster", slower = "slower", same = "no faster", open = "can't tell" }

function M.word(row)
  if row.failure then return "failed" end
  return WORDS[row.verdict] or ""
end

-- The rows that the sentence speaks of: those with the most workers.
local function spoken_rows(summary)
  local most, rows = 0, {}
  for _, row in ipairs(summary.rows) do most = math.max(most, row.config.workers) end
  for _, row in ipairs(summary.rows) do
    if row.config.mode ~= "serial" and row.config.workers == most then rows[#rows + 1] = row end
  end
  return rows
end

local function as_good(summary, row, best)
  if row == best then return true end
  if row.verdict ~= "faster" then return false end
  local pair = summary_of.pair(summary, row.config.mode, best.config.mode, row.config.workers)
  return pair ~= nil and (pair.verdict ~= "faster" or pair.ratio < 1.05)
end

-- Which mode to use: a list of modes that are equally good, best first; {"serial"} if none helps;
-- nil if the samples can't say.
function M.choice(summary)
  local rows, best, undecided = spoken_rows(summary), nil, false
  for _, row in ipairs(rows) do
    if row.verdict == "few" or row.verdict == "open" then undecided = true end
    if row.verdict == "faster" and (not best or row.speedup.ratio > best.speedup.ratio) then
      best = row
    end
  end
  if not best then
    local measured = false
    for _, row in ipairs(rows) do measured = measured or row.speedup ~= nil end
    if undecided or not measured then return nil end
    return { "serial" }
  end
  local modes = {}
  for _, row in ipairs(rows) do
    if row.speedup and as_good(summary, row, best) then modes[#modes + 1] = row.config.mode end
  end
  return modes
end

local function joined(modes)
  if #modes <= 1 then return modes[1] end
  return table.concat(modes, ", ", 1, #modes - 1) .. " or " .. modes[#modes]
end

-- The choice as a few words for the overview.
function M.answer(summary)
  if summary.too_busy then return "too busy to tell" end
  local modes = M.choice(summary)
  if not modes then return "can't tell" end
  if modes[1] == "serial" then return "stay serial" end
  if modes[1] == "threads" and #modes > 1 then return "threads will do" end
  return joined(modes)
end

local SPOKEN = { free = "threads with the GIL off", threads = "threads" }

local function advice(summary)
  local modes = M.choice(summary)
  if not modes then return nil end
  if modes[1] == "serial" then return "More workers don't help here." end
  if modes[1] == "threads" and #modes > 1 then return "Threads are as good as anything here." end
  local words = {}
  for i, mode in ipairs(modes) do words[i] = SPOKEN[mode] or mode end
  return "Use " .. joined(words) .. "."
end

-- Memory is the price of separate heaps: worth a sentence when it is large.
local function memory_price(summary)
  local low, high
  for _, row in ipairs(spoken_rows(summary)) do
    if row.peak_kb and not row.failure then
      if not low or row.peak_kb < low.peak_kb then low = row end
      if not high or row.peak_kb > high.peak_kb then high = row end
    end
  end
  if not low or high.peak_kb < 1.5 * low.peak_kb or high.peak_kb - low.peak_kb < 8192 then
    return nil
  end
  local function upper(text) return (text:gsub("^%l", string.upper)) end
  return ("%s needed %s where %s needed %s."):format(
    upper(whose_memory(high.config)), units.kb(high.peak_kb), whose_memory(low.config),
    units.kb(low.peak_kb))
end

-- A newcomer may expect four processes to be four times as fast on two cores.
local function few_cores(summary)
  local most = 0
  for _, row in ipairs(summary.rows) do most = math.max(most, row.config.workers) end
  if not summary.cores or most <= summary.cores or M.bound(summary) ~= "cpu" then return nil end
  return ("Only %s can compute at once on %s."):format(
    units.word(summary.cores), summary.cores == 1 and "one core"
      or units.plural(summary.cores, "core"))
end

local function too_few(summary)
  for _, row in ipairs(summary.rows) do
    if row.verdict == "few" then
      return ("%d round%s can't separate modes from noise; take 6 or more."):format(
        row.speedup.rounds, row.speedup.rounds == 1 and "" or "s")
    end
  end
end

-- The verdict on one workload: a sentence on all modes, then advice, then the price in memory.
function M.sentence(summary)
  local _, bound = M.bound(summary)
  local clauses = {}
  for _, row in ipairs(spoken_rows(summary)) do
    clauses[#clauses + 1] = M.clause(row, summary.too_busy)
  end
  if summary.too_busy then
    local but = ("but workers waited up to %s of the time for a processor: this machine was too "
      .. "busy to tell the modes apart."):format(units.percent(summary.busy))
    if #clauses > 0 then but = table.concat(clauses, "; ") .. ", " .. but end
    return (bound:gsub("^%l", string.upper)) .. ": " .. but
  end
  local parts = {}
  if #clauses > 0 then
    parts[1] = bound:gsub("^%l", string.upper) .. ": " .. table.concat(clauses, "; ") .. "."
  end
  parts[#parts + 1] = few_cores(summary)
  parts[#parts + 1] = advice(summary)
  parts[#parts + 1] = too_few(summary)
  parts[#parts + 1] = memory_price(summary)
  return table.concat(parts, " ")
end

return M
