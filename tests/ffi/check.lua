-- check.lua: what the ffi tests share: cases, comparisons, the C library that they call.
local check = { failed = 0, cases = 0 }
local ffi = require "ffi"

local here = arg[0]:match("^(.*)/[^/]*$") or "."

local function show(v)
  return type(v) == "string" and ("%q"):format(v) or tostring(v)
end

function check.case(name, fn, ...)
  check.cases = check.cases + 1
  local ok, err = xpcall(fn, debug.traceback, ...)
  if ok then return end
  check.failed = check.failed + 1
  io.stderr:write("FAILED ", name, ": ", tostring(err), "\n")
end

function check.eq(got, want, what)
  if got == want and math.type(got) == math.type(want) then return end
  if got ~= got and want ~= want then return end
  error(("%s: got %s, want %s"):format(what or "value", show(got), show(want)), 2)
end

-- fn(...) must raise an error with each of the words in its message.
function check.fails(words, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then error("no error; expected: " .. show(words), 2) end
  for _, word in ipairs(type(words) == "table" and words or { words }) do
    if not tostring(err):find(word, 1, true) then
      error(("message %s lacks %s"):format(show(err), show(word)), 2)
    end
  end
end

-- The test library, whose path is the first argument, with its header declared.
function check.native(mode)
  local f = assert(io.open(here .. "/native.h"))
  ffi.cdef(f:read "a")
  f:close()
  return ffi.load(arg[1], mode and { gil = mode })
end

check.quick = os.getenv "GILT_TEST_QUICK" ~= nil -- sanitizers and valgrind: fewer rounds

-- Do threads share an interpreter: under the lock, or in mode free?
function check.shared()
  return require "gilt.gil".enabled() or require "gilt".mode == "free"
end

function check.skip(why)
  print("skipped: " .. why)
  os.exit(77)
end

function check.done()
  print(("%d cases, %d failed"):format(check.cases, check.failed))
  os.exit(check.failed == 0 and 0 or 1, true)
end

return check
