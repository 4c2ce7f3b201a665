-- Loading workload files: every way to be wrong gives one clear line.
local H = ...
local workload = require "gilt.lab.workload"
local test, eq, has, ok = H.test, H.eq, H.has, H.ok

local function problem_of(text)
  local path = H.file(text)
  local loaded, problem = workload.load(path)
  eq(loaded, nil, text)
  has(problem, path)
  ok(not problem:find("\n"), problem)
  return problem
end

test("a good file", function()
  local w = workload.load(H.file [[#!/usr/bin/env gilt
    return { name = "greet", kind = "io", about = "says hello", tasks = 7,
             params = { n = 3, x = 0.5, word = "hi", loud = false }, task = function() end }]])
  eq(w.name, "greet")
  eq(w.tasks, 7)
  eq(w.params, { n = 3, x = 0.5, word = "hi", loud = false })
end)

test("only a task is needed", function()
  local path = H.file "return { task = function() end }"
  local w = workload.load(path)
  eq(w.kind, "cpu")
  eq(w.tasks, 32)
  eq(w.params, {})
  ok(#w.name > 0)
end)

test("missing file, directory", function()
  local w, problem = workload.load("/nonexistent/x.lua")
  eq(w, nil)
  has(problem, "/nonexistent/x.lua: can't read the workload: No such file")
  w, problem = workload.load(H.here)
  eq(w, nil)
  has(problem, "Is a directory")
  w, problem = workload.load("fib.lua")
  eq(w, nil)
  has(problem, 'the built-in workload is called "fib"')
end)

test("files that don't load", function()
  has(problem_of "return {", "syntax error")
  has(problem_of "error 'oops'", "error while loading it")
  has(problem_of "error { 'a table' }", "error while loading it")
  has(problem_of "os.exit(3)", "os.exit was called")
  has(problem_of "local x = nil; return x.y", "attempt to index")
  has(problem_of "\27Lua binary chunk", "syntax error")
end)

test("files that load but are no workload", function()
  has(problem_of "", "it returned nothing, not a table")
  has(problem_of "return 42", "it returned a number, not a table")
  has(problem_of "return {}", "its `task` is missing, not a function (ctx, i)")
  has(problem_of "return { task = 'x' }", "its `task` is a string")
  has(problem_of "return { task = print, setup = 1 }", "its `setup` is a number")
  has(problem_of "return { task = print, name = {} }", "its `name` is a table, not a string")
  has(problem_of "return { task = print, kind = 'gpu' }", 'its `kind` is "gpu"')
  has(problem_of "return { task = print, tasks = 0 }", "its `tasks` is 0")
  has(problem_of "return { task = print, tasks = 2.5 }", "its `tasks` is 2.5")
  has(problem_of "return { task = print, params = 1 }", "its `params` is a number")
  has(problem_of "return { task = print, params = { f = print } }",
    "default of parameter `f` is a function")
  has(problem_of "return { task = print, params = { ['a b'] = 1 } }", "can't be given")
  has(problem_of "return { task = print, params = { tasks = 1 } }", "`tasks` is a field")
end)

test("globals of a workload don't stay, and its text can't repaint the terminal", function()
  local w = workload.load(H.file "leaked = 1; return { task = print, about = '\27[2Jboo' }")
  eq(rawget(_G, "leaked"), nil)
  eq(w.about, "\\x1b[2Jboo")
  H.lacks(problem_of "error '\27[2J'", "\27")
end)

local W = { name = "w", tasks = 32, params = { n = 10, x = 0.5, word = "hi", loud = false } }

local function resolve(...)
  local overrides = {}
  for i, text in ipairs { ... } do overrides[i] = { text:match("^(.-)=(.*)$") } end
  return workload.resolve(W, overrides)
end

test("parameters keep the type of their default", function()
  eq(resolve(), { tasks = 32, n = 10, x = 0.5, word = "hi", loud = false })
  eq(resolve("n=0x10", "x=2", "word=1", "loud=yes", "tasks=4"),
     { tasks = 4, n = 16, x = 2.0, word = "1", loud = true })
  eq(resolve("n=1e3").n, 1000)
  eq(resolve("n=1", "n=2").n, 2)
  eq(resolve("w.n=5", "other.n=6").n, 5)
  eq(W.params.n, 10)
end)

test("wrong names and types", function()
  for _, case in ipairs {
    { "m=1", 'w has no parameter "m"; did you mean "n"? (it has: loud, n, tasks, word, x)' },
    { "task=1", 'did you mean "tasks"?' },
    { "n=2.5", 'parameter n of w must be a whole number, not "2.5"' },
    { "n=two", "must be a number" }, { "n=", "must be a number" }, { "x=nan", "must be a number" },
    { "x=1e999", "must be a number" }, { "loud=maybe", "must be true or false" },
    { "tasks=0", "must be from 1 to" }, { "tasks=-3", "must be from 1 to" },
      { "tasks=9999999", "must be from" },
  } do
    local params, problem = resolve(case[1])
    eq(params, nil, case[1])
    has(problem, case[2])
  end
end)

test("names are looked up among the built-in ones, paths are paths", function()
  local dirs = { H.root .. "/scripts/workloads" }
  eq(workload.find("fib", dirs), dirs[1] .. "/fib.lua")
  eq(workload.find("fib", dirs[1]), dirs[1] .. "/fib.lua")
  eq(workload.find("./fib", dirs), "./fib")
  eq(workload.find("mine.lua", dirs), "mine.lua")
  local path, problem = workload.find("mandelbort", dirs)
  eq(path, nil)
  has(problem, 'did you mean "mandelbrot"?')
  path, problem = workload.find("qwertz", dirs)
  eq(path, nil)
  has(problem, "./qwertz.lua")
  eq(workload.find("", dirs), nil)
end)

test("parameters are described in order, without the tasks", function()
  eq(workload.describe_params { tasks = 3, b = 1, a = "x" }, "a=x b=1")
end)
