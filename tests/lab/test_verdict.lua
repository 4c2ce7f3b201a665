-- The sentences, word for word, because words are what a newcomer reads.
local H = ...
local verdict = require "gilt.lab.verdict"
local test, eq, has, lacks = H.test, H.eq, H.has, H.lacks

local function row(mode, workers, ratio, word, more)
  local r = { config = { mode = mode, workers = workers }, verdict = word, samples = 9,
              speedup = ratio and { ratio = ratio, low = ratio * 0.9, high = ratio * 1.1,
                rounds = 9 } }
  for key, value in pairs(more or {}) do r[key] = value end
  return r
end

local function summary_of(kind, cpu_use, rows, pairs_list, cores)
  table.insert(rows, 1, { config = { mode = "serial", workers = 1 }, cpu_use = cpu_use,
    samples = 18 })
  return { workload = { kind = kind }, rows = rows, pairs = pairs_list or {}, cores = cores or 8 }
end

test("CPU-bound: the sentence of the README", function()
  local s = summary_of("cpu", 0.99, { row("threads", 2, 0.99, "same"),
    row("processes", 2, 1.95, "faster"),
                                      row("isolates", 2, 1.97, "faster") },
    { { a = "threads", b = "processes", workers = 2, ratio = 1.97, low = 1.9, high = 2,
      verdict = "faster" },
      { a = "threads", b = "isolates", workers = 2, ratio = 1.99, low = 1.9, high = 2,
        verdict = "faster" },
      { a = "processes", b = "isolates", workers = 2, ratio = 1.01, low = 0.99, high = 1.03,
        verdict = "same" } })
  eq(verdict.sentence(s),
    "CPU-bound: two threads under the GIL ran no faster than one, 0.99x; two processes "
    .. "ran 1.95x; two isolates ran 1.97x. Use processes or isolates.")
  eq(verdict.answer(s), "processes or isolates")
end)

test("threads with the GIL off", function()
  local s = summary_of("shared", 0.99, { row("threads", 2, 0.98, "same"),
    row("free", 2, 1.9, "faster"), row("processes", 2, 1.93, "faster") },
    { { a = "free", b = "processes", workers = 2, ratio = 1.02, low = 0.99, high = 1.04,
      verdict = "same" } })
  eq(verdict.sentence(s), "CPU-bound: two threads under the GIL ran no faster than one, 0.98x; two "
    .. "threads with the GIL off ran 1.90x; two processes ran 1.93x. Use threads with the GIL off or "
    .. "processes.")
  eq(verdict.answer(s), "free or processes")
  s = summary_of("shared", 0.99, { row("free", 4, 0.6, "slower") })
  eq(verdict.sentence(s), "CPU-bound: four threads with the GIL off ran slower than one, 0.60x. "
    .. "More workers don't help here.")
  s = summary_of("io", 0.01, { row("threads", 8, 7.9, "faster"), row("free", 8, 7.9, "faster") },
    { { a = "threads", b = "free", workers = 8, ratio = 1, low = 0.99, high = 1.01,
      verdict = "same" } })
  eq(verdict.answer(s), "threads will do")
  s = summary_of("data", 1, { row("free", 2, 1.9, "faster", { peak_kb = 30000 }),
                              row("isolates", 2, 2, "faster", { peak_kb = 60000 }) })
  has(verdict.sentence(s), "Two isolates needed 58.6 MB where two threads with the GIL off needed "
    .. "29.3 MB.")
end)

test("I/O-bound: threads will do", function()
  local s = summary_of("io", 0.01, { row("threads", 16, 15.5, "faster"),
    row("processes", 16, 15.2, "faster") },
    { { a = "threads", b = "processes", workers = 16, ratio = 0.98, low = 0.97, high = 0.99,
      verdict = "slower" } })
  eq(verdict.sentence(s), "I/O-bound: 16 threads under the GIL ran 15.5x; 16 processes ran 15.2x. "
    .. "Threads are as good as anything here.")
  eq(verdict.answer(s), "threads will do")
end)

