-- gil_bench.lua: `gilt gil-bench`: the three numbers of a GIL, after Pitrou's ccbench: throughput of
-- CPU-bound threads, latency of a thread that answers datagrams beside them, and its bandwidth; for
-- each policy, with 0, 1, 2 and 4 CPU-bound threads. The client is a process of its own.

local json = require "gilt.lab.json"
local options = require "gilt.lab.options"
local output = require "gilt.lab.output"
local style_of = require "gilt.lab.style"
local text_table = require "gilt.lab.table"
local units = require "gilt.lab.units"

local M = {}

M.command = {
  name = "gil-bench",
  usage = "gilt gil-bench [OPTION...]",
  summary = "Measures each lock policy: throughput, latency, bandwidth beside CPU-bound threads.",
  examples = {
    { "gilt gil-bench", "all policies, about a minute" },
    { "gilt gil-bench --policies adaptive,interval --threads 1", "two of them, beside one thread" },
    { "gilt gil-bench --quick --json -", "a glance, for a program" },
  },
  options = {
    { name = "policies", type = "choices", value = "LIST", noun = "lock policy",
      among = { "adaptive", "interval", "fifo", "tick" }, help = "which policies (default all)" },
    { name = "threads", type = "integers", value = "LIST", min = 0, max = 64,
      help = "numbers of CPU-bound threads (default 0,1,2,4)" },
    { name = "seconds", type = "duration", value = "TIME", help = "for each measurement (default 500ms)" },
    { name = "rate", type = "integer", value = "N", min = 1, max = 10000,
      help = "datagrams per second for the latency (default 100)" },
    { name = "interval", type = "duration", value = "TIME", help = "switch interval (default 5ms)" },
    { name = "quick", type = "flag", help = "100 ms for each measurement: shows the direction only" },
    { name = "json", type = "string", value = "FILE", help = "all figures as JSON; - for standard output" },
  },
  notes = {
    "lua, C held, C freed: work done by the CPU-bound threads in all, against one thread alone: in Lua, in "
      .. "a C function that keeps the lock, in one that gives it up (1.0 is the best for the first two; "
      .. "for the last, the number of threads, as far as there are processors).",
    "echo: from when a datagram should have been sent until it is back, so that a stall counts for all that "
      .. "it delays; --json has the plain times too. kept: what the CPU-bound threads got done "
      .. "meanwhile, against the same threads without the client.",
  },
  exits = { { 0, "measured" }, { 1, "could not measure, or write" }, { 2, "wrong use of the command" },
            { 130, "interrupted" } },
}

local CHUNK_NS = 100000

-- ---- work ----

local function lua_work(n)
  local x = 0
  for i = 1, n do x = (x + i * 7) % 1000003 end
  return x
end

