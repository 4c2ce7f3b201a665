-- collect.lua: a full collection of a heap with 1 M tables and 1 M strings, two interpreters by turns.
--
--   lua5.4 collect.lua [-n ROUNDS] [-m MAX] "COMMAND A" "COMMAND B" [MILLIONS]
--
-- Prints the medians and the ratio B / A; exits with 1 if that is above MAX. The bar is 0.6 where two
-- processors are free for B. MILLIONS scales the heap (default 1).
local here = arg[0]:match("^(.*/)") or "./"
local opt, i = { n = 5 }, 1
while arg[i] and arg[i]:find("^%-%a$") do
  opt[arg[i]:sub(2)] = tonumber(arg[i + 1]) or error(arg[i] .. " wants a number")
  i = i + 2
end
local commands, millions = { arg[i], arg[i + 1] }, tonumber(arg[i + 2]) or 1
if #commands < 2 then
  io.stderr:write("usage: collect.lua [-n ROUNDS] [-m MAX] 'A' 'B' [MILLIONS]\n")
  os.exit(2)
end

local function once(command)
  local p = io.popen(("%s '%scollect_once.lua' %s"):format(command, here, millions))
  local text = p:read("a")
  local t = tonumber(text:match("^([%d.]+)\n$"))
  if not p:close() or not t then error(command .. " failed: " .. text, 0) end
  return t
end

local function median(t)
  table.sort(t)
  local k = #t
  return k % 2 == 1 and t[k // 2 + 1] or (t[k // 2] + t[k // 2 + 1]) / 2
end

local times, ratios = { {}, {} }, {}
for r = 1, opt.n do
  local first = r % 2 + 1 -- the order alternates, so that drift of the machine hits both alike
  times[first][r] = once(commands[first])
  times[3 - first][r] = once(commands[3 - first])
  ratios[r] = times[2][r] / times[1][r]
end
local ratio = median(ratios)
print(("collect: A %.1f ms, B %.1f ms, B / A %.3f, %.3f to %.3f in %d rounds (bar 0.6)"):format(
  median(times[1]), median(times[2]), ratio, ratios[1], ratios[#ratios], opt.n))
if opt.m and ratio > opt.m then os.exit(1) end