test("the bound is measured, not believed", function()
  has(verdict.sentence(summary_of("io", 0.97, { row("threads", 2, 1, "same") })), "CPU-bound:")
  has(verdict.sentence(summary_of("cpu", 0.5, { row("threads", 2, 1, "same") })),
      "Part CPU, part waiting (50 % CPU):")
  has(verdict.sentence(summary_of("alloc", 0.97, { row("threads", 2, 1, "same") })),
    "CPU-bound, allocating:")
end)

test("slower, open, failed, unmeasured, few", function()
  local s = summary_of("cpu", 1, { row("threads", 2, 0.8, "slower"),
    row("processes", 2, 1.1, "open"),
                                   row("isolates", 2, nil, nil, { failure = { line = "x" } }) })
  has(verdict.sentence(s),
    "two threads under the GIL ran slower than one, 0.80x; two processes can't be told "
    .. "from one, 0.99x to 1.21x; two isolates failed.")
  eq(verdict.answer(s), "can't tell")
  s = summary_of("cpu", 1, { row("threads", 2, 1.0, "few",
    { speedup = { ratio = 1, rounds = 3 } }) })
  has(verdict.sentence(s),
    "two threads under the GIL ran about 1.00x. 3 rounds can't separate modes from noise")
  lacks(verdict.sentence(s), "Use ")
  has(verdict.sentence(summary_of("cpu", 1, { row("threads", 2) })), "were not measured")
end)

test("a difference that the machine's noise may have made", function()
  local s = summary_of("cpu", 1, { row("threads", 2, 1.2, "open") })
  has(verdict.sentence(s), "two threads under the GIL ran 1.20x, which is "
      .. "within the noise of this run")
end)

test("a machine that was too busy judges nothing, in one sentence", function()
  local s = summary_of("cpu", 0.48, { row("threads", 2, 0.92, "open"),
    row("processes", 2, 1.07, "open") })
  s.rows[1].cpu_need, s.busy, s.too_busy = 1, 0.62, true
  eq(verdict.sentence(s), "CPU-bound: two threads under the GIL ran 0.92x; two processes ran 1.07x, "
    .. "but workers waited up to 62 % of the time for a processor: this machine was too busy to "
    .. "tell the modes apart.")
  eq(verdict.answer(s), "too busy to tell")
end)

test("nothing helps", function()
  local s = summary_of("cpu", 1, { row("threads", 2, 1, "same"),
    row("processes", 2, 0.5, "slower") })
  eq(verdict.answer(s), "stay serial")
  has(verdict.sentence(s), "More workers don't help here.")
end)

test("one worker is compared with serial, not with one", function()
  has(verdict.sentence(summary_of("cpu", 1, { row("threads", 1, 1, "same") })),
      "one thread under the GIL ran no faster than serial")
end)

test("the most workers speak; too few cores are mentioned", function()
  local s = summary_of("cpu", 1, { row("processes", 2, 1.9, "faster"),
    row("processes", 4, 1.95, "faster") }, nil, 2)
  eq(verdict.sentence(s),
    "CPU-bound: four processes ran 1.95x. Only two can compute at once on two cores. "
    .. "Use processes.")
end)

test("memory is mentioned when it is the price", function()
  local s = summary_of("data", 1, { row("threads", 2, 1, "same", { peak_kb = 30000 }),
                                    row("isolates", 2, 2, "faster", { peak_kb = 60000 }) })
  has(verdict.sentence(s), "Two isolates needed 58.6 MB where two threads needed 29.3 MB.")
  s = summary_of("data", 1, { row("threads", 2, 1, "same", { peak_kb = 3000 }),
                              row("isolates", 2, 2, "faster", { peak_kb = 6000 }) })
  lacks(verdict.sentence(s), "needed")
end)

test("serial alone", function()
  eq(verdict.sentence(summary_of("cpu", 1, {})), "")
  eq(verdict.answer(summary_of("cpu", 1, {})), "can't tell")
end)