-- How many rounds of `work` take a chunk's time.
local function calibrate(work, now)
  local n = 100
  while true do
    local start = now()
    work(n)
    local ns = now() - start
    if ns > 2000000 then return math.max(1, n * CHUNK_NS // ns) end
    n = n * 4
  end
end

-- Starts `count` threads that do chunks of work until told to stop, or for `limit` seconds: under
-- `tick` the one who wants to tell them may never get the lock.
local function start_crew(env, count, kind, limit)
  local work, chunk = kind.work, kind.chunk
  local thread, now = env.thread, env.time.monotonic
  local crew = { stop = false, done = {}, last = {}, threads = {}, start = now() }
  local till = crew.start + limit
  for i = 1, count do
    crew.done[i], crew.last[i] = 0, crew.start
    crew.threads[i] = thread.start({ name = "cpu-" .. i }, function()
      local done, last = crew.done, crew.last
      while not crew.stop and last[i] < till do
        work(chunk)
        done[i], last[i] = done[i] + 1, now()
      end
    end)
  end
  return crew
end

-- Ends it; chunks per second that it got done in all, from its start to its last chunk: the one who
-- asks may have been kept from asking for long.
local function end_crew(crew)
  crew.stop = true
  local sum, last = 0, crew.start
  for i, t in ipairs(crew.threads) do
    assert(t:join() == nil)
    sum, last = sum + crew.done[i], math.max(last, crew.last[i])
  end
  return last > crew.start and sum / (last - crew.start) or 0
end

local function part_of(x, whole) return whole and whole > 0 and x / whole or nil end

local function throughput(env, count, kind)
  local crew = start_crew(env, count, kind, 2 * env.seconds)
  env.time.sleep(env.seconds)
  return end_crew(crew)
end

-- ---- echo ----

local function start_server(env)
  local socket = assert(env.net.udp { host = "127.0.0.1", port = 0 })
  local _, port = socket:sockname()
  local server = env.thread.start({ name = "echo" }, function()
    while true do
      local data, host, from = socket:recvfrom(64)
      if not data then return end
      socket:sendto(data, host, from)
    end
  end)
  return { socket = socket, port = port, thread = server }
end

local function end_server(server)
  server.socket:close()
  server.thread:join()
end

local function quantile(sorted, q)
  if #sorted == 0 then return nil end
  return sorted[math.min(#sorted, math.floor(q * #sorted) + 1)]
end

local function latency(list)
  return { p50 = quantile(list, 0.5), p99 = quantile(list, 0.99), max = list[#list] }
end

-- What a client sees and what `count` threads get done meanwhile. rate 0: closed loop.
local function echo(env, count, rate)
  local kind = env.kinds[1]
  local server = start_server(env)
  local crew = start_crew(env, count, kind, 2 * env.seconds + 0.5)
  local got = env.bench.client(server.port, rate, env.seconds):wait()
  local done = end_crew(crew)
  end_server(server)
  return {
    sent = got.sent, answered = got.answered, per_second = got.answered / got.seconds,
    raw = latency(got.raw), corrected = latency(got.corrected), work = done,
  }
end

-- ---- one cell ----

local function measure(env, policy, count)
  env.gil.policy(policy)
  local cell = { policy = policy, threads = count, throughput = {} }
  for _, kind in ipairs(env.kinds) do
    if count > 0 then
      cell.throughput[kind.name] = part_of(throughput(env, count, kind), kind.alone)
    end
  end
  local undisturbed = (cell.throughput.lua or 0) * env.kinds[1].alone
  local open, closed = echo(env, count, env.rate), echo(env, count, 0)
  cell.latency = { rate = env.rate, sent = open.sent, lost = open.sent - open.answered,
                   raw = open.raw, corrected = open.corrected }
  cell.bandwidth = { per_second = closed.per_second, max = closed.raw.max }
  if count > 0 then
    cell.latency.kept = part_of(open.work, undisturbed)
    cell.bandwidth.kept = part_of(closed.work, undisturbed)
  end
  return cell
end

local function environment(values)
  local env = {
    thread = require "gilt.thread", time = require "gilt.time", net = require "gilt.net",
    gil = require "gilt.gil", bench = require "gilt.bench",
    seconds = (values.quick and 1e8 or values.seconds or 5e8) / 1e9, rate = values.rate or 100,
  }
  local now = env.time.monotonic_ns
  env.kinds = { { name = "lua", work = lua_work }, { name = "held", work = env.bench.work },
                { name = "freed", work = env.bench.work_released } }
  if values.interval then env.gil.interval(values.interval / 1e9) end
  for _, kind in ipairs(env.kinds) do
    kind.chunk = calibrate(kind.work, now)
    kind.alone = throughput(env, 1, kind)
  end
  return env
end

-- ---- showing ----

local function ratio(x) return x and ("%.2f"):format(x) or "-" end
local function ns(x) return x and units.ns(x) or "-" end

function M.table_of(cells, style)
  local columns = { { head = "policy" } }
  for _, head in ipairs { "CPU\nthreads", "lua", "C\nheld", "C\nfreed", "echo\np50", "p99", "max",
                          "lost", "kept", "echoes\nper s", "longest", "kept" } do
    columns[#columns + 1] = { head = head, align = "right" }
  end
  local rows, last = {}, nil
  for _, c in ipairs(cells) do
    local l, b = c.latency, c.bandwidth
    rows[#rows + 1] = {
      c.policy ~= last and c.policy or "", tostring(c.threads), ratio(c.throughput.lua),
      ratio(c.throughput.held), ratio(c.throughput.freed), ns(l.corrected.p50), ns(l.corrected.p99),
      ns(l.corrected.max), tostring(l.lost), ratio(l.kept), units.count(math.floor(b.per_second)),
      ns(b.max), ratio(b.kept),
    }
    last = c.policy
  end
  return text_table.render(columns, rows, { head_style = style.dim })
end

local function complain(text)
  io.stderr:write("gilt: gil-bench: ", text, "\n")
end

local function result(values, env, cells)
  return {
    schema = "gilt-gil-bench-1", seconds = env.seconds, rate = env.rate, interval = env.gil.interval(),
    chunk_ns = CHUNK_NS, quick = values.quick or false, cells = json.array(cells),
  }
end

-- argv: the words after "gil-bench". Returns an exit status.
function M.main(argv)
  local values, problem = options.parse(M.command, argv)
  if not values then
    complain(problem .. " (see: gilt help gil-bench)")
    return 2
  end
  local exp = require "gilt.experiment"
  local style = style_of.new(style_of.wanted(exp.isatty(1)))
  if values.help then
    io.write(options.help(M.command, style, exp.columns()))
    return 0
  end
  if not require "gilt.gil".enabled() then
    complain "this build has no GIL to measure"
    return 1
  end
  if values.interval and (values.interval < 20000 or values.interval > 10000000000) then
    complain "--interval: must be between 20us and 10s"
    return 2
  end
  local file
  if values.json then
    file, problem = output.open(values.json, io.stdout)
    if not file then complain(problem) return 1 end
  end
  local env, cells = environment(values), {}
  local policies = values.policies or { "adaptive", "interval", "fifo", "tick" }
  local counts = values.threads or { 0, 1, 2, 4 }
  for _, policy in ipairs(policies) do
    for _, count in ipairs(counts) do
      if exp.isatty(2) then io.stderr:write(("\r%s beside %d \27[K"):format(policy, count)) end
      cells[#cells + 1] = measure(env, policy, count)
    end
  end
  if exp.isatty(2) then io.stderr:write "\r\27[K" end
  env.gil.policy(policies[1])
  local ok = true
  if file then
    ok, problem = output.write(file, json.encode(result(values, env, cells), "  ") .. "\n")
    if ok then ok, problem = output.close(file) end
  end
  if not (file and file.is_stdout) then
    local text = M.table_of(cells, style)
    io.write(type(text) == "table" and table.concat(text, "\n") or text, "\n")
    io.write("good: lua and C held 1.00; echo below 0.15 ms (p50) and 1 ms (p99), kept 0.95; closed loop "
      .. "kept 0.4, longest below 100 ms\n")
  end
  if not ok then complain(problem) return 1 end
  return 0
end

return M
