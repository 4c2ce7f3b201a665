-- once.lua FILE [PART PARTS]: runs the tasks of a workload once, as any Lua 5.4 does: all of them, or every
-- PARTS-th from PART on. Under `gilt run --workers N` the worker's number and count stand in for PART PARTS.
local file, part, parts = arg[1], tonumber(arg[2]), tonumber(arg[3])
local ok, gilt = pcall(require, "gilt")
if not part and ok then part, parts = gilt.worker, gilt.workers end
part, parts = part or 1, parts or 1
local w = assert(dofile(file))
local params = { tasks = w.tasks }
for k, v in pairs(w.params or {}) do params[k] = v end
local ctx = w.setup and w.setup(params)
for i = part, params.tasks, parts do w.task(ctx, i) end
