-- run.lua: all tests of scripts/lab/ and scripts/workloads/, under any Lua 5.4:
--
--     lua5.4 tests/lab/run.lua [SUITE...]        or        gilt run tests/lab/run.lua [SUITE...]
--
-- The last line is "N passed, N failed"; the exit status is 1 if any failed.

local here = arg[0]:match("^(.*)/[^/]*$") or "."
local root = here .. "/../.."

-- gilt.lab.NAME comes from the source tree, so that the tests test what is being edited.
table.insert(package.searchers, 1, function(name)
  local file = name:match("^gilt%.lab%.([%w_]+)$")
  if not file then return nil end
  return assert(loadfile(("%s/scripts/lab/%s.lua"):format(root, file)))
end)

-- Under plain Lua there is no runtime to sleep in, and one thread.
if not pcall(require, "gilt.time") then
  dofile(here .. "/one_thread.lua")
end

local H = dofile(here .. "/harness.lua")
H.root, H.here = root, here
H.fake = dofile(here .. "/fake_experiment.lua")

local SUITES = {
  "stats", "units", "json", "csv", "table", "style", "progress", "options", "answers", "plan",
  "workload", "summary", "verdict", "report", "compare", "html", "list", "help", "workloads", "schedule",
}

local globals = {}
for name in pairs(_G) do globals[name] = true end

local chosen = #arg > 0 and arg or SUITES
for _, suite in ipairs(chosen) do
  H.suite = suite
  assert(loadfile(("%s/test_%s.lua"):format(here, suite)))(H)
end

H.suite = "globals"
H.test("nothing leaves a global behind", function()
  for name in pairs(_G) do H.ok(globals[name], "new global " .. tostring(name)) end
end)

os.exit(H.finish() and 0 or 1, true)
