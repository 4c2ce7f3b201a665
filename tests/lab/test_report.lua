-- The report as text: it fits 100 columns, and 80, and says everything that it should.
local H = ...
local compare = require "gilt.lab.compare"
local text_table = require "gilt.lab.table"
local test, has, ok, lacks = H.test, H.has, H.ok, H.lacks

local TINY = "return { name = 'tiny', kind = 'cpu', about = 'a small thing', tasks = 4,"
  .. " params = { n = 3 }, task = function(ctx, i) return i end }"

local function report(args, settings)
  local out, err = H.stream(), H.stream()
  compare.main(args, { exp = H.fake.new(settings), stdout = out, stderr = err })
  return out.text(), err.text()
end

local function check_width(text, limit)
  for line in text:gmatch("[^\n]+") do
    ok(text_table.width(line) <= limit, ("%d columns: %s"):format(text_table.width(line), line))
  end
end

test("every figure of the issue has its column", function()
  local text = report { H.file(TINY) }
  for _, word in ipairs { "speed-up", "95 % interval", "efficiency", "tasks/s", "CPU", "use",
    "held", "wait",
                          "switches/s", "own / forced", "faults", "memory", "start-up", "noise" } do
    has(text, word)
  end
  has(text, "CPU-bound: two threads under the GIL")
  has(text, "Pretend CPU 3000")
  has(text, "4 tasks, n=3, 9 rounds")
end)

test("mode free: its lock is off, and no figures are made up for it", function()
  local env = { cpu_model = "Pretend CPU 3000", cores = 2, lua = "Lua 5.4.4", core = "gilt", gil = true,
                free = true }
  local text = report({ H.file(TINY), "--modes", "threads,free" }, { env = env })
  has(text, "two threads with the GIL off\n  ran 2.00x. Use threads with the GIL off.")
  has(text, "Lua 5.4.4, gilt's core")
  local row = text:match("\n(  free      x2 +%d+ ms [^\n]*)\n")
  ok(row and row:find(" off +%- +%- "), row or "no row of free")
  check_width(text, 100)
  local _, err = report({ H.file(TINY), "--modes", "free" })
  has(err, "mode free needs gilt's own core")
end)

test("a busy machine is mentioned", function()
  local function share_of_wall(share)
    return { alter = function(sample) sample.runq_ns = sample.wall_ns * sample.workers * share end }
  end
  local text = report({ H.file(TINY) }, share_of_wall(0.1))
  has(text, "Note: the machine was busy: workers waited up to 10 % of the time for a processor.")
  has(text, "Use processes")
  text = report({ H.file(TINY) }, share_of_wall(0.4))
  has(text, "too busy")
  lacks(text, "Use processes")
  lacks(text, "Note: the machine was busy")
  lacks(report({ H.file(TINY) }, share_of_wall(0.01)), "busy")
end)

test("it fits 100 columns", function()
  local text = report { H.file(TINY), H.file(TINY), "-w", "1,2,1000" }
  has(text, "At a glance")
  check_width(text, 100)
end)

test("on a terminal of 80 columns it fits those", function()
  local settings = { tty = { [1] = true }, columns = 80 }
  local text = report({ H.file(TINY), H.file(TINY), "-w", "2,4" }, settings)
  check_width(text, 80)
  has(text, "start-up")
  settings.fault = function(spec)
    return spec.mode == "threads" and { kind = "error", message = ("long "):rep(50) } or nil
  end
  text = report({ H.file(TINY) }, settings)
  has(text, "failed: long")
  check_width(text, 80)
end)

test("no colour and no progress into a file, both on a terminal", function()
  local path = H.file(TINY)
  local out, err = report { path }
  lacks(out, "\27")
  lacks(err, "\27")
  if not os.getenv("NO_COLOR") and os.getenv("TERM") ~= "dumb" then
    out, err = report({ path }, { tty = true })
    has(out, "\27[32m")
    has(err, "round 9 of 9")
    has(err, "left")
    ok(err:find("\27%[K$"), "the bar is taken away at the end")
    out = report({ path }, { tty = { [2] = true } })
    lacks(out, "\27")
  end
end)

test("several workloads end with an overview", function()
  local a, b = H.file(TINY), H.file(TINY:gsub("tiny", "slow"):gsub("'cpu'", "'io'"))
  local text = report { a, b, "-w", "2,4" }
  has(text, "At a glance")
  has(text, "limited by")
  has(text, "waiting")
  has(text, "threads will do")
  check_width(text, 100)
  lacks(report { a }, "At a glance")
end)

test("names and texts of the workload can't wreck the page", function()
  local text = report { H.file [[return {
    name = ("long "):rep(20), about = ("日本語 "):rep(40), tasks = 2,
      params = { text = ("x"):rep(300) }, task = function() return 1 end }]] }
  ok(#text > 0)
end)
