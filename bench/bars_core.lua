-- bars_core.lua: the bars of gilt's own core, for bars.lua (which gives the helpers in `env`).
--   core      CPU time against lua5.4, GIL on and GIL off, bench/programs      scaling   two threads on one heap
--   safety    what thread safety costs, against a build without it             counters  shared work at 8 and 16 threads
return function(env)
  local exp, stats, row, here = env.exp, env.stats, env.row, env.here
  local bars = {}

  local CASES = here .. "cases/scaling.lua"
  local function cases() return dofile(CASES) end

  -- ---- two threads ----
  local function sample(op, mode, workers)
    local s = exp.sample { file = CASES, params = { op = op, scale = env.scale, tasks = 2 }, tasks = 2, mode = mode,
      workers = workers, timeout_s = 120 }
    assert(not s.error, s.error and s.error.message)
    return s.wall_ns, s.runq_ns <= 0.02 * s.wall_ns * workers
  end

  -- Wall time of two tasks by one worker over that by two. True: nobody had to wait for a processor.
  local function speedup(op, mode)
    local one, undisturbed1 = sample(op, mode, 1)
    local two, undisturbed2 = sample(op, mode, 2)
    return one / two, undisturbed1 and undisturbed2
  end

  local SCALE = { "calls", "methods", "floats", "strings", "sort", "gsub", "shared_reads", "own_slots", "own_fields",
    "own_objects", "allocation", "closures", "coroutines" }
  local CONTENDED = { { "insert_one_hash", 1.2 }, { "insert_strings", 1.2 }, { "hot_field", 0.7 }, { "hot_global", 0.7 } }

  -- A round counts where nobody waited for a processor and two processes reached 1.95; on a machine too busy for any
  -- such round there is no verdict.
  local function scaling(op, bar)
    local good, all, apart = {}, {}, {}
    for i = 1, env.rounds do
      local p, quiet1 = speedup(op, "processes")
      local t, quiet2 = speedup(op, "free")
      all[i] = t
      if quiet1 then apart[#apart + 1] = p end
      if quiet1 and quiet2 and p >= 1.95 then good[#good + 1] = t end
    end
    local detail = ("%d of %d rounds undisturbed, processes %.2f"):format(#good, env.rounds,
      #apart > 0 and stats.median(apart) or 0)
    local ratio = stats.median(#good > 0 and good or all)
    row("2 threads against 1, GIL off: " .. op, ratio, bar, false, detail, #good == 0 and "open")
  end

  function bars.scaling()
    for _, op in ipairs(env.only and { env.only } or SCALE) do
      if not env.only or cases().ops[op] then
        local bar = 1.85
        for _, c in ipairs(CONTENDED) do if c[1] == op then bar = c[2] end end
        scaling(op, bar)
      end
    end
    if env.only then return end
    for _, c in ipairs(CONTENDED) do scaling(c[1], c[2]) end
  end

  -- ---- one thread ----
  local function quoted(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

  -- core_compare.lua on all programs: prints its table; returns geometric mean and worst ratio of b / a.
  local function compare(a, b, options)
    local command = ("CPUTIME=%s/bench/cputime lua5.4 %score_compare.lua %s %s %s %s"):format(env.build, here, options,
      quoted(a), quoted(b), env.only or "")
    local p = io.popen(command)
    local geomean, worst
    for line in p:lines() do
      print(line)
      geomean, worst = line:match("^geomean%s+([%d.]+)%s+worst ([%d.]+)")
    end
    if not p:close() or not geomean then error("core_compare failed: " .. command) end
    return tonumber(geomean), tonumber(worst)
  end

  function bars.core()
    for _, state in ipairs { "on", "off" } do
      local mean, worst = compare("lua5.4", env.gilt .. " run --gil=" .. state, "-n " .. env.rounds)
      row("CPU time against lua5.4, GIL " .. state .. ", mean", mean, 0.85, true)
      row("CPU time against lua5.4, GIL " .. state .. ", worst", worst, 1.10, true)
    end
    local mean = compare("lua5.4", env.build .. "/interp/core/gilt_core_lua -free", "-i")
    row("instructions against lua5.4, GIL off, mean", mean, 0.80, true)
  end

  -- The same sources with CORE_SINGLE: no owners, no publication, plain accesses. Code layout alone moves single
  -- programs by some per cent either way; instructions tell the cost itself.
  function bars.safety()
    local single, free = env.build .. "/interp/core/gilt_core_lua_single", env.build .. "/interp/core/gilt_core_lua -free"
    if not os.execute(("cmake --build %s --target gilt_core_lua_single >/dev/null"):format(quoted(env.build))) then
      error("gilt_core_lua_single cannot be built: is this gilt's own core?")
    end
    local time, count = compare(single, free, "-n " .. env.rounds), compare(single, free, "-i")
    row("thread safety, CPU time", time, 1.03, true)
    row("thread safety, instructions", count, 1.03, true)
  end

  -- ---- many threads, counted ----
  function bars.counters()
    for _, threads in ipairs { 1, 2, 8, 16 } do
      os.execute(("%s run --gil=off %scounters.lua %d %s"):format(env.gilt, here, threads, env.only or ""))
    end
  end

  return bars
end
