-- child_processes: popen, execute and temporary files by all threads at once.
local race = require "race"
for round = 1, math.max(1, race.rounds // 5) do
  local names = {}
  race.all(function(id)
    for i = 1, 2 do
      local p = assert(io.popen("echo " .. id .. "-" .. i))
      race.check(p:read "l" == id .. "-" .. i, "what the child wrote")
      race.check(p:close() == true, "its end")
      local ok, how, code = os.execute("exit " .. id)
      race.check(ok == nil and how == "exit" and code == id, "status: %s %s", tostring(how), tostring(code))
      local name = os.tmpname()
      race.check(not names[name], "a name twice")
      names[name] = true
      local f = assert(io.open(name, "w"))
      f:write(id)
      f:close()
      race.check(os.rename(name, name .. ".x") and os.remove(name .. ".x"), "rename, remove")
    end
  end)
end
race.done()
