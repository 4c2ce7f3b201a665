-- Metamethods stored and deleted by several threads: when all is quiet, what is in the metatable works.
local race = require "race"
for round = 1, race.rounds do
  for turn = 1, 15 do
    local mt = { __index = function() return "m" end, __eq = function() return true end, __len = function() return 7 end }
    local o, p = setmetatable({}, mt), setmetatable({}, mt)
    race.all(function(id)
      local role = id % 3
      for i = 1, role == 2 and 1 or 8 do
        if role == 1 then
          mt.__index = function() return "m" end
          mt.__len = function() return 7 end
          mt.__eq = function() return true end
        elseif role == 2 then
          mt.__index, mt.__len, mt.__eq = nil, nil, nil
        else
          for _ = 1, 4 do
            local v, n = o.missing, #o
            race.check(v == nil or v == "m", "got %s", tostring(v))
            race.check(n == 0 or n == 7, "length %s", tostring(n))
            local _ = o == p
          end
        end
      end
      return true
    end)
    race.check((rawget(mt, "__index") ~= nil) == (o.missing == "m"), "__index is there and does not work")
    race.check((rawget(mt, "__len") ~= nil) == (#o == 7), "__len is there and does not work")
    race.check((rawget(mt, "__eq") ~= nil) == (o == p), "__eq is there and does not work")
  end
end
race.done()
