-- replay.lua: PROGRAM SCRIPT FIRST LAST [same-place]: runs SCRIPT twice under each seed, the second time
-- with a larger environment (which moves the stack), and compares output and trace hash. Every
-- seventh seed is also run as the list of its own switches, and under pct. With "same-place" the
-- environment stays: where the heap comes from malloc, addresses depend on it.
local program, script, first, last, how = ...
local schedule_hash = "hash\t(%x+)"

local function run(schedule, environment)
  local report = os.tmpname()
  local pipe = assert(io.popen(("%s %s run --schedule %s --schedule-report %s %s 2>&1"):format(
    environment, program, schedule, report, script)))
  local output = pipe:read("a")
  pipe:close()
  local file = assert(io.open(report))
  local text = file:read("a")
  file:close()
  os.remove(report)
  return output, text:match(schedule_hash), text
end

local function list_of(report)
  local points = {}
  for from, part, at, to in report:gmatch("switch\t(%d+)\t(%d+)\t(%d+)\t(%d+)") do
    points[#points + 1] = ("%s.%s.%s:%s"):format(from, part, at, to)
  end
  return "list:" .. table.concat(points, ",")
end

local function same(what, output, hash, other_output, other_hash)
  if hash and hash == other_hash and output == other_output then return end
  io.stderr:write(("%s: not the same again\n  %s %s\n  %s %s\n"):format(what, hash, output, other_hash,
    other_output))
  os.exit(1)
end

local moved = how == "same-place" and "" or "GILT_TEST_PADDING=" .. ("x"):rep(5000)
local hashes, different = {}, 0
for seed = tonumber(first), tonumber(last) do
  local output, hash, report = run("seed:" .. seed, "")
  same("seed " .. seed, output, hash, run("seed:" .. seed, moved))
  if not hashes[hash] then hashes[hash], different = true, different + 1 end
  if seed % 7 == 0 then
    if how ~= "same-place" then -- its words are longer, and lie where the environment does
      same("the list of seed " .. seed, output, hash, run(list_of(report), ""))
    end
    local pct = ("pct:%d:4:2000"):format(seed)
    local pct_output, pct_hash = run(pct, "")
    same(pct, pct_output, pct_hash, run(pct, moved))
  end
end
local runs = last - first + 1
assert(different > runs * 0.9, "different seeds give the same run")
print(("%d seeds, %d different runs, each the same twice"):format(runs, different))
