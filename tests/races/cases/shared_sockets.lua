-- shared_sockets: one pair of sockets, one listener and one datagram socket for all threads; lines are
-- not mixed, none is lost, and a close reaches everybody.
local race = require "race"
local net = require "gilt.net"
local thread = require "gilt.thread"

for round = 1, race.rounds do
  local a, b = net.pair()
  local lines = 20
  local sum, seen = {}, {}
  local readers = {}
  for id = 1, race.threads do
    readers[id] = thread.spawn(function()
      local own = {}
      while true do
        local line, e = b:read "l"
        if not line then return own end
        own[#own + 1] = line
      end
    end)
  end
  race.all(function(id)
    for i = 1, lines do
      race.check(a:write("id", id, " ", i, "\n") > 0, "write")
      race.check(a:getoption "sndbuf" > 0, "option")
      a:settimeout(10 + id)
    end
  end)
  a:close()
  for id = 1, race.threads do
    for _, line in ipairs((readers[id]:join())) do
      local who, i = line:match "^id(%d+) (%d+)$"
      race.check(who and not seen[line], "a line that nobody wrote, or twice: %q", line)
      seen[line] = true
    end
  end
  for id = 1, race.threads do
    for i = 1, lines do race.check(seen["id" .. id .. " " .. i], "a lost line: %d %d", id, i) end
  end
  -- everybody accepts and connects; then the listener is closed under those who wait
  local server = assert(net.listen("127.0.0.1", 0))
  local _, port = server:sockname()
  local accepting = {}
  for id = 1, race.threads do
    accepting[id] = thread.spawn(function()
      local n = 0
      while true do
        local s = server:accept()
        if not s then return n end
        n = n + 1
        s:write "hello\n"
        s:close()
      end
    end)
  end
  race.all(function()
    for _ = 1, 3 do
      local s = assert(net.connect("127.0.0.1", port))
      race.check(s:read "l" == "hello", "greeting")
      s:close()
    end
  end)
  race.all(function() server:close() end)
  local accepted = 0
  for id = 1, race.threads do accepted = accepted + accepting[id]:join() end
  race.check(accepted == 3 * race.threads, "accepted %d", accepted)
  -- used and closed by all at once
  local c, d = net.pair()
  race.all(function(id)
    for i = 1, 20 do
      if id == 1 and i == 10 then c:close() end
      c:write "x\n"
      c:settimeout(0.001)
      d:settimeout(0.001)
      d:read "l"
      tostring(c)
    end
  end)
  d:close()
  b:close()
end
race.done()
