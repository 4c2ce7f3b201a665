-- report_data.lua: a comparison as data: one JSON document with everything, and CSV with a row for
-- each sample. Fields are only ever added; "schema" changes if a meaning does.

local csv = require "gilt.lab.csv"
local json = require "gilt.lab.json"
local verdict = require "gilt.lab.verdict"

local M = {}

M.SCHEMA = "gilt-lab/1"

local GIL_FIELDS = { "hold_ns", "wait_ns", "acquisitions", "contended", "switches_requested",
                     "switches_voluntary" }
local SAMPLE_FIELDS = { "mode", "requested_mode", "workers", "gil", "tasks", "pid", "wall_ns",
                        "startup_ns", "setup_ns", "cpu_ns", "runq_ns", "nvcsw", "nivcsw", "minflt",
                        "majflt", "peak_kb", "check" }

local function copy(from, fields, to)
  to = to or {}
  for _, field in ipairs(fields) do to[field] = from[field] end
  return to
end

local SAMPLE_ORDER = { "round", "position", "configuration", "control",
                       table.unpack(SAMPLE_FIELDS) }

-- Numbers that JSON can't hold (a share of nothing) become null rather than an error at the end.
local function finite(value)
  if type(value) == "table" and value ~= json.null then
    for key, item in pairs(value) do value[key] = finite(item) end
  elseif type(value) == "number" and (value ~= value or math.abs(value) == math.huge) then
    return json.null
  end
  return value
end

local function per_worker(sample)
  local list = json.array {}
  for i, worker in ipairs(sample.per_worker or {}) do
    local entry = {}
    for key, value in pairs(worker) do
      if type(key) == "string" and type(value) ~= "table" and type(value) ~= "function" then
        entry[key] = value
      end
    end
    list[i] = json.ordered({ "tasks", "cpu_ns", "runq_ns" }, entry)
  end
  return list
end

local function sample_object(run, entry)
  local config, sample = run.configs[entry.index], entry.sample
  local object = copy(sample, SAMPLE_FIELDS)
  object.round, object.position, object.configuration = entry.round, entry.position, config.id
  object.control = config.control or false
  if sample.gil_stats then
    object.gil_stats = json.ordered(GIL_FIELDS, copy(sample.gil_stats, GIL_FIELDS))
  end
  object.per_worker = per_worker(sample)
  return json.ordered(SAMPLE_ORDER, object)
end

local RATIO_FIELDS = { "ratio", "low", "high", "coverage", "p", "rounds", "verdict" }

local function ratio_object(ratio, verdict_word)
  if not ratio then return json.null end
  local object = copy(ratio, RATIO_FIELDS)
  object.verdict = verdict_word or ratio.verdict
  return json.ordered(RATIO_FIELDS, object)
end

local function failure_object(failure)
  if not failure then return json.null end
  return json.ordered({ "kind", "message" }, {
    kind = failure.kind, message = failure.line, exit_status = failure.status, task = failure.task,
    worker = failure.worker, signal = failure.signal, traceback = failure.traceback,
  })
end

local FIGURES = { "throughput", "wall_ns", "cpu_ns", "cpu_use", "cpu_need", "runq", "gil_hold",
                  "gil_wait", "switches",
                  "nvcsw", "nivcsw", "minflt", "majflt", "peak_kb", "startup_ns", "setup_ns",
                  "efficiency", "spread" }

local function row_object(row)
  local object = copy(row, FIGURES)
  object.configuration, object.mode = row.config.id, row.config.mode
  object.workers, object.samples = row.config.workers, row.samples
  object.speedup = ratio_object(row.speedup, row.verdict)
  object.outliers = row.outliers
  object.failure = failure_object(row.failure)
  return json.ordered({ "configuration", "mode", "workers", "samples", "speedup",
                        table.unpack(FIGURES) }, object)
end

local function workload_object(run, summary)
  local samples, rows, compared = json.array {}, json.array {}, json.array {}
  for i, entry in ipairs(run.samples) do samples[i] = sample_object(run, entry) end
  for i, row in ipairs(summary.rows) do rows[i] = row_object(row) end
  for i, pair in ipairs(summary.pairs) do
    local object = ratio_object(pair)
    object.a, object.b, object.workers = pair.a, pair.b, pair.workers
    compared[i] = object
  end
  local measured = not summary.failed and summary.rows[1].samples > 0
  return json.ordered({ "name", "file", "kind", "about", "params", "tasks", "rounds",
                        "rounds_done", "verdict" }, {
    name = run.workload.name, file = run.workload.file, kind = run.workload.kind,
    about = run.workload.about, params = run.params, tasks = run.tasks,
    rounds = summary.rounds, rounds_done = summary.rounds_done,
    interrupted = run.interrupted or false, failure = failure_object(summary.failed),
    verdict = measured and verdict.sentence(summary) or json.null,
    answer = measured and verdict.answer(summary) or json.null,
    bound = measured and (verdict.bound(summary)) or json.null,
    noise_floor = summary.floor, busy = summary.busy, too_busy = summary.too_busy,
    control = ratio_object(summary.control),
    summary = rows, compare = compared, samples = samples,
  })
end

-- The JSON text of a comparison, or nil and a message.
-- doc: { command, environment, options, runs, summaries, status }
function M.json(doc)
  local workloads = json.array {}
  for i, run in ipairs(doc.runs) do workloads[i] = workload_object(run, doc.summaries[i]) end
  local text, message = json.encode(finite(json.ordered(
    { "schema", "command", "exit_status", "environment", "options", "workloads" }, {
      schema = M.SCHEMA, command = json.array(doc.command), exit_status = doc.status,
      environment = doc.environment, options = doc.options, workloads = workloads,
    })), "  ")
  return text and text .. "\n", message
end

local CSV_HEAD = { "workload", "kind", "round", "position", "configuration", "control",
                   table.unpack(SAMPLE_FIELDS) }
for _, field in ipairs(GIL_FIELDS) do CSV_HEAD[#CSV_HEAD + 1] = "gil_" .. field end
CSV_HEAD[#CSV_HEAD + 1] = "error"

local function csv_row(run, base, sample, failure)
  local row = table.move(base, 1, 6, 1, {})
  for i, field in ipairs(SAMPLE_FIELDS) do row[6 + i] = sample[field] end
  local at = 6 + #SAMPLE_FIELDS
  local gil = sample.gil_stats or {}
  for i, field in ipairs(GIL_FIELDS) do row[at + i] = gil[field] end
  row[#CSV_HEAD] = failure
  return csv.row(row, #CSV_HEAD)
end

-- The CSV text: a row for each sample, then one for each configuration that failed, with `error`.
function M.csv(runs)
  local out = { csv.row(CSV_HEAD) }
  for _, run in ipairs(runs) do
    local name, kind = run.workload.name, run.workload.kind
    for _, entry in ipairs(run.samples) do
      local config = run.configs[entry.index]
      out[#out + 1] = csv_row(run, { name, kind, entry.round, entry.position, config.id,
                                     config.control or false }, entry.sample)
    end
    for index, config in ipairs(run.configs) do
      local failure = run.failures[index] or (run.failed and index == 1 and run.failed)
      if failure then
        out[#out + 1] = csv_row(run, { name, kind, nil, nil, config.id, config.control or false },
          { requested_mode = config.mode, workers = config.workers }, failure.line)
      end
    end
  end
  return table.concat(out)
end

M.CSV_HEAD = CSV_HEAD

return M
