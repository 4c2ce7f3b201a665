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
  - ctx is read-only: threads share it, processes inherit it, isolates set up one each.
    (Workloads of kind "shared" write to it, under locks: scripts/workloads/README.md.)
  - A result is plain data: nil, booleans, numbers, strings, and tables of these without cycles.
  - io, os and require("gilt.time").sleep let go of the lock while they block; a busy loop doesn't.
  - Tasks of 1 to 20 ms, and a third of a second in all, give steady figures.
]]

M.gil_off = [[
With gilt's own core (`gilt --version`: core: gilt) the threads of one interpreter can run at the
same time, on one heap, with the GIL off.

  gilt run --gil=off script.lua                  the script and every thread that it starts
  gilt compare wordcount --modes threads,free    the GIL on and off, side by side
  require("gilt.gil").enable(false)              from here on, for all threads; true: back

Promised, whatever threads do to shared values
  - no crash, no torn value, no value that nobody stored
  - one read or write of a field, global or captured local variable is one step
  - a write to one key is never lost because of another key; next, # and pairs never fail
  - table.insert and table.remove are one step each
  - what is ordered by start, join, locks, channels or atomics runs as if threads took turns

Not promised
  - two steps: t.n = t.n + 1, list[#list + 1] = v, "if not t[k] then t[k] = ..." can lose a result.
    They can with the GIL on, too; there it only shows rarely.

To find a race      gilt explore script.lua: the order of events that breaks it, with the GIL on
To fix it           share nothing and join; or one owner and channels; or atomics; or a lock:

  local sync, atomic = require "gilt.sync", require "gilt.atomic"
  local lock, count = sync.mutex(), atomic.new()
  do
    local _ <close> = lock:lock()     -- unlocked at the end of the block, by an error too
    t.n = t.n + 1
  end
  count:add(1)

C modules that do not declare themselves (gilt/module.h) run in one thread at a time while the GIL
is off; gilt says so once.

More: interp/GIL-OFF.md, interp/SYNC.md; examples in scripts/demos/gil-off/.
]]

-- Texts on something else than a command.
M.topics = { workload = M.workload, ["gil-off"] = M.gil_off, free = M.gil_off }

-- The text on a topic ("compare", "list", "workload", "gil-off"), or nil if it is not one of ours.
function M.text(topic, style, width)
  if M.topics[topic] then return M.topics[topic] end
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
