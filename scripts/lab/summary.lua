-- summary.lua: from the raw samples of one workload to the figures that a report shows.
--
-- Throughput is tasks divided by wall time from the start barrier to the last finish, never by
-- threads. Ratios are taken within a round, so that what disturbs a round disturbs both sides.

local stats = require "gilt.lab.stats"

local M = {}

-- The counted samples of one configuration, by round; failed configurations have none.
local function by_round(run, index)
  local rounds = {}
  if run.failures[index] then return rounds end
  for _, entry in ipairs(run.samples) do
    if entry.index == index then rounds[entry.round] = entry.sample end
  end
  return rounds
end

-- A list of fn(sample) over the rounds, without the nils.
local function each(rounds, count, fn)
  local list = {}
  for round = 1, count do
    local sample = rounds[round]
    local value = sample and fn(sample)
    if value then list[#list + 1] = value end
  end
  return list
end

local function median_of(rounds, count, fn) return stats.median(each(rounds, count, fn)) end

-- The serial wall time of each round: the geometric mean of its two samples, or the one there is.
local function baseline(first, again, count)
  local walls = {}
  for round = 1, count do
    local a, b = first[round], again[round]
    if a and b then
      walls[round] = math.sqrt(a.wall_ns) * math.sqrt(b.wall_ns) -- the product may overflow
    elseif a or b then
      walls[round] = (a or b).wall_ns + 0.0
    end
  end
  return walls
end

-- How much faster each of `rounds` was than walls[round], as a list over the rounds that have both.
local function speedups(walls, rounds, count)
  local list = {}
  for round = 1, count do
    if walls[round] and rounds[round] then
      list[#list + 1] = walls[round] / rounds[round].wall_ns
    end
  end
  return list
end

-- How many locks there are to share out the holding: one for all threads of an interpreter, one for
-- each process or isolate. In mode free there is one that nobody takes.
local ONE_LOCK = { serial = true, threads = true, free = true }
local function locks_of(config) return ONE_LOCK[config.mode] and 1 or config.workers end

-- A share of something. Its parts are read from several clocks, one after the other: never above 1.
local function share(part, whole) return whole > 0 and math.min(1, part / whole) or nil end

local FIGURES = {}

function FIGURES.throughput(s) return s.tasks / s.wall_ns * 1e9 end
function FIGURES.wall_ns(s) return s.wall_ns end
function FIGURES.cpu_ns(s) return s.cpu_ns end
function FIGURES.cpu_use(s) return s.cpu_ns and s.cpu_ns / s.wall_ns end
function FIGURES.nvcsw(s) return s.nvcsw end
function FIGURES.nivcsw(s) return s.nivcsw end
function FIGURES.minflt(s) return s.minflt end
function FIGURES.majflt(s) return s.majflt end
function FIGURES.peak_kb(s) return s.peak_kb end
function FIGURES.startup_ns(s) return s.startup_ns end
function FIGURES.setup_ns(s) return s.setup_ns end

-- The share of the wall time that a lock was held, the mean over the locks.
function FIGURES.gil_hold(s, config)
  return s.gil_stats and share(s.gil_stats.hold_ns, s.wall_ns * locks_of(config))
end

-- The share of the workers' time that they waited for a lock.
function FIGURES.gil_wait(s, config)
  return s.gil_stats and share(s.gil_stats.wait_ns, s.wall_ns * config.workers)
end

-- The share of the workers' time that they were ready to run and had no processor.
function FIGURES.runq(s, config)
  return s.runq_ns and share(s.runq_ns, s.wall_ns * config.workers)
end

-- The share of the workers' time that they computed, not counting what they stood in a run queue:
-- what cpu_use would be on a machine with nothing else to do. (cpu + runq) / wall would do for
-- pure computing, but makes a task that waits look busier the busier the machine is.
function FIGURES.cpu_need(s, config)
  return s.cpu_ns and share(s.cpu_ns, s.wall_ns * config.workers - (s.runq_ns or 0))
end

function FIGURES.switches(s)
  local g = s.gil_stats
  return g and (g.switches_requested + g.switches_voluntary) / s.wall_ns * 1e9
end

-- One line of the tables: a configuration with its figures (medians over the rounds).
local function row_of(config, rounds, count)
  local row = { config = config, samples = 0 }
  for name, figure in pairs(FIGURES) do
    row[name] = median_of(rounds, count, function(s) return figure(s, config) end)
  end
  local walls = each(rounds, count, FIGURES.wall_ns)
  row.samples = #walls
  row.outliers = stats.outliers(walls)
  row.spread = #walls > 0 and stats.mad(walls) / stats.median(walls) or nil
  return row
end

-- The A/A control: each round's second serial sample against its first.
local function control_of(run, rounds, count)
  local ratios = {}
  for round = 1, count do
    local a, b = rounds[1][round], rounds[2][round]
    if a and b then ratios[#ratios + 1] = a.wall_ns / b.wall_ns end
  end
  return stats.ratio(ratios), stats.noise_floor(ratios)
end

-- Every two modes with the same number of workers, the second against the first.
local function pairs_of(rows, rounds, count, floor)
  local list = {}
  for i, a in ipairs(rows) do
    for j = i + 1, #rows do
      local b = rows[j]
      if a.config.mode ~= "serial" and b.config.mode ~= a.config.mode
        and a.config.workers == b.config.workers then
        local walls = {}
        for round = 1, count do
          walls[round] = rounds[a.index][round] and rounds[a.index][round].wall_ns
        end
        local ratio = stats.ratio(speedups(walls, rounds[b.index], count))
        if ratio then
          ratio.a, ratio.b, ratio.workers = a.config.mode, b.config.mode, a.config.workers
          ratio.verdict = stats.separate(ratio, floor)
          list[#list + 1] = ratio
        end
      end
    end
  end
  return list
end

-- The serial row covers both serial configurations.
local function serial_row(run, rounds, count)
  local both = {}
  for round = 1, count do
    both[#both + 1] = rounds[1][round]
    both[#both + 1] = rounds[2][round]
  end
  local most = math.max(count * 2, #both)
  local row = row_of(run.configs[1], both, most)
  row.index = 1
  return row
end

-- A run queue share from which the report mentions it, and from which no mode can be judged.
M.BUSY_NOTE, M.BUSY = 0.05, 0.2

-- The largest share of the time that workers stood in a run queue where there was a processor for
-- each of them: others used it.
local function busy_of(rows, cores)
  local most
  for _, row in ipairs(rows) do
    if row.runq and row.config.workers <= (cores or 1) then
      most = math.max(most or 0, row.runq)
    end
  end
  return most
end

-- What looks like a difference between modes may be how much the rest of the machine left them.
local function withdraw_verdicts(list)
  for _, item in ipairs(list) do
    if item.verdict and item.verdict ~= "few" then item.verdict = "open" end
  end
end

-- Summarises a run. Rows with `failure` have no figures. nil rows if no round gave a pair.
function M.of(run)
  local count = run.options.rounds
  local rounds, rows = {}, {}
  for index in ipairs(run.configs) do rounds[index] = by_round(run, index) end
  local walls = baseline(rounds[1], rounds[2], count)
  local control, floor = control_of(run, rounds, count)
  rows[1] = serial_row(run, rounds, count)
  for index, config in ipairs(run.configs) do
    if config.mode ~= "serial" then
      local row = row_of(config, rounds[index], count)
      row.index, row.failure = index, run.failures[index]
      row.ratios = speedups(walls, rounds[index], count)
      row.speedup = stats.ratio(row.ratios)
      if row.speedup then
        row.verdict = stats.separate(row.speedup, floor)
        row.efficiency = row.speedup.ratio / config.workers
      end
      rows[#rows + 1] = row
    end
  end
  local compared, busy = pairs_of(rows, rounds, count, floor), busy_of(rows, run.cores)
  local too_busy = busy ~= nil and busy >= M.BUSY
  if too_busy then
    withdraw_verdicts(rows)
    withdraw_verdicts(compared)
  end
  return {
    workload = run.workload, params = run.params, tasks = run.tasks, rows = rows,
    control = control, floor = floor, rounds_done = run.rounds_done, rounds = count,
    pairs = compared, busy = busy, too_busy = too_busy, failed = run.failed,
    interrupted = run.interrupted, cores = run.cores,
  }
end

-- The ratio of mode b to mode a at a number of workers (>1: b is faster); nil if not measured.
function M.pair(summary, a, b, workers)
  for _, ratio in ipairs(summary.pairs) do
    if ratio.workers == workers and ratio.a == a and ratio.b == b then return ratio end
    if ratio.workers == workers and ratio.a == b and ratio.b == a then
      local flipped = { faster = "slower", slower = "faster" }
      return { ratio = 1 / ratio.ratio, low = 1 / ratio.high, high = 1 / ratio.low, a = a, b = b,
               coverage = ratio.coverage, rounds = ratio.rounds, p = ratio.p, workers = workers,
               verdict = flipped[ratio.verdict] or ratio.verdict }
    end
  end
end

return M
