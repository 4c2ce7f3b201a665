-- plain.lua: a C module whose static state nothing protects, called by 8 threads with the GIL off,
-- and on and off. Its code never runs twice at once, and its counter is exact, so no call was lost.
local thread, gil, time = require "gilt.thread", require "gilt.gil", require "gilt.time"
local plain = require "plain"
local threads, rounds = 8, tonumber(arg[1]) or 150
gil.interval(0.0005)

local expected = {}
local function worker(id)
  local n = 0 -- increments that we asked for
  local function lua() local t = {} for i = 1, 10 do t[i] = i end return #t end
  for i = 1, rounds do
    plain.bump() n = n + 1
    assert(plain.callback(lua) == 10) n = n + 2
    assert(plain.callback(plain.callback, lua) == 10) n = n + 4
    assert(select("#", plain.callback(print and tostring, i)) == 1) n = n + 2
    local ok, e = pcall(plain.fails, function() error "theirs" end) n = n + 2
    assert(not ok and e:find "ours after .*theirs", e)
    ok, e = pcall(plain.fails, lua) n = n + 2
    assert(e:find "ours after none", e)
    -- sort and gsub with our functions as callbacks, from other C code
    local s = ("abc"):gsub("%w", function(c) plain.bump() return c:upper() end) n = n + 3
    assert(s == "ABC")
    -- continuations
    local co = coroutine.wrap(function() return plain.continued(function() coroutine.yield "y" error "x" end) end)
    assert(co() == "y")
    local status, ctx = co() n = n + 2
    assert(status == 2 and ctx == 7, status)
    co = coroutine.wrap(function() return plain.pause(i) end)
    assert(co() == i and co("r") == "r") n = n + 2
    co = coroutine.create(function() plain.bump() coroutine.yield() plain.bump() error "dead" end)
    assert(plain.resumes(co) == true and plain.resumes(co) == false) n = n + 6
    -- a reader that calls Lua, and fails
    local parts = { "return ", "1" }
    assert(plain.loads(function() return table.remove(parts, 1) end) == true) n = n + 2 + 3 * 2
    assert(plain.loads(function() error "no" end) == false) n = n + 2 + 1
    -- metamethods, closing, hooks
    do
      local o <close> = plain.object()
      local _ = #o, o.x
      n = n + 3 + 1 -- and once when it is collected
    end
    plain.closes(plain.object()) n = n + 3 + 1
    if i % 10 == 0 then
      plain.sethook(true)
      lua()
      plain.sethook(false)
      n = n + 2 -- called: lua, sethook
    end
    if i % 30 == 0 then collectgarbage() end
  end
  expected[id] = n
  return true
end

local function run(during)
  local list = {}
  for id = 1, threads do list[id] = thread.spawn(worker, id) end
  if during then during(list) end
  for id = 1, threads do assert(list[id]:join()) end
  collectgarbage()
  collectgarbage()
end

local total = 0
local function check(what)
  for id = 1, threads do total = total + expected[id] end
  local count, overlaps = plain.counted()
  assert(overlaps == 0, ("%s: %d times two threads were inside"):format(what, overlaps))
  assert(count == total, ("%s: %d increments of %d"):format(what, count, total))
end

gil.enable(false)
run()
check "GIL off"
run(function(list)
  local on = false
  for i = 1, 30 do
    on = not on
    gil.enable(on)
    for _ = 1, 20 do time.sleep(0) end
  end
  gil.enable(false)
end)
check "GIL on and off"
print "ok"
