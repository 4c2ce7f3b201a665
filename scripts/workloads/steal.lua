-- Work stealing: every worker has a queue of its own, takes the newest job from it, and, when it is
-- empty, the oldest job of another worker's, which is the largest. A task is a puzzle, queens on a
-- board, that splits into jobs; who solves them is open. Processes and isolates can't steal.

local atomic = require "gilt.atomic"
local gilt = require "gilt"
local sync = require "gilt.sync"

-- ---- queues ----

-- The queue of this worker; the list of them only grows.
local function own_queue(ctx)
  local worker = gilt.worker
  local queue = ctx.queues[worker]
  if queue then return queue end
  local _ <close> = ctx.lock:lock()
  for n = #ctx.queues + 1, worker do
    ctx.queues[n] = { lock = sync.mutex(), first = 1, last = 0 }
  end
  return ctx.queues[worker]
end

local function push(queue, job)
  local _ <close> = queue.lock:lock()
  queue.last = queue.last + 1
  queue[queue.last] = job
end

local function take(queue, newest)
  local _ <close> = queue.lock:lock()
  if queue.first > queue.last then return nil end
  local at = newest and queue.last or queue.first
  local job = queue[at]
  queue[at] = nil
  if newest then queue.last = at - 1 else queue.first = at + 1 end
  return job
end

local function steal(ctx, own)
  for _, queue in ipairs(ctx.queues) do
    local job = queue ~= own and take(queue, false)
    if job then return job end
  end
end

-- ---- the puzzle ----

-- Queens on the rows from `row` on; bits are columns and diagonals that are attacked.
local function count(n, row, columns, left, right)
  if row > n then return 1 end
  local total, free = 0, ~(columns | left | right) & ((1 << n) - 1)
  while free ~= 0 do
    local bit = free & -free
    free = free ~ bit
    total = total + count(n, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
  end
  return total
end

-- A task's puzzle: a board whose first queen stands somewhere.
local function first_queen(i, n)
  local bit = 1 << i % n
  return bit, bit << 1, bit >> 1
end

local function finish(puzzle)
  local _ <close> = puzzle.lock:lock()
  puzzle.done = true
  puzzle.finished:broadcast()
end

-- Solves a job, or splits it into one for each place of the next queen.
local function run(ctx, own, job)
  local puzzle, n = job.puzzle, ctx.n
  if job.row > ctx.split then
    puzzle.solutions:add(count(n, job.row, job.columns, job.left, job.right))
  else
    local free = ~(job.columns | job.left | job.right) & ((1 << n) - 1)
    while free ~= 0 do
      local bit = free & -free
      free = free ~ bit
      puzzle.open:add()
      push(own, { puzzle = puzzle, row = job.row + 1, columns = job.columns | bit,
                  left = (job.left | bit) << 1, right = (job.right | bit) >> 1 })
    end
  end
  if puzzle.open:add(-1) == 0 then finish(puzzle) end
end

return {
  name = "steal",
  kind = "shared",
  about = "work stealing: puzzles that split into jobs",
  tasks = 64,
  params = { n = 12, split = 3 },

  setup = function(params)
    return { n = params.n, split = params.split, queues = {}, lock = sync.mutex() }
  end,

  task = function(ctx, i)
    local own = own_queue(ctx)
    local puzzle = { open = atomic.new(1), solutions = atomic.new(), lock = sync.mutex(),
                     finished = sync.condition(), done = false }
    local columns, left, right = first_queen(i, ctx.n)
    push(own, { puzzle = puzzle, row = 2, columns = columns, left = left, right = right })
    while puzzle.open:load() > 0 do
      local job = take(own, true) or steal(ctx, own)
      if not job then break end -- the rest is being solved by others
      run(ctx, own, job)
    end
    local _ <close> = puzzle.lock:lock()
    while not puzzle.done do puzzle.finished:wait(puzzle.lock) end
    return puzzle.solutions:load()
  end,

  -- The puzzles in one piece, each once: neighbours repeat after n tasks.
  check = function(results, params)
    for i, solutions in ipairs(results) do
      local want = i <= params.n and count(params.n, 2, first_queen(i, params.n))
        or results[i - params.n]
      if solutions ~= want then
        return false, ("task %d: %d solutions, not %s"):format(i, solutions, want)
      end
    end
    return true
  end,
}
