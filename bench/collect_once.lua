-- collect_once.lua [MILLIONS]: a heap of so many million tables and strings each (default 1), collected
-- in full a few times; prints the fastest in milliseconds. By the clock on the wall where there is one
-- (gilt.time), else CPU time, which is the same or less for one thread.
local n = math.floor((tonumber(arg and arg[1]) or 1) * 1000000)
local ok, time = pcall(require, "gilt.time")
local clock = ok and time.monotonic or os.clock
local tables, strings = {}, {}
for i = 1, n do
  tables[i] = {i}
  strings[i] = "string number " .. i
end
collectgarbage()
local best = math.huge
for _ = 1, 7 do
  local start = clock()
  collectgarbage()
  best = math.min(best, clock() - start)
end
assert(#tables == n and #strings == n and strings[n] == "string number " .. n)
print(("%.3f"):format(best * 1e3))
