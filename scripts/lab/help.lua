-- help.lua: the help texts that the laboratory owns: its commands, and how to write a workload.

local compare = require "gilt.lab.compare"
local list = require "gilt.lab.list"
local options = require "gilt.lab.options"
local output = require "gilt.lab.output"
local style_of = require "gilt.lab.style"

local M = {}

M.commands = { compare = compare.command, list = list.command }

M.workload = [[
A workload is one plain Lua file that returns a table. `gilt compare` runs it serially, on threads,
in processes and in isolates, and checks that all of them gave the same results.

Example: save as greet.lua, run with `gilt compare ./greet.lua --param n=5000`

  return {
    name = "greet",                      -- shown in the tables
    kind = "cpu",                        -- cpu, alloc, data, io, mixed or shared
    about = "one line for `gilt list`",
    tasks = 32,                          -- how many tasks (--param tasks=N)
    params = { n = 1000, word = "hi" },  -- names and defaults (--param n=2000)

    setup = function(params)             -- optional, once; its result is read-only from then on
      return { n = params.n, word = params.word }
    end,

    task = function(ctx, i)              -- task i of 1..tasks, on whichever worker is free
      return #(ctx.word .. i):rep(ctx.n)
    end,

    check = function(results, params)    -- optional: are results[1] to results[tasks] right?
      for i, length in ipairs(results) do
        local want = (#params.word + #tostring(i)) * params.n
        if length ~= want then return false, ("task %d: %d, not %d"):format(i, length, want) end
      end
      return true
    end,

    teardown = function(ctx) end,        -- optional: after the last task
  }

Rules
  - A task gives the same result whenever and wherever it runs: it depends on ctx and i alone.
  - ctx is read-only: threads share it, processes inherit it, isolates set up one each. (A workload of
    kind "shared" writes to it under locks; scripts/workloads/README.md has the rules.)
  - A result is plain data: nil, booleans, numbers, strings, and tables of these without cycles.
  - io, os and require("gilt.time").sleep let go of the lock while they block; a busy loop doesn't.
  - Tasks of 1 to 20 ms, and a third of a second in all, give steady figures.
]]

-- The text on a topic ("compare", "list", "workload"), or nil if it is not one of ours.
function M.text(topic, style, width)
  if topic == "workload" then return M.workload end
  local command = M.commands[topic]
  return command and options.help(command, style, width)
end

-- `gilt help TOPIC`. context (for tests): exp, stdout, stderr. Returns the exit status, or nil if
-- the topic is not one of ours and the caller should answer.
function M.main(argv, context)
  context = context or {}
  local exp = context.exp or require "gilt.experiment"
  local stdout, stderr = context.stdout or io.stdout, context.stderr or io.stderr
  local text = M.text(argv[1], style_of.new(style_of.wanted(exp.isatty(1))), exp.columns())
  if not text then return nil end
  local ok, problem = output.write({ name = "standard output", stream = stdout }, text)
  if ok then return 0 end
  stderr:write("gilt help: ", problem, "\n")
  return 1
end

return M
