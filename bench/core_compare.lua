-- core_compare.lua: compares two interpreters on the programs of bench/programs.
--
--   lua5.4 core_compare.lua [OPTION]... "COMMAND A" "COMMAND B" [PROGRAM]...
--     -n ROUNDS     interleaved runs of each (default 5)
--     -s FACTOR     scale of the default sizes that are linear, e.g. 0.1 (default 1; small sizes for -i)
--     -i            instructions (valgrind --tool=callgrind) at small sizes instead of CPU time, less those of an
--                   empty program; without valgrind, or without A, nothing is measured and the exit status is 77
--     -r            resident memory at its highest instead of CPU time; needs CPUTIME, and one round will do
--     -m MAX        exit with 1 if the geometric mean of B / A is above MAX
--     -M MAX        exit with 1 if any program's ratio is above MAX
--
-- CPU time is user + system time of the child, as the shell's `times` gives it to 1/100 s, or finer through
-- bench/cputime where it was built (CPUTIME names it). A wrong checksum is an error, never a result.
local here = arg[0]:match("^(.*/)") or "./"
local opt = { n = 5, s = 1 }
local i = 1
while arg[i] and arg[i]:find("^%-") do
  local o = arg[i]:sub(2)
  if o == "i" or o == "r" then opt[o] = true else
    i = i + 1
    opt[o] = tonumber(arg[i]) or error("-" .. o .. " wants a number")
  end
  i = i + 1
end
local A, B = arg[i], arg[i + 1]
if not B then
  io.stderr:write("usage: core_compare.lua [-n ROUNDS] [-s SCALE] [-i | -r] [-m MAX] [-M MAX] 'A' 'B' [PROGRAM]...\n")
  os.exit(2)
end
local names = { table.unpack(arg, i + 2) }
if #names == 0 then
  local list = io.popen("ls '" .. here .. "programs'")
  for name in list:lines() do names[#names + 1] = name:match("^(.*)%.lua$") end
  list:close()
end

-- Sizes for instruction counts: about 1/50 of the default work.
local small = {
  bigint = 400, binary_trees = 10, closures = 30000, concat = 40000, coroutines = 50000, fannkuch = 7, fib = 24,
  format = 9000, graph = 1, hash_int = 9000, heapsort = 8000, json = 4, knucleotide = 8000, life = 14, loops = 90,
  lz = 2, mandelbrot = 80, matmul = 70, metamethods = 14000, methods = 80000, nbody = 3500, patterns = 5,
  queens = 7, raytrace = 35, scheduler = 4000, sieve = 30000, sort = 4000, spectral = 60, string_build = 12000,
  string_map = 4500, table_ops = 44000, varargs = 26000,
}

-- Work grows faster than the size: left as they are by -s.
local steep = { binary_trees = true, fannkuch = true, fib = true, graph = true, queens = true }

local function default_size(name)
  for line in io.lines(here .. "programs/" .. name .. ".lua") do
    local n = line:match("tonumber%(arg and arg%[1%]%) or (%d+)")
    if n then return tonumber(n) end
  end
end

local function capture(command)
  local p = io.popen(command)
  local text = p:read("a")
  local ok = p:close()
  return text, ok
end

local cputime = os.getenv("CPUTIME")
local function cpu_seconds(command, file, size)
  local line = command .. " '" .. file .. "' " .. size
  if cputime then
    local text, ok = capture(cputime .. " " .. line .. " 2>&1")
    local out, kib, t = text:match("^(.*)rss (%d+)\ncpu ([%d.]+)%s*$")
    return ok and tonumber(opt.r and kib or t), out
  end
  local text, ok = capture("sh -c '" .. line:gsub("'", "'\\''") .. " && times'")
  local out, um, us, sm, ss = text:match("^(.*)\n%d+m[%d.]+s %d+m[%d.]+s\n(%d+)m([%d.]+)s (%d+)m([%d.]+)s%s*$")
  return ok and um and um * 60 + us + sm * 60 + ss, out and out .. "\n"
end

local function instructions(command, file, size)
  local tmp = os.tmpname()
  local text, ok = capture("valgrind --tool=callgrind --callgrind-out-file=/dev/null " .. command .. " '" .. file .. "' "
    .. size .. " 2>" .. tmp)
  local log = io.open(tmp)
  local count = log:read("a"):match("Collected : (%d+)")
  log:close()
  os.remove(tmp)
  return ok and tonumber(count), text
end

local function must_run(command)
  if os.execute(command .. " >/dev/null 2>&1") then return end
  print("skipped: `" .. command .. "` does not run")
  os.exit(77)
end

-- What a command needs to start and end.
local empty = {}
local function startup(command)
  if not empty[command] then
    local file = os.tmpname()
    empty[command] = instructions(command, file, "")
    os.remove(file)
  end
  return empty[command]
end

local function beyond_startup(command, file, size)
  local n, text = instructions(command, file, size)
  return n and n - startup(command), text
end

if opt.i then
  must_run("valgrind --version")
  must_run(A .. " -e ''")
end

local function median(t)
  table.sort(t)
  local k = #t
  return k % 2 == 1 and t[k // 2 + 1] or (t[k // 2] + t[k // 2 + 1]) / 2
end

if opt.r and not cputime then error("-r needs CPUTIME, the name of bench/cputime", 0) end
local measure = opt.i and beyond_startup or cpu_seconds
local rounds = opt.i and 1 or opt.n
local unit = opt.i and 1e6 or opt.r and 1024 or 1
local of = opt.i and " Minstr" or opt.r and " MiB" or " s"
print(("%-14s %10s %10s %8s %8s"):format("program", "A" .. of, "B" .. of, "B/A", "spread"))
local logsum, worst, count, failed = 0, 0, 0, false
for _, name in ipairs(names) do
  local file = here .. "programs/" .. name .. ".lua"
  local size = opt.i and small[name] or default_size(name)
  if opt.s ~= 1 and not steep[name] then size = math.max(1, math.floor(size * opt.s)) end
  local ta, tb, ratios, broken = {}, {}, {}, nil
  for r = 1, rounds do
    -- the order alternates, so that drift of the machine hits both alike
    local first, second = A, B
    if r % 2 == 0 then first, second = B, A end
    local t1, out1 = measure(first, file, size)
    local t2, out2 = measure(second, file, size)
    if not t1 or not t2 then broken = "does not run" break end
    if out1 ~= out2 then broken = "checksums differ" break end
    if r % 2 == 0 then t1, t2 = t2, t1 end
    ta[r], tb[r] = t1, t2
    ratios[r] = t2 / t1
  end
  if broken then
    print(("%-14s %s"):format(name, broken))
    failed = true
  else
    local a, b = median(ta), median(tb)
    table.sort(ratios)
    print(("%-14s %10.3f %10.3f %8.3f %8.3f"):format(name, a / unit, b / unit, b / a, ratios[#ratios] - ratios[1]))
    logsum, count = logsum + math.log(b / a), count + 1
    worst = math.max(worst, b / a)
  end
  io.stdout:flush()
end
local geomean = math.exp(logsum / math.max(count, 1))
print(("%-14s %21s %8.3f  worst %.3f, %d programs"):format("geomean", "", geomean, worst, count))
if failed or (opt.m and geomean > opt.m) or (opt.M and worst > opt.M) then os.exit(1) end
