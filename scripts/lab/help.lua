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
    kind = "cpu",                        -- cpu, alloc, data, io or mixed
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
  - ctx is read-only: threads share it, processes inherit it, isolates set up one each.
  - A result is plain data: nil, booleans, numbers, strings, and tables of these without cycles.
  - io, os and require("gilt.time").sleep let go of the lock while they block; a busy loop doesn't.
  - Tasks of 1 to 20 ms, and a third of a second in all, give steady figures.
]]

M.free = [[
Mode free: OS threads of one interpreter, in parallel on one heap, the GIL off. It needs gilt's own
Lua core (gilt --version says which one this is); Lua's own needs the lock.

  gilt run --gil=off script.lua       the script and its threads (gilt.thread) without the lock
  gilt compare --modes threads,free   the same workload with the lock and without it
  require("gilt.gil").enable(false)   from here on, for all threads of this interpreter; true: back

What holds whatever the threads do
  - No crash, no torn value, no value that nobody stored.
  - One read or write of a field is one step, and so are table.insert and table.remove.
  - A write to one key is never lost because another thread writes another one.
What does not, with the lock or without it
  - t.n = t.n + 1 is three steps: an addition may be lost, without the lock often.
  - if not t.x then t.x = make() end may make two.
So: a table for each thread, put together after join; keys of each thread's own; a socket pair to
hand values over. gilt explore finds the order of events that breaks a script.

C modules that do not declare themselves (gilt/module.h) run in one thread at a time while the lock
is off; gilt says so once. The rest of the story: interp/FREE.md in the sources.
]]

-- The text on a topic ("compare", "list", "workload", "free"), or nil if it is not one of ours.
function M.text(topic, style, width)
  if topic == "workload" then return M.workload end
  if topic == "free" then return M.free end
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
