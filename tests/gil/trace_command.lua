-- Runs `gilt trace` and `gilt run --gil-stats` (arg[1] is the command) and reads what they wrote.

local gilt = arg[1]
local dir = os.tmpname()
os.remove(dir)
assert(os.execute("mkdir " .. dir))

local function write(name, text)
  local f = assert(io.open(dir .. "/" .. name, "w"))
  f:write(text)
  f:close()
  return dir .. "/" .. name
end

local function read(path)
  local f = assert(io.open(path))
  local text = f:read "a"
  f:close()
  return text
end

local script = write("script.lua", [[
local thread = require "gilt.thread"
local function burn() local x = 0 for i = 1, 3e6 do x = x + i % 7 end end
local a = thread.start({ name = 'cpu "one"' }, burn)
local b = thread.start({ name = "cpu-2" }, burn)
a:join() b:join()
]])

local function run(words)
  local command = ("%s %s >%s/out 2>%s/err"):format(gilt, words, dir, dir)
  local ok, how, code = os.execute(command)
  return ok and 0 or code, read(dir .. "/err"), read(dir .. "/out")
end

-- Every begin has its end, in order, on its own thread.
local function check(text, processes)
  assert(text:find '^{"displayTimeUnit"' and text:find "%]}\n$")
  local depth, last, pids, count = {}, {}, {}, 0
  for line in text:gmatch "[^\n]+" do
    local ph, pid, tid = line:match '"ph":"(%a)".-"pid":(%d+),"tid":(%d+)'
    if ph == "B" or ph == "E" then
      local key, ts = pid .. "." .. tid, tonumber(line:match '"ts":([%d.]+)')
      assert(ts >= (last[key] or 0), "time goes backwards")
      last[key] = ts
      depth[key] = (depth[key] or 0) + (ph == "B" and 1 or -1)
      assert(depth[key] == 0 or depth[key] == 1, "slices overlap")
      count = count + 1
    elseif ph == "M" then
      pids[pid] = true
      assert(tonumber(tid) < 100 and tonumber(pid) < 100, "ids are small")
    end
  end
  for _, d in pairs(depth) do assert(d == 0, "a slice without an end") end
  local n = 0
  for _ in pairs(pids) do n = n + 1 end
  assert(n == processes, "processes: " .. n)
  assert(count >= 6 * processes)
  assert(text:find('"cpu \\"one\\""', 1, true) and text:find('"name":"running"', 1, true))
end

local trace = dir .. "/t.json"
local status, err = run(("trace --timeline -o %s %s"):format(trace, script))
assert(status == 0, err)
assert(err:find "cpu%-2 .*|.*#" and err:find "none lost", err)
check(read(trace), 1)

status, err = run(("trace --level all --mode processes -n 2 -o %s %s"):format(trace, script))
assert(status == 0, err)
check(read(trace), 2)

status, err = run(("trace --mode isolates -n 3 -o %s %s"):format(trace, script))
assert(status == 0, err)
check(read(trace), 3)

local out
status, err, out = run(("trace -o - %s"):format(script))
assert(status == 0, err)
check(out, 1)

-- os.exit ends no runtime properly; the trace is there all the same.
local exits = write("exits.lua", read(script) .. "os.exit(3)\n")
status, err = run(("trace --gil-stats -o %s %s"):format(trace, exits))
assert(status == 3, status)
check(read(trace), 1)
assert(err:find "policy adaptive", err)

status, err = run(("run --gil-stats --gil-policy interval %s"):format(script))
assert(status == 0, err)
assert(err:find "GIL: policy interval" and err:find "100 %%" and err:find "longest hold", err)
assert(err:find "good: ", err)
assert(err:find "Each thread" and err:find "\n  main " and err:find "\n  cpu%-2 " and err:find "script%.lua:%d+", err)

status, err = run(("trace -o %s/no/such/place %s"):format(dir, script))
assert(status == 2 and err:find "can't write", err)
status, err = run "trace"
assert(status == 2 and err:find "no script given", err)
status, err = run "trace --level most x.lua"
assert(status == 2 and err:find "unknown level", err)
status, err = run(("trace -o %s %s/none.lua"):format(trace, dir))
assert(status == 1, status)

os.execute("rm -r " .. dir)
