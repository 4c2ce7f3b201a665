-- What a callback gets as pointers: the same object again and again where its code cannot keep it,
-- and one of its own in every call where it can, however it keeps it.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
ffi.cdef [[ void qsort(void *base, size_t n, size_t size, int (*cmp)(const int *, const int *)); ]]
local N = 300

-- Sorts N numbers by a comparator; true if the result is in order.
local function sorts(compare)
  local a = ffi.new("int[?]", N)
  for i = 0, N - 1 do a[i] = (i * 7919) % 1009 end
  local cb = ffi.cast("int (*)(const int *, const int *)", compare)
  ffi.C.qsort(a, N, 4, cb)
  cb:free()
  for i = 1, N - 1 do if a[i - 1] > a[i] then return false end end
  return true
end

-- Those that keep nothing.
check.eq(sorts(function(x, y) return x[0] < y[0] and -1 or 1 end), true)
check.eq(sorts(function(x, y) return x[0] - y[0] end), true)
check.eq(sorts(function(x, y)
  local a, b = x[0], y[0]
  if a == b then return 0 end
  return math.max(-1, math.min(1, a - b))
end), true)
check.eq(sorts(function(x, y)
  x = x[0]
  y = y[0]
  return x - y
end), true)
check.eq(sorts(function(x, y) return x[0] < y[0] and -1.0 or 1.0 end), true) -- a float as an int

-- Each way to keep a pointer: what was kept must still be what it was when the callback ran.
local kept, value
local function keep(p)
  kept[#kept + 1] = p
  value[#value + 1] = p[0]
end
local upvalue
local box = {}
local ways = {
  argument = function(x, y) keep(x) return x[0] - y[0] end,
  ["local"] = function(x, y)
    local z = y
    keep(z)
    return x[0] - y[0]
  end,
  global = function(x, y)
    Kept = x
    keep(Kept)
    return x[0] - y[0]
  end,
  upvalue = function(x, y)
    upvalue = y
    keep(upvalue)
    return x[0] - y[0]
  end,
  field = function(x, y)
    box.p = x
    keep(box.p)
    return x[0] - y[0]
  end,
  element = function(x, y)
    box[1] = y
    keep(box[1])
    return x[0] - y[0]
  end,
  key = function(x, y)
    box[x] = true
    keep(next(box))
    box[x] = nil
    return x[0] - y[0]
  end,
  constructor = function(x, y)
    keep(({ x, y })[2])
    return x[0] - y[0]
  end,
  closure = function(x, y)
    keep((function() return x end)())
    return x[0] - y[0]
  end,
  choice = function(x, y)
    keep(x and y)
    keep(nil or x)
    return x[0] - y[0]
  end,
  varargs = function(...)
    local x, y = ...
    keep(x)
    return x[0] - y[0]
  end,
  metamethod = function(x, y)
    local catcher = setmetatable({}, { __add = function(_, p) keep(p) return 0 end })
    local _ = catcher + x
    return x[0] - y[0]
  end,
  comparison = function(x, y)
    local catcher = setmetatable({}, { __lt = function(_, p) keep(p) return true end })
    local _ = catcher < y
    return x[0] - y[0]
  end,
  concatenation = function(x, y)
    local catcher = setmetatable({}, { __concat = function(_, p) keep(p) return "" end })
    local _ = catcher .. y
    return x[0] - y[0]
  end,
  index = function(x, y)
    local catcher = setmetatable({}, { __index = function(_, p) keep(p) return 0 end })
    local _ = catcher[x]
    return x[0] - y[0]
  end,
  method = function(x, y)
    keep(x + 0)
    return x[0] - y[0]
  end,
  loop = function(x, y)
    for _, p in ipairs { x } do keep(p) end
    return x[0] - y[0]
  end,
  ["to be closed"] = function(x, y)
    local c <close> = setmetatable({}, { __close = function() end })
    keep(y)
    return x[0] - y[0]
  end,
}
local array = ffi.new("int[64]")
for name, f in pairs(ways) do
  kept, value, box = {}, {}, {}
  for i = 0, 63 do array[i] = (i * 37) % 101 end
  local cb = ffi.cast("int (*)(const int *, const int *)", f)
  local first = ffi.cast("int *", array)
  for i = 0, 40 do -- qsort may copy what it compares; a direct call does not
    assert(cb(first + i, first + i + 1) == array[i] - array[i + 1], name)
  end
  cb:free()
  assert(#kept > 40, name)
  for i = 1, #kept do
    if kept[i][0] ~= value[i] then error(name .. ": a kept pointer has changed") end
  end
end

-- A callback inside of the same callback, an error in it, and another function in its place.
local depth, cb = 0, nil
local small = ffi.new("int[2]", 5, 3)
local p = ffi.cast("int *", small)
cb = ffi.cast("int (*)(const int *, const int *)", function(x, y)
  depth = depth + 1
  if depth < 5 then
    local inner = cb(p + 1, p)
    depth = depth - 1
    return inner + x[0] * 10 + y[0]
  end
  depth = depth - 1
  return x[0]
end)
check.eq(cb(p, p + 1), 3 + 3 * 35 + 53)
cb:set(function(x, y) return x[0] < y[0] and {} or error "on purpose" end)
check.eq(select(2, pcall(cb, p, p + 1)):match "on purpose", "on purpose")
check.eq(select(2, pcall(cb, p + 1, p)):match "cannot convert", "cannot convert")
cb:set(function(x, y)
  cb:set(function(a, b) return a[0] + b[0] end)
  return cb(p, p) + x[0] - y[0]
end)
check.eq(cb(p, p + 1), 10 + 2)
check.eq(cb(p, p + 1), 8)
cb:free()

-- Two callbacks by turns in one foreign call, more often than a stack has slots.
local turns = 0
local other = ffi.cast("int (*)(const int *, const int *)", function(x, y)
  turns = turns + 1
  return x[0] - y[0]
end)
do
  ffi.cdef [[ int t_turns(int (*)(const int *, const int *), int (*)(const int *, const int *), int); ]]
  local native = ffi.load(arg[1])
  local sum = ffi.cast("int (*)(const int *, const int *)", function(x, y) return x[0] + y[0] end)
  local rounds = check.quick and 20000 or 600000
  check.eq(native.t_turns(sum, other, rounds), 2 * rounds)
  check.eq(turns, rounds)
  sum:free()
end
other:free()

-- More callbacks than there are trampolines, all alive at once.
local many = {}
for i = 1, 400 do
  many[i] = ffi.cast("int (*)(int, int8_t, uint16_t)", function(a, b, c) return a + b + c + i end)
end
for i = 1, 400 do check.eq(many[i](-100000, -7, 65535), -100000 - 7 + 65535 + i) end
for i = 1, 400 do many[i]:free() end
check.eq(pcall(many[7], 1, 2, 3), false)
check.done()
