-- counters.lua THREADS [OP]...: what the threads of a heap share, counted: the operations of cases/scaling.lua by
-- THREADS threads at once, GIL off (`gilt run --gil=off`). Where a machine has too few processors to show how
-- something scales, this shows what would keep it from scaling: each figure is per 1000 operations, all threads
-- together, and ought not to grow with THREADS. Times are wall time in per cent of the run.
local here = arg[0]:match("^(.*/)") or "./"
local thread, time, bench = require "gilt.thread", require "gilt.time", require "gilt.bench"
local w = dofile(here .. "cases/scaling.lua")
local threads = tonumber(arg[1]) or 8
local scale = tonumber(os.getenv("SCALE")) or 0.1
local COLUMNS = { "shared_stores", "lock_takes", "lock_waits", "interned", "intern_retries", "chunk_locks", "publishes",
  "handshakes", "collections" }
local TIMES = { "handshake_ns", "stop_wait_ns", "stopped_ns" }

if not bench.core_stats() then
  io.stderr:write("counters: this core keeps no statistics\n")
  os.exit(2)
end
local names = { table.unpack(arg, 2) }
if #names == 0 then
  for name in pairs(w.ops) do names[#names + 1] = name end
  table.sort(names)
end

local heads = { "stores", "locks", "waits", "interned", "retries", "chunks", "publish", "handsh.", "collect" }
io.write(("%-16s %3s"):format("per 1000", "thr"))
for _, h in ipairs(heads) do io.write((" %8s"):format(h)) end
print(("  %7s %7s %7s"):format("hand %", "stop %", "stood %"))

local function measure(name)
  local op = w.ops[name]
  local n = math.max(1, op.n * scale // 1 | 0)
  local shared = w.shared(name)
  collectgarbage()
  local before, start = bench.core_stats(), time.monotonic_ns()
  local crew = {}
  for i = 1, threads do crew[i] = thread.spawn(op.run, shared, i, n) end
  for i = 1, threads do
    local result = crew[i]:join()
    if type(result) == "string" and result:find("^lost") then error(name .. ": " .. result) end
  end
  local wall = time.monotonic_ns() - start
  local after = bench.core_stats()
  io.write(("%-16s %3d"):format(name, threads))
  for _, c in ipairs(COLUMNS) do
    local per = (after[c] - before[c]) * 1000 / (n * threads)
    io.write((" %8s"):format(per == 0 and "." or per < 10 and ("%.3f"):format(per) or ("%.0f"):format(per)))
  end
  for k, c in ipairs(TIMES) do
    io.write((k == 1 and "  " or " ") .. ("%7.2f"):format((after[c] - before[c]) * 100 / wall))
  end
  print()
end

for _, name in ipairs(names) do measure(name) end
