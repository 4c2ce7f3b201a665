-- The auxiliary library makes the metatable of its buffers when one first outgrows the C stack: here in all threads
-- at once, as the first thing they do.
local race = require "race"
for round = 1, race.rounds do
  race.all(function(id)
    local s = ("x"):rep(3000 + id, ",") -- string.rep knows its size; the others do not
    local t = {}
    for i = 1, 600 do t[i] = s end
    race.check(#table.concat(t, ";") == 600 * #s + 599, "concat")
    race.check(#s:gsub("x", "yy") == #s + 3000 + id, "gsub")
    race.check(#s:upper() == #s, "upper")
    return true
  end)
end
race.done()
