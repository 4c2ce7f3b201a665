-- A file handle closed by one thread while others write, read and seek: errors, never a crash.
local race = require "race"
for round = 1, race.rounds do
  local name = os.tmpname()
  local f = assert(io.open(name, "w+"))
  race.all(function(id)
    for i = 1, 50 do
      local ok, e = pcall(function()
        if id == 1 and i == 25 then return f:close() end
        if id % 2 == 0 then return f:write("line ", id, " ", i, "\n") end
        f:seek("set", 0)
        return f:read("l")
      end)
      race.check(ok or tostring(e):find("closed file", 1, true), "io error %s", tostring(e))
      race.check(io.type(f) == "file" or io.type(f) == "closed file", "type")
      if i % 10 == 0 then race.yield() end
    end
    return true
  end)
  os.remove(name)
end
race.done()
