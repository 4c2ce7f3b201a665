local H = ...
local help = require "gilt.lab.help"
local style = require "gilt.lab.style"
local workload = require "gilt.lab.workload"
local test, eq, has = H.test, H.eq, H.has

test("our topics, and not those of others", function()
  local out = H.stream()
  local context = { exp = H.fake.new {}, stdout = out, stderr = out }
  for _, topic in ipairs { "compare", "list", "workload", "gil-off", "free" } do
    eq(help.main({ topic }, context), 0) end
  has(out.text(), "gilt compare fib sleep")
  has(out.text(), "gilt run --gil=off script.lua")
  for line in (help.text("gil-off") .. help.text("workload")):gmatch "[^\n]+" do H.ok(#line <= 100, line) end
  eq(help.main({ "run" }, context), nil)
  eq(help.main({}, context), nil)
end)

test("the example in the help is a workload that works, and so is the one in the README", function()
  local readme = H.read(H.root .. "/scripts/workloads/README.md")
  for _, text in ipairs { help.text("workload", style.new(false), 100), readme } do
    local source = text:match("\n%s*(return {\n.-\n%s*teardown[^\n]*\n%s*})\n")
    local path = H.file(source)
    local loaded = assert(workload.load(path))
    local params = workload.resolve(loaded, { { "n", "7" }, { "tasks", "12" } })
    local w = dofile(path)
    local ctx, results = w.setup(params), {}
    for i = 1, params.tasks do results[i] = w.task(ctx, i) end
    eq(w.check(results, params), true)
    results[3] = results[3] + 1
    eq(w.check(results, params), false)
  end
end)
