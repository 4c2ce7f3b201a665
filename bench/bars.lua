-- bars.lua [BAR...]: measures the project's bars, each as a ratio within one run: both sides interleaved,
-- medians over the rounds. Run by bench/bars (which sets GILT and BUILD). Exit status 0: figures are for people,
-- no test decides on a time.
local exp = require "gilt.experiment"
local stats = dofile((arg[0]:match("^(.*/)") or "./") .. "../scripts/lab/stats.lua")
local time = require "gilt.time"

local here = arg[0]:match("^(.*/)") or "./"
local gilt, build = os.getenv("GILT"), os.getenv("BUILD")
local rounds = tonumber(os.getenv("ROUNDS")) or 9
local CPU = os.getenv("ONLY") and { os.getenv("ONLY") } or { "fib", "loop", "nbody", "spectral", "mandelbrot", "sieve", "tables", "strings", "sort", "json",
              "coroutines", "bintrees", "dataset" }

local function workload(name) return here .. "../scripts/workloads/" .. name .. ".lua" end

local function row(what, ratio, bar, at_most, detail, verdict)
  local met = at_most and ratio <= bar or not at_most and ratio >= bar
  print(("%-46s %6.3f  %s %.2f  %-6s  %s"):format(what, ratio, at_most and "<=" or ">=", bar,
    verdict or met and "met" or "MISSED", detail or ""))
  io.stdout:flush()
end

-- CPU seconds and wall seconds of a command.
local function measure(command)
  local start = time.monotonic_ns()
  local p = io.popen(("%s/bench/cputime sh -c '%s' 2>&1 >/dev/null"):format(build, command))
  local text = p:read("a")
  assert(p:close(), command .. ": " .. text)
  return tonumber(text:match("cpu ([%d.]+)")), (time.monotonic_ns() - start) / 1e9
end

-- Medians of B / A over the rounds, which alternate the order. which: 1 CPU time, 2 wall time.
local function pair(a, b, which, n)
  local ratios = {}
  for i = 1, n do
    local x, y
    if i % 2 == 1 then x = select(which, measure(a)); y = select(which, measure(b))
    else y = select(which, measure(b)); x = select(which, measure(a)) end
    ratios[i] = y / x
  end
  return stats.median(ratios), ratios
end

local function spread(ratios)
  table.sort(ratios)
  return ("%.3f to %.3f"):format(ratios[math.max(1, #ratios // 4)], ratios[(#ratios * 3 + 3) // 4])
end

local function once(name, ...) return here .. "once.lua " .. workload(name) .. " " .. table.concat({ ... }, " ") end

local bars = {}

-- CPU time of a serial script against the lua command.
function bars.serial()
  for _, name in ipairs(CPU) do
    local r, all = pair("lua5.4 " .. once(name), gilt .. " run " .. once(name), 1, rounds)
    row("CPU time against lua5.4: " .. name, r, 1.02, true, spread(all))
  end
end

-- The same in instructions: exact, and the same on every run.
function bars.instructions()
  for _, name in ipairs(CPU) do
    local function count(command)
      local p = io.popen("valgrind --tool=callgrind --callgrind-out-file=/dev/null " .. command .. " 2>&1")
      local n = tonumber((p:read("a"):match("refs:%s*([%d,]+)"):gsub(",", "")))
      p:close()
      return n
    end
    row("instructions against lua5.4: " .. name,
      count(gilt .. " run " .. once(name)) / count("lua5.4 " .. once(name)), 1.02, true)
  end
end

local function spec(name, mode, workers, params)
  local w = dofile(workload(name))
  local p = { tasks = w.tasks }
  for k, v in pairs(w.params or {}) do p[k] = v end
  for k, v in pairs(params or {}) do p[k] = v end
  return { file = workload(name), params = p, tasks = p.tasks, mode = mode, workers = workers, timeout_s = 120 }
end

-- Tasks per nanosecond of wall time, and of CPU time.
local function throughput(s)
  local sample = exp.sample(s)
  assert(not sample.error, sample.error and sample.error.message)
  return sample.tasks / sample.wall_ns, sample.tasks / sample.cpu_ns
end

-- Throughput of CPU-bound threads under the GIL against serial, in wall time. By CPU time is what it would be on a
-- machine that nobody else uses: where others do, one thread and two get different shares of it.
function bars.gil()
  for _, name in ipairs(CPU) do
    local wall, cpu = { {}, {}, {} }, { {}, {}, {} }
    for i = 1, rounds do
      local serial, serial_cpu = throughput(spec(name, "serial", 1))
      for k, n in ipairs { 2, 4, 8 } do
        local t, c = throughput(spec(name, "threads", n))
        wall[k][i], cpu[k][i] = t / serial, c / serial_cpu
      end
    end
    for k, n in ipairs { 2, 4, 8 } do
      row(("throughput of %d threads against serial: %s"):format(n, name), stats.median(wall[k]), 0.97, false,
        ("%s; by CPU time %.3f"):format(spread(wall[k]), stats.median(cpu[k])))
    end
  end
end

-- Two workers without a shared lock against two lua commands side by side.
function bars.parallel()
  for _, name in ipairs { "fib", "nbody", "sort", "strings", "bintrees" } do
    local a = ("lua5.4 %s & lua5.4 %s & wait"):format(once(name, 1, 2), once(name, 2, 2))
    for _, mode in ipairs { "processes", "isolates" } do
      local r, all = pair(("%s run --mode %s --workers 2 %s"):format(gilt, mode, once(name)), a, 2, rounds)
      row(("2 %s against two lua5.4: %s"):format(mode, name), r, 0.98, false, spread(all))
    end
  end
end

function bars.sleep()
  local ratios = {}
  for i = 1, 5 do
    local serial = throughput(spec("sleep", "serial", 1))
    ratios[i] = throughput(spec("sleep", "threads", 16)) / serial / 16
  end
  row("16 sleeping threads against 16 x serial", stats.median(ratios), 0.95, false, spread(ratios))
end

function bars.startup()
  local file = os.tmpname()
  local f <close> = assert(io.open(file, "w"))
  f:write("io.write('first line\\n')\n")
  f:flush()
  local r, all = pair("lua5.4 " .. file, gilt .. " run " .. file, 2, 101)
  os.remove(file)
  row("start-up to the first line (wall) against lua5.4", r, 1.5, true, spread(all))
end

-- The micro-benchmarks print their own lines.
function bars.micro()
  local list = io.popen("ls " .. here .. "cases")
  for case in list:lines() do
    local name = case:match("^(.*)%.c$")
    local path = name and build .. "/bench/" .. name
    if path and os.execute("test -x " .. path) then os.execute(path) end
  end
  list:close()
end

dofile(here .. "lock_bars.lua")(bars, stats, rounds)
local own_core = dofile(here .. "bars_core.lua") {
  exp = exp, stats = stats, row = row, here = here, rounds = rounds, only = os.getenv("ONLY"),
  scale = tonumber(os.getenv("SCALE")) or 1, gilt = gilt, build = build,
}
for name, bar in pairs(own_core) do bars[name] = bar end

local wanted = #arg > 0 and arg or { "serial", "gil", "parallel", "sleep", "startup", "micro" }
for _, name in ipairs(wanted) do
  if not bars[name] then
    io.stderr:write("bars: no bar \"", name, "\"\n")
    os.exit(2)
  end
end
print(("%d rounds, %s"):format(rounds, exp.environment().cpu_model or "unknown processor"))
for _, name in ipairs(wanted) do bars[name]() end
