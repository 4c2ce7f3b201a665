-- Pipe I/O: each task starts a small shell program and reads its output line by line. Starting the
-- program, waiting for each line and reaping it at the end all block, and none of it needs the
-- lock; the program itself runs on whatever core is free.

-- Only shell built-ins: the child is one process that counts, so the writing is slower than the
-- reading, and the reader waits.
local PROGRAM = 'i=0; while [ $i -lt %d ]; do i=$((i+1)); echo "line $i of task %d"; done'

return {
  name = "pipe",
  kind = "io",
  about = "pipe I/O: read the output of child processes",
  tasks = 32,
  params = { lines = 4000 },

  setup = function(params) return { lines = params.lines } end,

  task = function(ctx, i)
    local child = assert(io.popen(PROGRAM:format(ctx.lines, i), "r"))
    local sum, bytes = 0, 0
    for line in child:lines() do
      local n, task = line:match("^line (%d+) of task (%d+)$")
      if math.tointeger(tonumber(task)) ~= i then error("this line is not for me: " .. line) end
      sum, bytes = sum + math.tointeger(tonumber(n)), bytes + #line
    end
    local ok, how, status = child:close()
    if not ok then error(("the shell ended by %s %d"):format(how, status)) end
    return { sum = sum, bytes = bytes }
  end,

  check = function(results, params)
    local want = params.lines * (params.lines + 1) // 2
    for i, r in ipairs(results) do
      if r.sum ~= want then
        return false, ("task %d: lines are missing, sum %d, not %d"):format(i, want, r.sum)
      end
    end
    return true
  end,
}
