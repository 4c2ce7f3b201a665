-- From samples to figures, with times chosen so that the right answers are known.
local H = ...
local plan = require "gilt.lab.plan"
local summary = require "gilt.lab.summary"
local test, eq, near, ok = H.test, H.eq, H.near, H.ok

-- A run whose walls are given: walls[config index][round] in milliseconds.
local function run_of(walls, extra)
  local configs = plan.configurations({ "threads", "processes" }, { 2 })
  local run = { workload = { name = "w", kind = "cpu", about = "" }, params = { tasks = 10 },
    tasks = 10,
                configs = configs, options = { rounds = #walls[1] }, samples = {}, failures = {},
                rounds_done = #walls[1], cores = 2 }
  for index, list in ipairs(walls) do
    for round, ms in pairs(list) do
      local sample = { tasks = 10, wall_ns = ms * 1e6, cpu_ns = 100e6, nvcsw = 3, nivcsw = 4,
        minflt = 5,
                       majflt = 0, peak_kb = 6, startup_ns = 7, setup_ns = 8,
                       gil_stats = { hold_ns = 80e6, wait_ns = 40e6, switches_requested = 10,
                         switches_voluntary = 2 } }
      for key, value in pairs(extra or {}) do sample[key] = value end
      table.insert(run.samples, { index = index, round = round, position = index, sample = sample })
    end
  end
  return run
end

local function flat(ms, n)
  local list = {}
  for i = 1, n do list[i] = ms end
  return list
end

test("throughput is tasks by wall time, never divided by workers", function()
  local s = summary.of(run_of { flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) })
  near(s.rows[1].throughput, 100)
  near(s.rows[2].throughput, 100)
  near(s.rows[3].throughput, 200)
  near(s.rows[3].speedup.ratio, 2)
  near(s.rows[3].efficiency, 1)
  near(s.rows[2].efficiency, 0.5)
  eq(s.rows[2].verdict, "same")
  eq(s.rows[3].verdict, "faster")
end)

test("samples of many seconds, in whole nanoseconds as they come", function()
  local long, half = {}, {}
  for i = 1, 6 do long[i], half[i] = 5000, 2500 end
  local run = run_of { long, long, long, half }
  for _, entry in ipairs(run.samples) do
    entry.sample.wall_ns = math.tointeger(entry.sample.wall_ns)
  end
  near(summary.of(run).rows[3].speedup.ratio, 2)
end)

test("ratios are taken within a round: drift of the machine cancels out", function()
  local drift = { 100, 130, 160, 200, 240, 300 }
  local half = {}
  for i, ms in ipairs(drift) do half[i] = ms / 2 end
  local s = summary.of(run_of { drift, drift, drift, half })
  near(s.rows[3].speedup.low, 2)
  near(s.rows[3].speedup.high, 2)
  near(s.floor, 0)
end)

test("GIL shares: one lock for threads, one each for processes", function()
  local s = summary.of(run_of { flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) })
  near(s.rows[2].gil_hold, 0.8)
  near(s.rows[2].gil_wait, 0.2)
  near(s.rows[3].gil_hold, 0.8)
  near(s.rows[2].switches, 120)
  near(s.rows[2].cpu_use, 1)
end)

test("isolates have a lock each as processes do; no share is above 1", function()
  local run = run_of({ flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) },
    { gil_stats = { hold_ns = 99e6, wait_ns = 300e6, switches_requested = 0,
                    switches_voluntary = 0 } })
  for _, config in ipairs(run.configs) do
    if config.mode == "processes" then config.mode = "isolates" end
  end
  local s = summary.of(run)
  near(s.rows[3].gil_hold, 0.99)
  near(s.rows[2].gil_hold, 0.99)
  near(s.rows[2].gil_wait, 1)
end)

test("time in a run queue is neither computing nor waiting", function()
  local walls = { flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) }
  local row = summary.of(run_of(walls, { cpu_ns = 40e6, runq_ns = 10e6 })).rows[1]
  near(row.runq, 0.1)
  near(row.cpu_need, 40 / 90)
  near(row.cpu_use, 0.4)
  local s = summary.of(run_of(walls, { cpu_ns = 90e6, runq_ns = 9e6 }))
  near(s.busy, 0.09)
  ok(not s.too_busy)
  eq(s.rows[3].verdict, "faster")
  s = summary.of(run_of(walls, { cpu_ns = 40e6, runq_ns = 60e6 }))
  near(s.rows[1].cpu_need, 1)
  near(s.busy, 0.6)
  ok(s.too_busy)
  eq(s.rows[3].verdict, "open")
  eq(summary.pair(s, "threads", "processes", 2).verdict, "open")
end)

test("more workers than processors wait for each other, not for the machine", function()
  local run = run_of({ flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) }, { runq_ns = 0 })
  for _, entry in ipairs(run.samples) do
    if entry.index == 4 then entry.sample.runq_ns = 50e6 end
  end
  run.cores = 1
  local s = summary.of(run)
  near(s.rows[3].runq, 0.5)
  near(s.busy, 0)
end)

test("no statistics, no figure", function()
  local run = run_of { flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) }
  for _, entry in ipairs(run.samples) do
    entry.sample.gil_stats, entry.sample.peak_kb, entry.sample.cpu_ns = nil, nil, nil
  end
  local row = summary.of(run).rows[2]
  eq({ row.gil_hold, row.gil_wait, row.switches, row.peak_kb, row.cpu_use }, {})
end)

test("the noise floor comes from serial against serial", function()
  local s = summary.of(run_of { { 100, 100, 100, 100, 100, 100 }, { 101, 99, 100, 103, 100, 98 },
    flat(100, 6),
                                flat(98, 6) })
  near(s.floor, math.sqrt(1.03 / 0.98) - 1, 1e-9)
  eq(s.rows[3].verdict, "same")
end)

test("a failed configuration has no figures, and its samples don't count", function()
  local run = run_of { flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) }
  run.failures[4] = { line = "died", status = 5 }
  local row = summary.of(run).rows[3]
  eq(row.samples, 0)
  eq(row.speedup, nil)
  eq(row.failure.status, 5)
end)

test("an interrupted round uses the pairs there are", function()
  local s = summary.of(run_of { { 100, 100, 100 }, { 100, 100 }, { 100 }, { 50, 50, 25 } })
  eq(s.rows[2].speedup.rounds, 1)
  eq(s.rows[3].speedup.rounds, 3)
  eq(s.rows[3].verdict, "few")
end)

test("nothing measured at all", function()
  local s = summary.of(run_of { {}, {}, {}, {} })
  eq(s.rows[1].samples, 0)
  eq(s.floor, nil)
  ok(s.rows[2].speedup == nil)
end)

test("modes are compared with each other, and backwards", function()
  local s = summary.of(run_of { flat(100, 6), flat(100, 6), flat(100, 6), flat(50, 6) })
  near(summary.pair(s, "threads", "processes", 2).ratio, 2)
  eq(summary.pair(s, "threads", "processes", 2).verdict, "faster")
  near(summary.pair(s, "processes", "threads", 2).ratio, 0.5)
  eq(summary.pair(s, "processes", "threads", 2).verdict, "slower")
  eq(summary.pair(s, "threads", "processes", 4), nil)
end)
