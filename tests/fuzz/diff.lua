-- diff.lua: runs random programs in two interpreters and compares what they print, byte for byte.
--
--   lua5.4 diff.lua [-n PROGRAMS] [-s FIRST_SEED] [-t SECONDS] [-b BATCH] [-z SIZE] [-o DIR] "REFERENCE" "TESTED"
--
-- A difference is cut down (statements removed while it stays) and saved as DIR/seed-N.lua with both outputs;
-- the exit status is then 1. `-p SEED` prints the program of a seed and ends.
local here = arg[0]:match("^(.*/)") or "./"
package.path = here .. "diffgen/?.lua;" .. package.path
local S = require "stat"

local opt, i = { n = 2000, s = 1, b = 100, z = 40, o = "." }, 1
while arg[i] and arg[i]:find("^%-%a$") do
  local o = arg[i]:sub(2)
  opt[o] = o == "o" and arg[i + 1] or tonumber(arg[i + 1]) or error(arg[i] .. " wants a value")
  i = i + 2
end
if opt.p then
  print(S.text(S.program(opt.p, opt.z)))
  return
end
local A, B = arg[i], arg[i + 1]
if not B then
  io.stderr:write("usage: diff.lua [-n N] [-s SEED] [-t SECONDS] [-b BATCH] [-z SIZE] [-o DIR] 'REFERENCE' 'TESTED'\n")
  os.exit(2)
end

local tmp = os.tmpname()
local seconds = 60
local function run(command)
  local p = io.popen("timeout " .. seconds .. " " .. command .. " '" .. here .. "diffgen/runner.lua' '" .. tmp .. "' 2>&1")
  -- Addresses differ from run to run.
  local text = p:read("a"):gsub("(%a+: )0x%x+", "%1ADDRESS")
  -- Stock Lua 5.4.4 reports these two at the line of an earlier instruction (it has not saved the pc).
  text = text:gsub("p:%d+: (attempt to perform 'n%%0')", "p:?: %1")
  text = text:gsub("p:%d+: (attempt to divide by zero)", "p:?: %1")
  local ok, how, code = p:close()
  if not ok then text = text .. "\n** " .. how .. " " .. code .. "\n" end
  return text
end
-- A difference in what was printed, not in how far a slow machine got.
local function differ(a, b)
  return a ~= b and not a:find("\n** exit 124", 1, true) and not b:find("\n** exit 124", 1, true)
end
local function save(list)
  local f = assert(io.open(tmp, "w"))
  f:write("return {\n")
  for _, p in ipairs(list) do f:write("{", p[1], ", ", ("%q"):format(p[2]), "},\n") end
  f:write("}\n")
  f:close()
end
local function both(seed, text)
  save { { seed, text } }
  return run(A), run(B)
end

-- Removes nodes, largest first, as long as the outputs still differ; then dissolves blocks.
local function shrink(seed, tree)
  local tries, limit = 0, 400
  seconds = 5
  local function differs()
    tries = tries + 1
    local a, b = both(seed, S.text(tree))
    return differ(a, b) and not a:find("\nload: ", 1, true)
  end
  local function lists(t, out)
    out[#out + 1] = t
    for _, n in ipairs(t) do
      if type(n) == "table" then
        lists(n.body, out)
        for _, m in ipairs(n.more or {}) do lists(m[2], out) end
      end
    end
    return out
  end
  local changed = true
  while changed and tries < limit do
    changed = false
    for _, t in ipairs(lists(tree, {})) do
      local width = #t
      while width >= 1 and tries < limit do
        local k = 1
        while k <= #t and tries < limit do
          local cut = {}
          for _ = 1, math.min(width, #t - k + 1) do cut[#cut + 1] = table.remove(t, k) end
          if differs() then changed = true else
            for j = #cut, 1, -1 do table.insert(t, k, cut[j]) end
            k = k + width
          end
        end
        width = width // 2
      end
      for _, n in ipairs(t) do
        if type(n) == "table" and not n.gone and tries < limit then
          n.gone = true
          if differs() then changed = true else n.gone = nil end
        end
      end
    end
  end
  seconds = 60
  return S.text(tree)
end

local function by_seed(text)
  local map = {}
  local pos = 1
  while true do
    local s, e, seed = text:find("== (%d+)\n", pos)
    if not s then break end
    local nxt = text:find("\n== %d+\n", e) or #text
    map[tonumber(seed)] = text:sub(e + 1, nxt)
    pos = nxt
  end
  return map
end

local started, done, found, slow = os.time(), 0, 0, 0
local seed = opt.s
while done < opt.n and not (opt.t and os.time() - started >= opt.t) do
  local list = {}
  for k = 1, math.min(opt.b, opt.n - done) do list[k] = { seed + k - 1, S.text(S.program(seed + k - 1, opt.z)) } end
  save(list)
  local a, b = run(A), run(B)
  if a ~= b then
    local ma, mb = by_seed(a), by_seed(b)
    for _, p in ipairs(list) do
      if ma[p[1]] ~= mb[p[1]] then
        local xa, xb = both(p[1], p[2])
        if xa ~= xb and not differ(xa, xb) then
          slow = slow + 1
        elseif xa ~= xb or found == 0 and differ(a, b) then
          found = found + 1
          local text = shrink(p[1], S.program(p[1], opt.z))
          xa, xb = both(p[1], text)
          local name = opt.o .. "/seed-" .. p[1] .. ".lua"
          local f = assert(io.open(name, "w"))
          f:write(text, "\n--[==[ ", A, " prints\n", xa, "\n", B, " prints\n", xb, "]==]\n")
          f:close()
          io.write("difference: seed ", p[1], ", saved as ", name, "\n")
          if found >= 10 then break end
        end
      end
    end
    if found >= 10 then break end
  end
  seed, done = seed + #list, done + #list
end
os.remove(tmp)
if slow > 0 then print(slow .. " programs were too slow to compare") end
print(("%d programs, %d differences, seeds %d to %d, %d s"):format(done, found, opt.s, seed - 1, os.time() - started))
if found > 0 then os.exit(1) end
