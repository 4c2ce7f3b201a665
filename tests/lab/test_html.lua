-- The page: well formed, self-contained, with everything in it that the terminal shows.
local H = ...
local chart = require "gilt.lab.chart"
local compare = require "gilt.lab.compare"
local html = require "gilt.lab.html"
local test, eq, has, lacks, ok = H.test, H.eq, H.has, H.lacks, H.ok

local TINY = "return { name = 'tiny', kind = 'cpu', about = 'a <small> & \"quoted\" thing', tasks = 4,"
  .. " params = { n = 3, word = '</script><b>' }, task = function(ctx, i) return i end }"
local ENV = { cpu_model = "Pretend <CPU>", cores = 2, lua = "Lua 5.4.4", core = "gilt", gil = true, free = true }

local function page(args, settings)
  local out, err = H.stream(), H.stream()
  settings = settings or {}
  settings.env = settings.env or ENV
  table.move({ "--html", "-" }, 1, 2, #args + 1, args)
  local status = compare.main(args, { exp = H.fake.new(settings), stdout = out, stderr = err })
  return out.text(), status, err.text()
end

local VOID = { meta = true, ["!DOCTYPE"] = true }

-- Every element is closed, in order; returns how many of each there are.
local function check_elements(text)
  local open, count = {}, {}
  text = text:gsub("<style>.-</style>", "<style></style>"):gsub("<script>.-</script>", "<script></script>")
  for slash, name, rest in text:gmatch "<(/?)([%w!]+)([^>]*)>" do
    if slash == "/" then
      eq(table.remove(open), name, "closing")
    elseif not VOID[name] and rest:sub(-1) ~= "/" then
      open[#open + 1] = name
    end
    if slash == "" then count[name] = (count[name] or 0) + 1 end
  end
  eq(#open, 0, "left open")
  return count
end

test("what comes from outside is text", function()
  eq(html.escape "<a href='x'>&\"\0", "&lt;a href=&#39;x&#39;&gt;&amp;&quot;\u{fffd}")
  eq(html.text("b", "1 < 2", { "title", '"', "hidden", true, "class", false }),
    '<b title="&quot;" hidden>1 &lt; 2</b>')
  eq(html.data_address("text/csv", "a b\n\"1\",2"), "data:text/csv;charset=utf-8,a%20b%0A%221%22,2")
end)

test("the page has everything, is well formed and asks nobody for anything", function()
  local text, status, err = page { H.file(TINY), "-w", "1,2,4" }
  eq(status, 0, err)
  local count = check_elements(text)
  eq(count.svg, 3)
  eq(count.h1, 1)
  ok(count.table >= 5 and count.caption == count.table)
  ok(count.title == 1 + count.svg and count.desc == count.svg)
  for _, part in ipairs { "default-src 'none'", "four threads with the GIL off ran", "noise", "free x4",
                          "gilt&#39;s core", "Where the time went", "waiting for the GIL", "ideal",
                          "gilt compare", "Can these numbers be trusted?" } do
    has(text, part)
  end
  has(text, "a &lt;small&gt; &amp; &quot;quoted&quot; thing")
  lacks(text, "<small>")
  lacks(text, "</script><b>")
  lacks(text, "http://")
  lacks(text, "https://")
  lacks(text, "nan")
  lacks(text, "-inf")
end)

test("the samples are in it, all of them", function()
  local text = page { H.file(TINY), "--rounds", "6" }
  local encoded = text:match 'href="data:text/csv;charset=utf%-8,([^"]*)"'
  local data = encoded:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  local lines = 0
  for _ in data:gmatch "[^\n]+" do lines = lines + 1 end
  eq(lines, 1 + 6 * 6) -- a heading; serial twice and four modes
end)

test("failures and interruptions have their place", function()
  local text, status = page({ H.file(TINY) }, {
    fault = function(spec)
      return spec.mode == "free" and { kind = "error", message = "no <luck>" } or nil
    end })
  eq(status, 1)
  check_elements(text)
  has(text, "no &lt;luck&gt;")
  has(text, "failed")
  text, status = page({ H.file(TINY) }, { interrupt_after = 8 })
  eq(status, 130)
  check_elements(text)
  has(text, "interrupted.")
  text = page({ H.file(TINY) }, { fault = function() return { kind = "error", message = "at once" } end })
  check_elements(text)
  has(text, "Not measured: ")
end)

test("what speaks against the numbers is said", function()
  local text = page({ H.file(TINY), "--rounds", "2" })
  has(text, "two rounds separate nothing")
  text = page({ H.file(TINY) }, { alter = function(s) s.runq_ns = s.wall_ns * s.workers * 0.4 end })
  has(text, "the machine was too busy")
  has(page { H.file(TINY) }, "Nothing was noticed")
end)

test("the shares of the time add up to one, whatever the clocks say", function()
  for _, row in ipairs {
    { config = { mode = "threads", workers = 2 }, samples = 9, cpu_use = 1.0, runq = 0.3, gil_wait = 0.5 },
    { config = { mode = "free", workers = 2 }, samples = 9, cpu_use = 2.2, runq = 0.1, gil_wait = 0.5 },
    { config = { mode = "isolates", workers = 4 }, samples = 9, cpu_use = 0 },
  } do
    local s = chart.shares(row)
    H.near(s.cpu + s.queue + s.gil + s.wait, 1)
    for _, share in pairs(s) do ok(share >= 0) end
  end
  eq(chart.shares { config = { mode = "free", workers = 2 }, samples = 0 }, nil)
end)

test("two outputs can't have one name", function()
  local _, status, err = page { H.file(TINY), "--csv", "-" }
  eq(status, 2)
  has(err, "--csv and --html can't both go to -")
end)
