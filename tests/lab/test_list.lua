local H = ...
local builtin = require "gilt.lab.builtin"
local json = require "gilt.lab.json"
local list = require "gilt.lab.list"
local test, eq, has = H.test, H.eq, H.has
local _ -- for results that don't matter

local function run(args, stdout)
  local out, err = stdout or H.stream(), H.stream()
  local status = list.main(args, { exp = H.fake.new { directories = H.root
    .. "/scripts/workloads" }, stdout = out, stderr = err })
  return status, out.text and out.text(), err.text()
end

test("all workloads, one line each", function()
  local status, out, err = run {}
  eq(status, 0, err)
  for _, name in ipairs(builtin.names) do has(out, "\n" .. name) end
end)

test("as JSON", function()
  local _, out = run { "--json" }
  local all = assert(json.decode(out))
  eq(#all, #builtin.names)
  eq(all[1].name, "fib")
  eq(all[1].params, { n = 26 })
end)

test("one of them, and bad ones", function()
  local status, out = run { "fib" }
  eq(status, 0)
  H.lacks(out, "sieve")
  local err
  status, out, err = run { "fib", H.file "return 1" }
  eq(status, 1)
  has(out, "fib")
  has(err, "not a table")
  status, _, err = run { "fob" }
  eq(status, 2)
  has(err, 'did you mean "fib"?')
  status, _, err = run { "--jsno" }
  eq(status, 2)
  has(err, 'did you mean "--json"?')
end)

test("help, and a full standard output", function()
  local _, out = run { "-h" }
  has(out, "gilt list --json")
  local sink = io.open("/dev/full", "w")
  if not sink then return end
  local status, _, err = run({}, sink)
  eq(status, 1)
  has(err, "No space left")
  sink:close()
end)
