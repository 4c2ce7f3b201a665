-- gilt.time
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local time = require "gilt.time"
for _, name in ipairs { "monotonic", "wall", "cpu", "thread_cpu" } do
  local s, ns = time[name](), time[name .. "_ns"]()
  assert(math.type(s) == "float" and math.type(ns) == "integer")
  assert(ns / 1e9 >= s - 1 and ns / 1e9 < s + 1000, name)
  assert(time[name .. "_ns"]() >= ns or name == "wall")
end
assert(math.abs(time.wall() - os.time()) < 100)
assert(time.resolution() > 0)
for _, s in ipairs { 0, 1e-9, 0.0003, 0.002, 0.0071, 0.03 } do
  local before = time.monotonic_ns()
  check.eq(select("#", time.sleep(s)), 0)
  assert((time.monotonic_ns() - before) / 1e9 >= s, "woke up early")
end
check.raises("must not be negative", time.sleep, -1)
check.raises("must not be negative", time.sleep, 0 / 0)
check.raises("number expected", time.sleep)
print("ok")
