-- Manual 2.5: garbage collection, finalizers, weak tables, ephemerons; collectgarbage.
local T = require "harness"
local function full() collectgarbage() collectgarbage() end
T.exprs [====[
type(collectgarbage("count")), collectgarbage("count") > 0, math.type(collectgarbage("count")) --> "number", true, "float"
collectgarbage(), collectgarbage("collect") --> 0, 0
collectgarbage("isrunning") --> true
collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning") --> 0, false, 0, true
type(collectgarbage("step")), type(collectgarbage("step", 0)), type(collectgarbage("step", 100000)) --> "boolean", "boolean", "boolean"
local m = collectgarbage("incremental") local a = collectgarbage("generational") local b = collectgarbage("incremental") return a, b --> "incremental", "generational"
local m = collectgarbage("generational", 20, 100) local r = collectgarbage("incremental", 200, 100, 13) return r --> "generational"
type(collectgarbage("setpause", 200)), type(collectgarbage("setstepmul", 100)) --> "number", "number"
local a = collectgarbage("setpause", 150) local b = collectgarbage("setpause", a) return b --> 148
collectgarbage("nope") --> !?:1: bad argument #1 to 'collectgarbage' (invalid option 'nope')
collectgarbage(5) --> !?:1: bad argument #1 to 'collectgarbage' (invalid option '5')
collectgarbage({}) --> !?:1: bad argument #1 to 'collectgarbage' (string expected, got table)
collectgarbage("step", "x") --> !?:1: bad argument #2 to 'collectgarbage' (number expected, got string)
collectgarbage("collect", 1, 2, 3) --> 0
]====]
-- finalizers run once, newest first, and see their object whole
do
  local log = {}
  local function F(name)
    return setmetatable({ name = name }, { __gc = function(o) log[#log + 1] = o.name end })
  end
  for i = 1, 5 do F(i) end
  full()
  T.list(log, { 5, 4, 3, 2, 1 })
  full()
  T.eq(#log, 5)
  local keep = F("kept")
  full()
  T.eq(#log, 5)
  keep = nil
  full()
  T.eq(log[6], "kept")
end
-- an object is marked for finalization when its metatable has __gc at setmetatable
do
  local ran = 0
  local mt = {}
  setmetatable({}, mt)
  mt.__gc = function() ran = ran + 1 end
  full()
  T.eq(ran, 0)
  setmetatable({}, mt)
  full()
  T.eq(ran, 1)
  mt.__gc = true
  setmetatable({}, mt)
  mt.__gc = function() ran = ran + 10 end
  full()
  T.eq(ran, 11)
  mt.__gc = nil
  full()
  local m2 = { __gc = function() ran = ran + 100 end }
  local o = setmetatable({}, m2)
  m2.__gc = nil
  o = nil
  full()
  T.eq(ran, 11)
  m2.__gc = function() ran = ran + 100 end
  o = setmetatable(setmetatable({}, m2), {})
  o = nil
  full()
  T.eq(ran, 11)
end
-- resurrection: the object lives again; its finalizer runs again only if marked again
do
  local saved, runs = nil, 0
  local mt
  mt = { __gc = function(o) runs = runs + 1 saved = o end }
  local function make() setmetatable({ v = 42, sub = { 1 } }, mt) end
  make()
  full()
  T.eq(saved.v, 42)
  T.eq(saved.sub[1], 1)
  saved = nil
  full()
  T.eq(runs, 1)
  mt.__gc = function(o) runs = runs + 1 if runs < 5 then setmetatable(o, mt) end end
  make()
  for _ = 1, 10 do full() end
  T.eq(runs, 5)
end
-- a cycle of finalizable objects; references from finalizable objects stay valid
do
  local log = {}
  local function make()
    local a, b = {}, {}
    a.other, b.other = b, a
    a.n, b.n = "a", "b"
    local mt = { __gc = function(o) log[#log + 1] = o.n .. o.other.n end }
    setmetatable(a, mt)
    setmetatable(b, mt)
  end
  make()
  full()
  T.list(log, { "ba", "ab" })
end
-- errors in finalizers are warnings, the program goes on; finalizers can create objects and collect
do
  local n = 0
  warn("@off")
  for i = 1, 3 do setmetatable({}, { __gc = function() n = n + 1 error("in gc") end }) end
  full()
  T.eq(n, 3)
  setmetatable({}, { __gc = function() local t = {} for i = 1, 1000 do t[i] = { i } end n = n + #t end })
  full()
  T.eq(n, 1003)
  setmetatable({}, { __gc = function() collectgarbage() n = n + 1 end })
  full()
  T.eq(n, 1004)
  -- __gc that is not callable is ignored
  setmetatable({}, { __gc = 5 })
  setmetatable({}, { __gc = {} })
  full()
  T.eq(n, 1004)
  -- a finalizer cannot yield
  local message
  local co = coroutine.create(function()
    setmetatable({}, { __gc = function() message = select(2, pcall(coroutine.yield)) end })
    full()
  end)
  coroutine.resume(co)
  T.eq(message, "attempt to yield across a C-call boundary")
end
-- weak values
do
  local w = setmetatable({}, { __mode = "v" })
  local keep = {}
  w[1], w[2], w.x, w.y, w[keep] = {}, keep, {}, keep, {}
  w.s, w.n, w.b, w.long = "str", 5, true, ("x"):rep(200)
  w.f = function() return keep end
  full()
  T.eq(w[1], nil)
  T.eq(w[2], keep)
  T.eq(w.x, nil)
  T.eq(w.y, keep)
  T.eq(w[keep], nil)
  T.eq(w.s, "str")
  T.eq(w.n, 5)
  T.eq(w.b, true)
  T.eq(#w.long, 200)
  T.eq(w.f, nil)
end
-- weak keys are ephemerons
do
  local w = setmetatable({}, { __mode = "k" })
  local keep = {}
  w[{}] = 1
  w[keep] = "kept"
  w["s"] = {}
  w[1] = {}
  full()
  local n = 0
  for k in pairs(w) do n = n + 1 end
  T.eq(n, 3)
  T.eq(w[keep], "kept")
  -- a value that refers to its own key does not keep it
  local k = {}
  w[k] = { k }
  k = nil
  full()
  n = 0
  for _ in pairs(w) do n = n + 1 end
  T.eq(n, 3)
  -- a chain of ephemerons, each key reachable only through the value before it
  local e = setmetatable({}, { __mode = "k" })
  local first = {}
  local key = first
  for i = 1, 1000 do
    local nxt = { i }
    e[key] = nxt
    key = nxt
  end
  key = nil
  full()
  n, key = 0, first
  while e[key] do n, key = n + 1, e[key] end
  T.eq(n, 1000)
  first, key = nil, nil
  full()
  T.eq(next(e), nil)
  -- two ephemeron tables that feed each other
  local a, b = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "k" })
  local root = {}
  local x, y = {}, {}
  a[root], b[x], a[y] = x, y, "end"
  x, y = nil, nil
  full()
  T.eq(a[b[a[root]]], "end")
  root = nil
  full()
  T.eq(next(a), nil)
  T.eq(next(b), nil)
end
-- weak keys and values
do
  local w = setmetatable({}, { __mode = "kv" })
  local keep = {}
  w[{}], w[keep], w[1] = keep, {}, {}
  w.both = keep
  w[keep] = keep
  full()
  local n = 0
  for _ in pairs(w) do n = n + 1 end
  T.eq(n, 2)
  T.eq(w.both, keep)
end
-- finalizers and weak tables: values go before finalizers run, keys after
do
  local wk, wv = setmetatable({}, { __mode = "k" }), setmetatable({}, { __mode = "v" })
  local seen_k, seen_v = "unset", "unset"
  local function make()
    local o = {}
    setmetatable(o, { __gc = function(o) seen_k, seen_v = wk[o], wv[1] end })
    wk[o], wv[1] = "data", o
  end
  make()
  full()
  T.eq(seen_k, "data")
  T.eq(seen_v, nil)
  full()
  T.eq(next(wk), nil)
end
-- changing the mode of a table in use
do
  local mt = { __mode = "v" }
  local t = setmetatable({}, mt)
  t[1] = {}
  full()
  T.eq(t[1], nil)
  mt.__mode = nil
  t[1] = {}
  full()
  T.ok(t[1])
  setmetatable(t, nil)
  full()
  T.ok(t[1])
end
-- coroutines, closures and upvalues are collected, also in cycles
do
  local w = setmetatable({}, { __mode = "v" })
  local function make()
    local co
    co = coroutine.create(function() local self = co coroutine.yield() return self end)
    coroutine.resume(co)
    w[1] = co
    local f
    f = function() return f end
    w[2] = f
    local t = {}
    t.t = t
    w[3] = t
  end
  make()
  full()
  T.eq(next(w), nil)
  -- what a suspended coroutine refers to stays
  local co = coroutine.wrap(function() local o = {} w[1] = o coroutine.yield() return o == w[1] end)
  co()
  full()
  T.ok(w[1])
  T.eq(co(), true)
  -- open and closed upvalues keep their values
  local function mk() local o = {} w[5] = o return function() return o end end
  local f = mk()
  full()
  T.eq(f(), w[5])
  f = nil
  full()
  T.eq(w[5], nil)
end
-- memory comes back
do
  full()
  local before = collectgarbage("count")
  local t = {}
  for i = 1, 20000 do t[i] = { i, tostring(i) } end
  local grown = collectgarbage("count")
  t = nil
  full()
  local after = collectgarbage("count")
  T.ok(grown > before + 500)
  T.ok(after < before + 500)
  -- garbage made in a loop does not pile up
  local max = 0
  for i = 1, 200000 do
    local x = { i }
    if i % 10000 == 0 then max = math.max(max, collectgarbage("count")) end
  end
  T.ok(max < after + 8000, "garbage piles up")
  for i = 1, 20000 do local s = ("x"):rep(100) .. i end
  full()
  T.ok(collectgarbage("count") < after + 1000)
end
-- both modes, with mutation of old objects
for _, mode in ipairs { "generational", "incremental" } do
  local previous = collectgarbage(mode)
  local old = {}
  for i = 1, 1000 do old[i] = {} end
  collectgarbage("step")
  full()
  for round = 1, 20 do
    for i = 1, 1000 do
      old[i].v = { round }
      old[i].s = "s" .. i .. round
      local junk = { {}, {} }
    end
    collectgarbage("step", round)
  end
  local good = true
  for i = 1, 1000 do good = good and old[i].v[1] == 20 and old[i].s == "s" .. i .. 20 end
  T.ok(good, mode)
  collectgarbage(previous)
end
-- stop and restart
do
  collectgarbage("stop")
  local w = setmetatable({}, { __mode = "v" })
  w[1] = {}
  for i = 1, 50000 do local x = {} end
  T.ok(w[1])
  collectgarbage("restart")
  full()
  T.eq(w[1], nil)
end
-- interned strings survive as keys made afresh
do
  local t = {}
  for i = 1, 5000 do t["key" .. i] = i end
  full()
  local sum = 0
  for i = 1, 5000 do sum = sum + t["key" .. i] end
  T.eq(sum, 5000 * 5001 // 2)
  for i = 1, 5000, 2 do t["key" .. i] = nil end
  full()
  for i = 1, 5000 do t["new" .. i] = i end
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  T.eq(n, 7500)
end
T.done()
