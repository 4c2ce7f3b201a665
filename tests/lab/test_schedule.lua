local H = ...
local schedule = require "gilt.lab.schedule"
local shrink = require "gilt.lab.shrink"
local style = require "gilt.lab.style"
local timeline = require "gilt.lab.timeline"
local test, eq, has, ok = H.test, H.eq, H.has, H.ok

-- ---- shrink ----

local function holds_all(wanted)
  return function(list)
    local found = {}
    for _, x in ipairs(list) do found[x] = true end
    for _, x in ipairs(wanted) do
      if not found[x] then return false end
    end
    return true
  end
end

local function range(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

test("shrinking leaves exactly what is needed", function()
  for n = 1, 40 do
    for _, wanted in ipairs { { 1 }, { n }, { (n + 1) // 2 }, { 1, n }, { 1, (n + 1) // 2, n } } do
      local seen, distinct = {}, {}
      for _, x in ipairs(wanted) do
        if not seen[x] then distinct[#distinct + 1], seen[x] = x, true end
      end
      eq(shrink.minimal(range(n), holds_all(distinct)), distinct)
    end
  end
end)

test("shrinking to nothing, and of nothing", function()
  eq(shrink.minimal(range(10), function() return true end), {})
  eq(shrink.minimal({}, function() return true end), {})
end)

test("no item of the answer can be left out", function()
  local function has_two_even(list)
    local n = 0
    for _, x in ipairs(list) do n = n + (x % 2 == 0 and 1 or 0) end
    return n >= 2
  end
  local few = shrink.minimal(range(31), has_two_even)
  eq(#few, 2)
  ok(has_two_even(few))
end)

test("shrinking stops after so many calls, with a list that still has the property", function()
  local calls = 0
  local few = shrink.minimal(range(1000), function(list)
    calls = calls + 1
    return holds_all({ 7, 900 })(list)
  end, 10)
  ok(calls <= 11)
  ok(holds_all({ 7, 900 })(few))
end)

-- ---- schedules as texts ----

test("schedules that are understood", function()
  for _, text in ipairs { "seed:0", "seed:123", "pct:1", "pct:1:3", "pct:1:3:500", "list:", "list:1.2.3:4",
    "list:1.2.3:4,2.0.1:1" } do
    eq(schedule.read(text), text)
  end
end)

test("schedules that are not, each with a line that says why", function()
  for text, why in pairs { ["seed:"] = "expected seed:N", ["seed:-1"] = "expected", ["pct:1:0"] = "depth",
    ["pct:1:3:0"] = "steps", ["list:1.2.3"] = "is no switch", ["list:1.2.3:4,"] = "is no switch",
    ["seed:99999999999999999999"] = "too large", ["/no/such/file"] = "expected seed:N" } do
    local read, problem = schedule.read(text)
    eq(read, nil)
    has(problem, why)
  end
end)

test("a schedule from a file, with comments and line ends", function()
  eq(schedule.read(H.file("# found by chance\nlist:1.2.3:4,\n  2.0.1:1\n")), "list:1.2.3:4,2.0.1:1")
  local read, problem = schedule.read(H.file("nothing of the kind\n"))
  eq(read, nil)
  has(problem, "holds no schedule")
end)

local REPORT = table.concat({
  "gilt-schedule\t1", "thread\t1\tmain", "thread\t2\ta\\tb", "switch\t2\t0\t3\t1",
  "source\t0\t@demo.lua", "line\t1\t0\t4", "stop\t1\t0\t4\t4\t2\twaits", "line\t2\t0\t2",
  "stop\t2\t0\t2\t2\t1\tinside", "line\t1\t0\t5",
  "outcome\terror\t1\tdemo.lua:5: one\\ntwo \\\\", "steps\t9", "hash\t00ff", "end", "" }, "\n")

test("a report is read back", function()
  local r = schedule.parse_report(REPORT)
  eq(r.threads, { "main", "a\tb" })
  eq(r.switches, { { from = 2, part = 0, at = 3, to = 1 } })
  eq(schedule.list(r.switches), "list:2.0.3:1")
  eq(r.outcome, "error")
  eq(r.message, "demo.lua:5: one\ntwo \\")
  eq(r.steps, 9)
  eq(r.hash, "00ff")
  eq(#r.events, 5)
  eq(r.events[4].how, "inside")
  eq(r.events[1].source, "@demo.lua")
end)

test("a report that breaks off is none", function()
  eq(schedule.parse_report((REPORT:gsub("end\n$", ""))), nil)
  eq(schedule.parse_report(""), nil)
end)

-- ---- the timeline ----

test("side by side: a column for each thread, and where it was stopped", function()
  local path = H.file("local t = {}\nt.n = t.n + 1\nx()\njoin()\nassert(false)\n")
  local r = schedule.parse_report((REPORT:gsub("@demo%.lua", "@" .. path)))
  local text = timeline.text(r, { style = style.new(false), width = 100, script = path })
  has(text, "4  join()")
  has(text, "|| waits here")
  has(text, "2  t.n = t.n + 1")
  has(text, "|| stopped inside line 2")
  has(text, "5  assert(false)")
  has(text, "!! fails here")
  local head = text:match("^[^\n]*")
  has(head, "main")
  has(head, "a\\tb")
  for line in text:gmatch("[^\n]+") do ok(#line <= 100) end
end)

test("too narrow for columns: one below the other", function()
  local r = schedule.parse_report(REPORT)
  local text = timeline.text(r, { style = style.new(false), width = 40, script = "demo.lua" })
  has(text, "main")
  has(text, "|| stopped inside line 2")
end)

test("long stretches and long runs are cut", function()
  local lines = { "gilt-schedule\t1", "thread\t1\tmain", "thread\t2\tother", "source\t0\t@none.lua" }
  for turn = 1, 100 do
    for i = 1, 50 do lines[#lines + 1] = ("line\t%d\t0\t%d"):format(turn % 2 + 1, i) end
    lines[#lines + 1] = ("stop\t%d\t0\t50\t51\t%d\tbefore"):format(turn % 2 + 1, (turn + 1) % 2 + 1)
  end
  lines[#lines + 1] = "outcome\tdeadlock\t1\tall wait"
  lines[#lines + 1] = "end\n"
  local text = timeline.text(schedule.parse_report(table.concat(lines, "\n")),
    { style = style.new(false), width = 100, script = "none.lua" })
  has(text, "turns before that")
  has(text, "more lines")
  has(text, "all threads wait: deadlock")
  local _, n = text:gsub("\n", "")
  ok(n < 600)
end)
