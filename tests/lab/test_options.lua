local H = ...
local options = require "gilt.lab.options"
local style = require "gilt.lab.style"
local suggest = require "gilt.lab.suggest"
local test, eq, has, ok = H.test, H.eq, H.has, H.ok

local COMMAND = {
  name = "try", usage = "gilt try", summary = "Tries.", examples = { { "gilt try x", "tries x" } },
  operands = { name = "X" },
  options = {
    { name = "verbose", short = "v", type = "flag", help = "say more" },
    { name = "rounds", short = "r", type = "integer", value = "N", min = 1, max = 100, default = 9,
      help = "how many" },
    { name = "workers", type = "integers", value = "LIST", min = 1, max = 1024, help = "numbers" },
    { name = "modes", type = "choices", value = "LIST",
      among = { "serial", "threads", "processes" },
      noun = "mode", help = "modes" },
    { name = "param", type = "pair", value = "K=V", help = "set" },
    { name = "interval", type = "duration", value = "TIME", help = "time" },
    { name = "limit", type = "size", value = "SIZE", help = "size" },
    { name = "json", type = "string", value = "FILE", help = "file" },
  },
  exits = { { 0, "done" } },
}

local function parse(...) return options.parse(COMMAND, { ... }) end

test("values of every type, attached or not, mixed with operands", function()
  local values, operands = parse("a", "--rounds", "5", "--workers=1,2, 4", "b", "-v", "--modes",
    "threads,serial",
    "--param", "n=1", "--param", "s=a=b", "--interval", "20us", "--limit=64M", "--json", "-", "--",
      "--c")
  eq(operands, { "a", "b", "--c" })
  eq(values.rounds, 5)
  eq(values.workers, { 1, 2, 4 })
  eq(values.verbose, true)
  eq(values.modes, { "threads", "serial" })
  eq(values.param, { { "n", "1" }, { "s", "a=b" } })
  eq(values.interval, 20000)
  eq(values.limit, 64 << 20)
  eq(values.json, "-")
end)

test("defaults, repeats, all", function()
  eq(parse().rounds, 9)
  eq(parse("-r", "3", "-r", "4").rounds, 4)
  eq(parse("--modes", "all").modes, { "serial", "threads", "processes" })
  eq(parse("--workers", "2,2,1").workers, { 2, 1 })
  eq(parse("--json=").json, "")
end)

test("each mistake is one line that says what to do", function()
  for _, case in ipairs {
    { { "--round", "5" }, 'unknown option "--round"; did you mean "--rounds"?' },
    { { "--wrokers=2" }, 'did you mean "--workers"?' },
    { { "-x" }, 'unknown option "-x"' },
    { { "--rounds" }, "--rounds needs a value: --rounds N" },
    { { "--rounds", "two" }, '--rounds: expected a whole number, not "two"' },
    { { "--rounds", "1.5" }, "expected a whole number" },
    { { "--rounds", "0" }, "must be at least 1, not 0" },
    { { "--rounds", "99999999999999999999" }, "expected a whole number" },
    { { "--workers", "0" }, "--workers: must be at least 1, not 0" },
    { { "--workers", "-1" }, "must be at least 1, not -1" },
    { { "--workers", "100000" }, "must be at most 1024, not 100000" },
    { { "--workers", "two" }, 'expected a whole number, not "two"' },
    { { "--workers", "1,,2" }, "empty entry" },
    { { "--workers", "" }, "empty entry" },
    { { "--modes", "thread" }, 'unknown mode "thread"; did you mean "threads"?' },
    { { "--modes", "bananas" }, "(there are: serial, threads, processes)" },
    { { "--param", "n" }, 'expected name=value, not "n"' },
    { { "--interval", "5" }, "20us" },
    { { "--limit", "lots" }, "64M" },
    { { "--verbose=1" }, "takes no value" },
    { { "" .. "--=" }, "unknown option" },
  } do
    local values, problem = parse(table.unpack(case[1]))
    eq(values, nil, case[1][1])
    has(problem, case[2])
    ok(not problem:find("\n"))
  end
end)

test("operands where none belong", function()
  local values, problem = options.parse({ options = {} }, { "x" })
  eq(values, nil)
  has(problem, '"x" is one word too many')
end)

test("help: summary, then examples, then usage and options", function()
  ok(parse("--help").help)
  ok(parse("-h", "--rounds", "3").help)
  local text = options.help(COMMAND, style.new(false), 80)
  local examples, usage = text:find("Examples", 1, true), text:find("Usage", 1, true)
  ok(examples and usage and examples < usage)
  for _, option in ipairs(COMMAND.options) do has(text, "--" .. option.name) end
  has(text, "-r, --rounds N")
  for line in text:gmatch("[^\n]+") do ok(#line <= 80, line) end
end)

test("suggestions", function()
  eq(suggest.distance("kitten", "sitting"), 3)
  eq(suggest.distance("ab", "ba"), 1)
  eq(suggest.distance("", "abc"), 3)
  eq(suggest.nearest("fobs", { "fib", "sort" }), nil)
  eq(suggest.nearest("fob", { "fib", "sort" }), "fib")
  eq(suggest.nearest("mandel", { "mixed", "mandelbrot" }), "mandelbrot")
  eq(suggest.nearest("xyzzy", { "fib" }), nil)
  eq(suggest.nearest(("x"):rep(10000), { "fib" }), nil)
end)
