-- `gilt compare` end to end, with made-up times: outputs, exit statuses, faults.
local H = ...
local compare = require "gilt.lab.compare"
local csv = require "gilt.lab.csv"
local json = require "gilt.lab.json"
local test, eq, has, lacks, ok = H.test, H.eq, H.has, H.lacks, H.ok
local _ -- for results that don't matter

local TINY = [[return {
  name = "tiny", kind = "cpu", about = "a small thing", tasks = 8, params = { n = 3, word = "a" },
  setup = function(params) return params end,
  task = function(ctx, i) return { i * ctx.n, ctx.word } end,
  check = function(results, params) return #results == params.tasks end,
}]]

-- Runs the command; returns status, stdout, stderr, the fake.
local function run(args, settings, streams)
  streams = streams or {}
  local out, err = streams.stdout or H.stream(), H.stream()
  settings = settings or {}
  settings.directories = settings.directories or { H.root .. "/scripts/workloads" }
  local fake = H.fake.new(settings)
  local status = compare.main(args, { exp = fake, stdout = out, stderr = err })
  return status, out.text and out.text() or "", err.text(), fake
end

local function one_line(text)
  local _, count = text:gsub("\n", "")
  return count == 1
end

test("a comparison: nine rounds of five configurations after a rehearsal", function()
  local status, out, err, fake = run { H.file(TINY) }
  eq(status, 0, err)
  eq(err, "")
  eq(fake.count, 1 + 9 * 5)
  has(out, "threads   x2")
  for _, spec in ipairs(fake.specs) do
    eq(spec.params, { tasks = 8, n = 3, word = "a" })
    eq(spec.tasks, 8)
    eq(spec.timeout_s, 120)
  end
end)

test("options reach the samples", function()
  local _, _, _, fake = run { H.file(TINY), "--modes", "threads", "--workers", "3", "--rounds", "2",
    "--param",
    "n=5", "--param", "tasks=6", "--timeout", "7", "--interval", "20us", "--policy", "fair",
      "--memory-limit", "64M" }
  eq(fake.count, 1 + 2 * 3)
  local seen = {}
  for _, spec in ipairs(fake.specs) do seen[spec.mode .. spec.workers] = spec end
  local spec = seen.threads3
  eq({ spec.params.n, spec.params.tasks, spec.tasks, spec.timeout_s, spec.interval_ns, spec.policy,
       spec.memory_limit }, { 5, 6, 6, 7, 20000, "fair", 64 << 20 })
  eq(seen.processes3, nil)
  _, _, _, fake = run { H.file(TINY), "--timeout", "0", "-r", "1" }
  eq(fake.specs[1].timeout_s, nil)
end)

