-- lock_bars.lua: the bars of the lock that only a whole interpreter shows: echo, sleeper, short foreign calls,
-- throughput, each beside a bare control in the same round: the same work by processes without an interpreter.
-- Used by bars.lua:  bench/bars echo closed sleeper calls turns       (ROUNDS=, SECONDS=)
--
-- On a machine that other programs use, a latency says as much about them as about us. So rounds alternate, the
-- medians over the rounds are judged, and where the bare control itself is beyond a bar the row says so ("machine")
-- unless ours is within it. `interval` and `tick` stand in the same tables as exhibits; they are not judged.

local gil = require "gilt.gil"
local thread = require "gilt.thread"
local time = require "gilt.time"
local net = require "gilt.net"
local bench = require "gilt.bench"

return function(bars, stats, rounds)
  local SECONDS = tonumber(os.getenv("SECONDS")) or 1
  local CHUNK_NS = 100000
  local now_ns = time.monotonic_ns

  local function ms(ns) return ns and ("%.3f"):format(ns / 1e6) or "-" end
  local function quantile(sorted, q) return sorted[math.min(#sorted, math.floor(q * #sorted) + 1)] end
  local function median(list) return #list > 0 and stats.median(list) or 0 / 0 end

  -- verdict: met, MISSED, or machine: the bare control is beyond the bar too.
  local function judge(what, value, bar, at_most, unit, control, detail)
    local function within(x) return at_most and x <= bar or not at_most and x >= bar end
    local verdict = within(value) and "met" or control and not within(control) and "machine" or "MISSED"
    print(("  %-44s %10.3f %-3s %s %-6g %-8s %s%s"):format(what, value, unit, at_most and "<=" or ">=", bar, verdict,
      control and ("bare %.3f "):format(control) or "", detail or ""))
    io.stdout:flush()
  end

  -- ---- CPU-bound threads ----

  local function lua_work(n)
    local x = 0
    for i = 1, n do x = (x + i * 7) % 1000003 end
    return x
  end

  local function calibrate(work)
    local n, best = 1000, math.huge
    repeat
      n = n * 2
      local start = now_ns()
      work(n)
      best = (now_ns() - start) / n
    until best * n > 4e6
    for _ = 1, 5 do
      local start = now_ns()
      work(n)
      best = math.min(best, (now_ns() - start) / n)
    end
    return math.max(1, math.floor(CHUNK_NS / best))
  end

  local chunk, bare_chunk

  -- n threads that compute until told to stop, at most `limit` seconds.
  local function crew(n, limit)
    local c = { stop = false, threads = {}, done = {}, longest = {}, held = {}, start = now_ns() }
    local till = c.start + limit * 1e9
    for i = 1, n do
      c.done[i], c.longest[i], c.held[i] = 0, 0, 0
      c.threads[i] = thread.start({ name = "cpu-" .. i }, function()
        local last, longest, done = now_ns(), 0, 0
        while not c.stop and last < till do
          lua_work(chunk)
          local now = now_ns()
          if now - last > longest then longest = now - last end
          last, done = now, done + 1
        end
        c.done[i], c.longest[i], c.held[i] = done, longest, gil.stats().states.running
      end)
    end
    return c
  end

  -- chunks per second; longest pause of any thread, ns; share of the time that they had the lock.
  local function end_crew(c)
    c.stop = true
    for _, t in ipairs(c.threads) do assert(t:join() == nil) end
    local span, sum, longest, held = now_ns() - c.start, 0, 0, 0
    for i = 1, #c.threads do
      sum, longest, held = sum + c.done[i], math.max(longest, c.longest[i]), held + c.held[i]
    end
    return sum / span * 1e9, longest, held / (span / 1e9)
  end

  -- The same in n bare processes, one per CPU-bound thread.
  local function burners(n)
    local list = {}
    for i = 1, n do list[i] = bench.peer("burn", bare_chunk) end
    return list
  end

  local function end_burners(list)
    local rate, longest = 0, 0
    for _, p in ipairs(list) do
      local r = p:stop()
      rate, longest = rate + r.chunks / r.seconds, math.max(longest, r.longest * 1e9)
    end
    return rate, longest
  end

  local function prepare()
    chunk, bare_chunk = chunk or calibrate(lua_work), bare_chunk or calibrate(bench.work)
  end

  -- ---- echo ----

  -- What a client in a process of its own sees of a Lua thread that sends its datagrams back.
  local function echo(n, rate, seconds)
    local socket = assert(net.udp { host = "127.0.0.1", port = 0 })
    local _, port = socket:sockname()
    local server = thread.start({ name = "echo" }, function()
      while true do
        local data, host, from = socket:recvfrom(64)
        if not data then return end
        socket:sendto(data, host, from)
      end
    end)
    local c = crew(n, 4 * seconds + 2)
    local got = bench.client(port, rate, seconds):wait()
    local work, longest, held = end_crew(c)
    socket:close()
    server:join()
    return got, work, longest, held
  end

  local function bare_echo(n, rate, seconds)
    local server, list = bench.peer("echo"), burners(n)
    local got = bench.client(server:port(), rate, seconds):wait()
    local work, longest = end_burners(list)
    server:stop()
    return got, work, longest
  end

  local function alone(n, seconds)
    local c = crew(n, 4 * seconds)
    time.sleep(seconds)
    return (end_crew(c))
  end

  local function bare_alone(n, seconds)
    local list = burners(n)
    time.sleep(seconds)
    return (end_burners(list))
  end

  local POLICIES = { "adaptive", "interval", "tick" }

  local function fill(lists, key, value)
    lists[key] = lists[key] or {}
    table.insert(lists[key], value)
  end

  local function medians(lists)
    local m = {}
    for key, list in pairs(lists) do m[key] = median(list) end
    return m
  end

  local function line(name, m, columns)
    local cells = {}
    for _, c in ipairs(columns) do cells[#cells + 1] = ("%10.3f"):format(m[c] or 0 / 0) end
    print(("    %-12s %s"):format(name, table.concat(cells, " ")))
  end

  local function table_of(all, order, columns, heads)
    print(("    %-12s %s"):format("", table.concat(heads, " ")))
    for _, name in ipairs(order) do if all[name] then line(name, all[name], columns) end end
  end

  -- 100 datagrams per second, whatever happens; from when each was due.
  function bars.echo()
    prepare()
    for _, n in ipairs { 1, 4 } do
      print(("echo, 100 per second, beside %d CPU-bound thread%s: ms, medians of %d rounds"):format(n, n > 1 and "s" or "", rounds))
      local lists = {}
      local function put(name, got, kept, held, switch)
        lists[name] = lists[name] or {}
        local l = lists[name]
        fill(l, "p50", quantile(got.corrected, 0.5) / 1e6)
        fill(l, "p99", quantile(got.corrected, 0.99) / 1e6)
        fill(l, "max", got.corrected[#got.corrected] / 1e6)
        fill(l, "kept", kept)
        fill(l, "held", held or 1)
        fill(l, "switch", switch and switch * 1e3 or 0)
      end
      for _ = 1, rounds do
        for _, policy in ipairs(POLICIES) do
          gil.policy(policy)
          local base = alone(n, SECONDS / 2)
          gil.reset()
          local got, work, _, held = echo(n, 100, policy == "adaptive" and SECONDS or SECONDS / 2)
          put(policy, got, work / base, held, select(2, gil.histogram("handoff", 0.99)))
        end
        gil.policy "adaptive"
        local base = bare_alone(n, SECONDS / 2)
        local got, work = bare_echo(n, 100, SECONDS)
        put("bare", got, work / base)
      end
      local all = {}
      for name, l in pairs(lists) do all[name] = medians(l) end
      table_of(all, { "adaptive", "bare", "interval", "tick" }, { "p50", "p99", "max", "kept", "held", "switch" },
        { "       p50", "       p99", "       max", "  CPU kept", " lock share", "switch p99" })
      local a, b = all.adaptive, all.bare
      judge("echo p50 beside " .. n, a.p50, 0.15, true, "ms", b.p50)
      judge("echo p99 beside " .. n, a.p99, 1, true, "ms", b.p99,
        ("the lock's part: p99 from request to switch %.3f ms"):format(a.switch))
      judge("CPU-bound threads keep, echo beside " .. n, a.kept, 0.95, false, "", b.kept,
        ("had the lock for %.3f of the time"):format(a.held))
    end
  end

  -- The next datagram when the last is back.
  function bars.closed()
    prepare()
    for _, n in ipairs { 1, 4 } do
      print(("echo, closed loop, beside %d CPU-bound thread%s: medians of %d rounds"):format(n, n > 1 and "s" or "", rounds))
      local lists = {}
      for _ = 1, rounds do
        for _, policy in ipairs(POLICIES) do
          gil.policy(policy)
          local span = policy == "adaptive" and SECONDS or SECONDS / 2
          local base = alone(n, SECONDS / 2)
          local got, work, longest, held = echo(n, 0, span)
          lists[policy] = lists[policy] or {}
          local l = lists[policy]
          fill(l, "rate", got.answered / got.seconds)
          fill(l, "kept", work / base)
          fill(l, "still", longest / 1e6)
          fill(l, "held", held)
        end
        gil.policy "adaptive"
        local base = bare_alone(n, SECONDS / 2)
        local got, work, longest = bare_echo(n, 0, SECONDS)
        lists.bare = lists.bare or {}
        fill(lists.bare, "rate", got.answered / got.seconds)
        fill(lists.bare, "kept", work / base)
        fill(lists.bare, "still", longest / 1e6)
      end
      local all = {}
      for name, l in pairs(lists) do all[name] = medians(l) end
      table_of(all, { "adaptive", "bare", "interval", "tick" }, { "rate", "kept", "still", "held" },
        { "  echoes/s", "  CPU kept", "  still ms", " lock share" })
      local a, b = all.adaptive, all.bare
      judge("closed loop, echoes per second beside " .. n, a.rate, n == 1 and 20000 or 10000, false, "/s", b.rate)
      judge("CPU-bound threads keep, closed loop beside " .. n, a.kept, 0.4, false, "", b.kept,
        ("had the lock for %.3f of the time"):format(a.held))
      judge("longest pause of a CPU-bound thread beside " .. n, a.still, 100, true, "ms", b.still)
    end
  end

  -- ---- the sleeper ----

  local function sleeper(count)
    local list = {}
    local t = thread.start({ name = "sleeper" }, function()
      for i = 1, count do
        local start = now_ns()
        time.sleep(0.001)
        list[i] = math.max(0, now_ns() - start - 1000000)
      end
    end)
    t:join()
    table.sort(list)
    return list
  end

  function bars.sleeper()
    prepare()
    local count = math.max(100, math.floor(10000 / rounds))
    print(("a 1 ms sleeper beside one CPU-bound thread, %d wake-ups in %d rounds: ms beyond 1 ms"):format(count * rounds, rounds))
    local lists, over = {}, {}
    local function put(name, sorted)
      lists[name] = lists[name] or {}
      local l = lists[name]
      fill(l, "p50", quantile(sorted, 0.5) / 1e6)
      fill(l, "p99", quantile(sorted, 0.99) / 1e6)
      fill(l, "max", sorted[#sorted] / 1e6)
      return quantile(sorted, 0.99) / 1e6
    end
    for _ = 1, rounds do
      local burner = burners(1)
      local bare = put("bare", bench.peer("sleep", count, 1000000):wait())
      end_burners(burner)
      for _, policy in ipairs(POLICIES) do
        gil.policy(policy)
        local c = crew(1, 120)
        local p99 = put(policy, sleeper(policy == "adaptive" and count or math.max(50, count // 8)))
        end_crew(c)
        if policy == "adaptive" then over[#over + 1] = p99 - bare end
      end
      gil.policy "adaptive"
    end
    local all = {}
    for name, l in pairs(lists) do
      all[name] = medians(l)
      table.sort(l.max)
      all[name].worst = l.max[#l.max]
    end
    table_of(all, { "adaptive", "bare", "interval", "tick" }, { "p50", "p99", "max", "worst" },
      { "       p50", "       p99", "       max", " worst max" })
    local a, b = all.adaptive, all.bare
    judge("sleeper: p99 beyond the bare one's", median(over), 0.3, true, "ms")
    judge("sleeper: max (median of rounds)", a.max, gil.interval() * 1e3, true, "ms", b.max)
    judge("sleeper: max of all wake-ups", a.worst, gil.interval() * 1e3, true, "ms", b.worst)
  end

  -- ---- short released calls ----

  function bars.calls()
    prepare()
    local rounds_of_call = math.max(1, bare_chunk // 100) -- about a microsecond
    local function calls(count)
      local work, start = bench.work_released, now_ns()
      for _ = 1, count do work(rounds_of_call) end
      return (now_ns() - start) / count
    end
    print(("a released foreign call of %.2f us beside one CPU-bound thread: medians of %d rounds"):format(calls(1000) / 1e3, rounds))
    local lists = {}
    for _ = 1, 3 * rounds do
      for _, policy in ipairs(POLICIES) do
        gil.policy(policy)
        local count = policy == "adaptive" and 50000 or 10000
        local base = calls(20000)
        local c = crew(1, 20)
        time.sleep(0.01)
        gil.reset()
        local slow = calls(count)
        local longest = gil.longest()
        local _, still = end_crew(c)
        lists[policy] = lists[policy] or {}
        fill(lists[policy], "ratio", slow / base)
        fill(lists[policy], "hold", longest and longest * 1e3 or 0)
        fill(lists[policy], "still", still / 1e6)
      end
      gil.policy "adaptive"
    end
    local all = {}
    for name, l in pairs(lists) do all[name] = medians(l) end
    table_of(all, { "adaptive", "interval", "tick" }, { "ratio", "hold", "still" },
      { "     ratio", "   hold ms", "  still ms" })
    judge("short released call beside 1, against alone", all.adaptive.ratio, 3, true, "")
    -- Asked at the interval's end, the holder answers once the system lets it run: a bare process waits as long.
    local stalls = {}
    for i = 1, 3 * rounds do
      local list = burners(1)
      time.sleep(0.1)
      stalls[i] = select(2, end_burners(list)) / 1e6
    end
    local interval = gil.interval() * 1e3
    judge("longest hold meanwhile", all.adaptive.hold, 1.1 * interval, true, "ms", interval + median(stalls),
      "(an interval and the longest stall of a bare process)")
  end

  -- ---- CPU-bound threads taking turns ----

  local function fixed(n, chunks)
    local each = chunks // n
    local threads, start, cpu = {}, now_ns(), time.cpu()
    for i = 1, n do
      threads[i] = thread.spawn(function() for _ = 1, each do lua_work(chunk) end end)
    end
    for _, t in ipairs(threads) do assert(t:join() == nil) end
    return (now_ns() - start) / (each * n), (time.cpu() - cpu) * 1e9 / (each * n)
  end

  function bars.turns()
    prepare()
    local chunks = math.floor(SECONDS * 0.4 * 1e9 / CHUNK_NS) // 8 * 8
    print(("throughput of CPU-bound threads, %d chunks of 0.1 ms: medians of %d rounds"):format(chunks, 3 * rounds))
    local ratio, cpu, versus = { adaptive = {}, interval = {}, tick = {} }, {}, {}
    for round = 1, 3 * rounds do
      local wall = {}
      for _, n in ipairs { 2, 4, 8 } do
        local s1, c1 = fixed(1, chunks)
        local order = round % 2 == 1 and { "adaptive", "interval" } or { "interval", "adaptive" }
        for _, policy in ipairs(order) do
          gil.policy(policy)
          local w, c = fixed(n, chunks)
          wall[policy] = w
          fill(ratio[policy], n, s1 / w)
          if policy == "adaptive" then fill(cpu, n, c1 / c) end
        end
        fill(versus, n, wall.interval / wall.adaptive)
        if round <= 3 then
          gil.policy "tick"
          fill(ratio.tick, n, s1 / (fixed(n, chunks // 4)))
        end
        gil.policy "adaptive"
      end
    end
    for _, n in ipairs { 2, 4, 8 } do
      judge(("throughput of %d threads against one"):format(n), median(ratio.adaptive[n]), 0.98, false, "", nil,
        ("by CPU time %.3f; interval %.3f, tick %.3f"):format(median(cpu[n]), median(ratio.interval[n]), median(ratio.tick[n])))
      judge(("adaptive against interval, %d threads"):format(n), median(versus[n]), 0.99, false, "")
    end
  end
end
