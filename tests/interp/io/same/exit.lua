-- os.exit with a status, finalizers and what is in the buffers
setmetatable({}, { __gc = function() print("finalized") end })
local f <close> = setmetatable({}, { __close = function() print("closed") end })
print("done")
io.write("no newline")
os.exit(17, true)