test("a parameter for one of several workloads", function()
  local status, _, err, fake = run { "fib", "loop", "-r", "1", "-p", "fib.n=5", "-p", "tasks=2",
    "-p", "loop.span=10" }
  eq(status, 0, err)
  eq(fake.specs[1].params, { tasks = 2, n = 5 })
  eq(fake.specs[#fake.specs].params, { tasks = 2, span = 10 })
  status, _, err = run { "fib", "-p", "fub.n=5" }
  eq(status, 2)
  has(err, 'no workload of this run is called "fub"')
end)

test("wrong usage is status 2, one line and a pointer to the help", function()
  local path = H.file(TINY)
  for _, case in ipairs {
    { { path, "--workers", "0" }, "must be at least 1, not 0" },
      { { path, "--workers", "-1" }, "not -1" },
    { { path, "--workers", "100000" }, "must be at most 1024" },
      { { path, "--workers", "two" }, '"two"' },
    { { path, "--modes", "thread" }, 'did you mean "threads"?' },
      { { path, "--modes", "" }, "empty entry" },
    { { path, "--round", "3" }, 'did you mean "--rounds"?' },
      { { path, "--param", "m=1" }, 'did you mean "n"?' },
    { { path, "--param", "n=x" }, "must be a number" }, { { path, "--param", "n" }, "name=value" },
    { { path, "--policy", "fari" }, 'unknown policy "fari"; did you mean "fair"?' },
    { { "fob" }, 'did you mean "fib"?' }, { { path, "--json", "x", "--csv", "x" },
      "can't both go" },
  } do
    local status, out, err, fake = run(case[1])
    eq(status, 2, case[2])
    eq(out, "")
    has(err, "gilt compare: ")
    has(err, case[2])
    has(err, "gilt help compare")
    eq(fake.count, 0)
  end
end)

test("workload files that can't be used: status 1, one line, nothing measured", function()
  for _, case in ipairs {
    { "/nonexistent/w.lua", "No such file" }, { H.here .. "/", "Is a directory" },
    { H.file "return {", "syntax error" }, { H.file "return 1", "not a table" },
    { H.file "return {}", "`task` is missing" }, { H.file "error 'no'", "error while loading" },
    { H.file "os.exit(0)", "os.exit was called" },
  } do
    local status, out, err, fake = run { case[1] }
    eq(status, 1, case[2])
    eq(out, "")
    has(err, case[2])
    ok(one_line(err), err)
    eq(fake.count, 0)
  end
end)

-- A fault in every sample of one mode.
local function fault_in(mode, problem)
  return { fault = function(spec) return spec.mode == mode and problem or nil end }
end

local FAULTS = {
  { { kind = "error", message = "w.lua:3: oops", task = 3, worker = 2,
    traceback = "stack traceback:\n\tw.lua:3" },
    1, "tiny, threads x2: task 3 on worker 2: w.lua:3: oops" },
  { { kind = "setup", message = "no data" }, 1, "setup failed: no data" },
  { { kind = "load", message = "no file" }, 1, "did not load in the worker: no file" },
  { { kind = "signal", signal = "SIGKILL", task = 5, worker = 1 }, 5,
    "worker 1 was killed by SIGKILL in task 5" },
  { { kind = "signal", signal = "SIGSEGV" }, 5, "the process was killed by SIGSEGV" },
  { { kind = "exit", status = 3, task = 2, worker = 1 }, 5,
    "worker 1 exited with status 3 in task 2" },
  { { kind = "timeout", task = 7, worker = 2 }, 1,
    "task 7 on worker 2: still running after 120 s (--timeout), stopped" },
  { { kind = "unsendable", message = "a function at [1] can't be sent", task = 1 }, 1,
    "task 1: a function at [1] can't be sent" },
  { { kind = "yield", task = 4 }, 1, "task 4: yielded" },
  { { kind = "memory", task = 2, worker = 1, message = "not enough memory" }, 1,
    "task 2 on worker 1: the memory limit was reached" },
  { { kind = "check", message = "sum is off" }, 6, "wrong answer: check says: sum is off" },
  { { kind = "runner", message = "can't start thread 2" }, 1, "can't start thread 2" },
  { { kind = "news of tomorrow", message = "what" }, 1, "what" },
}

test("each fault in one mode: its status, one line, and the other modes go on", function()
  for _, case in ipairs(FAULTS) do
    local status, out, err, fake = run({ H.file(TINY), "-r", "6" }, fault_in("threads", case[1]))
    eq(status, case[2], case[3])
    has(err, case[3])
    ok(err:find("^gilt compare: tiny, threads x2: "), err)
    local _, mentions = err:gsub("gilt compare:", "")
    eq(mentions, 1)
    if case[1].traceback then has(err, "    stack traceback:") end
    has(out, "failed: ")
    has(out, "two threads under the GIL failed")
    has(out, "two processes ran 1.9")
    eq(fake.count, 1 + 6 * 4 + 1, "the mode is out after its first failure")
  end
end)

test("each fault in serial: nothing to compare with, the next workload goes on", function()
  for _, case in ipairs(FAULTS) do
    local settings = { fault = function(spec, n) return n == 1 and case[1] or nil end }
    local status, out, err = run({ H.file(TINY), H.file((TINY:gsub("tiny", "next"))), "-r", "6" },
      settings)
    eq(status, case[2], case[3])
    has(err, "gilt compare: tiny: ")
    has(out, "not measured: ")
    has(out, "next  a small thing")
    has(out, "At a glance")
  end
end)

test("serial that fails in a later round ends its workload", function()
  local status, out, _, fake = run({ H.file(TINY), "-r", "6" },
    { fault = function(spec, n) return n > 8 and spec.mode == "serial" and FAULTS[1][1]
      or nil end })
  eq(status, 1)
  has(out, "not measured: ")
  ok(fake.count < 20)
end)

test("a differing answer is status 6 and never timed", function()
  local status, out, err = run({ H.file(TINY), "-r", "6" }, {
    alter = function(sample, spec)
      if spec.mode == "isolates" then sample.results[3] = { 10, "a" } end
    end })
  eq(status, 6)
  has(err, "tiny, isolates x2: wrong answer: task 3 gave 10 at [1], serial gave 9")
  has(out:gsub("%s+", " "), "two isolates failed")
  lacks(out, "isolates ran")
end)

test("results that went missing, or have another type, differ", function()
  local status, _, err = run({ H.file(TINY), "-r", "1" }, {
    alter = function(sample, spec) if spec.mode == "threads" then sample.results[8] = nil end end })
  eq(status, 6)
  has(err, "task 8 gave nil")
  status = run({ H.file(TINY), "-r", "1" }, {
    alter = function(sample, spec) if spec.mode == "threads" then
      sample.results[1][1] = 3.0 end end })
  eq(status, 6)
end)

test("a runner that raises is a failure like others", function()
  local status, _, err = run({ H.file(TINY), "-r", "1" }, {
    fault = function(spec) if spec.mode == "threads" then error("no more memory", 0) end end })
  eq(status, 1)
  has(err, "tiny, threads x2: no more memory")
end)

test("the mode that ran must be the mode asked for", function()
  local status, _, err = run({ H.file(TINY), "-r", "1" }, {
    alter = function(sample, spec) if spec.mode == "threads" then
      sample.mode = "isolates" end end })
  eq(status, 1)
  has(err, "asked for threads with 2, but the workers ran isolates with 2")
  status, _, err = run({ H.file(TINY), "-r", "1" }, {
    alter = function(sample, spec) if spec.mode == "processes" then sample.workers = 1 end end })
  eq(status, 1)
  has(err, "processes with 1")
end)

test("without a GIL, threads are not compared by default and are refused by name", function()
  local env = { gil = false, cores = 2 }
  local status, out = run({ H.file(TINY), "-r", "1" }, { env = env })
  eq(status, 0)
  lacks(out, "threads")
  local err
  status, _, err = run({ H.file(TINY), "--modes", "threads" }, { env = env })
  eq(status, 2)
  has(err, "built without a GIL")
end)

test("Ctrl-C: what was measured is reported, status 130", function()
  local path = H.file(TINY)
  local status, out, err = run({ path, H.file(TINY) }, { interrupt_after = 28 })
  eq(status, 130)
  has(out, "Interrupted: 5 of 9 rounds are complete")
  has(err, "interrupted; the report covers what was measured")
  status, out = run({ path }, { interrupt_after = 0 })
  eq(status, 130)
  has(out, "interrupted before the first sample")
  status = run({ path, "--json", "-" }, { interrupt_after = 3 })
  eq(status, 130)
end)

test("the JSON document holds everything, and reads back", function()
  local status, out, err = run({ H.file(TINY), "--json", "-", "-r", "6" },
    fault_in("isolates", FAULTS[4][1]))
  eq(status, 5)
  has(err, "CPU-bound: two threads")
  local doc = assert(json.decode(out))
  eq(doc.schema, "gilt-lab/1")
  eq(doc.exit_status, 5)
  eq(doc.environment.cpu_model, "Pretend CPU 3000")
  eq(#doc.workloads, 1)
  local w = doc.workloads[1]
  eq(w.params, { tasks = 8, n = 3, word = "a" })
  eq(#w.samples, 6 * 4)
  local sample = w.samples[1]
  for _, field in ipairs { "round", "position", "configuration", "mode", "requested_mode",
    "workers", "gil", "tasks",
                           "pid", "wall_ns", "startup_ns", "setup_ns", "cpu_ns", "nvcsw", "nivcsw",
                             "minflt",
                           "majflt", "peak_kb", "per_worker", "check" } do
    ok(sample[field] ~= nil, field)
  end
  eq(math.type(sample.wall_ns), "integer")
  eq(sample.results, nil)
  eq(#w.summary, 4)
  eq(w.summary[4].failure.signal, "SIGKILL")
  eq(w.summary[4].failure.exit_status, 5)
  eq(w.summary[2].speedup.verdict, "same")
  eq(w.compare[1].a, "threads")
  eq(w.answer, "processes")
  ok(w.noise_floor > 0)
end)

test("CSV has a row for each sample and for each failure", function()
  local path = H.file("")
  local status = run({ H.file(TINY), "--csv", path, "-r", "2" },
    fault_in("processes", FAULTS[1][1]))
  eq(status, 1)
  local rows = assert(csv.parse(H.read(path)))
  eq(#rows, 1 + 2 * 4 + 1)
  for _, row in ipairs(rows) do eq(#row, #rows[1]) end
  eq(rows[1][1], "workload")
  has(rows[#rows][#rows[1]], "oops")
  eq(rows[#rows][5], "processes x2")
end)

test("outputs that can't be opened are reported before anything runs", function()
  for _, path in ipairs { "/nonexistent/out.json", H.here } do
    local status, _, err, fake = run { H.file(TINY), "--json", path }
    eq(status, 1)
    has(err, "can't write " .. path)
    ok(one_line(err))
    eq(fake.count, 0)
  end
end)

test("a full disk", function()
  if not io.open("/dev/full", "w") then return end
  for _, option in ipairs { "--json", "--csv" } do
    local status, out, err = run { H.file(TINY), option, "/dev/full", "-r", "1" }
    eq(status, 1)
    has(out, "two threads")
    has(err, "can't write /dev/full: No space left on device")
    ok(one_line(err), err)
  end
end)

test("a full or closed standard output ends the run with one line", function()
  local sink = io.open("/dev/full", "w")
  if not sink then return end
  local status, _, err, fake = run({ H.file(TINY) }, nil, { stdout = sink })
  eq(status, 1)
  has(err, "can't write standard output: No space left on device")
  ok(one_line(err), err)
  eq(fake.count, 0)
  status, _, err = run({ "--help" }, nil, { stdout = sink })
  eq(status, 1)
  has(err, "can't write standard output")
  sink:close()
end)

test("more workers than tasks is worth a warning", function()
  local status, _, err = run { H.file(TINY), "-w", "16", "-r", "1" }
  eq(status, 0)
  has(err, "warning: tiny has 8 tasks for 16 workers")
end)

test("few rounds claim nothing", function()
  local status, out = run { H.file(TINY), "-r", "3" }
  eq(status, 0)
  has(out, "75 % interval")
  has(out, "3 rounds can't separate modes from noise; take 6 or more.")
  lacks(out, "faster")
end)

test("control characters in errors don't reach the terminal", function()
  local _, out, err = run({ H.file(TINY), "-r", "1" }, fault_in("threads",
    { kind = "error", message = "\27[2Jgone\nsecond", task = 1, traceback = "a\27[31m\n\tb" }))
  lacks(out, "\27")
  lacks(err, "\27")
end)

test("help", function()
  local status, out = run { "--help" }
  eq(status, 0)
  has(out, "Examples")
  has(out, "--memory-limit")
  has(out, "130")
end)

test("without a workload, the representative ones run", function()
  local status, out, err = run { "-r", "1", "-p", "tasks=1" }
  eq(status, 0, err)
  for _, name in ipairs(require("gilt.lab.builtin").default) do has(out, "\n" .. name .. "  ") end
end)
