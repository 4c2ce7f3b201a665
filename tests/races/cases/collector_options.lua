-- collectgarbage with every option, from all threads at once.
local race = require "race"
local what = { "collect", "step", "count", "stop", "restart", "incremental", "generational", "isrunning", "setpause", "setstepmul" }
for round = 1, race.rounds do
  race.all(function(id)
    local rnd = race.random(id * 13 + round)
    local keep = {}
    for i = 1, 60 do
      local w = what[rnd(#what)]
      local r = collectgarbage(w, (w == "setpause" or w == "setstepmul") and 100 + rnd(300) or 0)
      race.check(r ~= nil, "%s gives nothing", w)
      keep[i] = race.stamp(id, i)
      for k = 1, 30 do local t = { k, tostring(k) .. id } end
    end
    for i = 1, 60 do race.check(race.valid(keep[i]) and keep[i].n == i, "kept value %d", i) end
    return true
  end)
  collectgarbage("restart")
  collectgarbage("incremental", 200, 100)
end
race.done()
