-- check.lua: named checks for the script tests. M.test(name, fn); M.done() prints the count and exits.
local M = { passed = 0, failed = 0 }

function M.test(name, fn)
  local ok, e = xpcall(fn, debug.traceback)
  if ok then
    M.passed = M.passed + 1
  else
    M.failed = M.failed + 1
    io.stderr:write("FAILED ", name, ": ", tostring(e), "\n")
  end
end

function M.equal(got, want)
  if got ~= want then error(("got %s, want %s"):format(tostring(got), tostring(want)), 2) end
end

function M.done()
  print(("%d passed, %d failed"):format(M.passed, M.failed))
  os.exit(M.failed == 0, true)
end

return M
