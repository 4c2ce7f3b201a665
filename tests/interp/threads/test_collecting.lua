-- Time spent collecting is charged as such, and the core's books of it agree with the lock's.
local check = require "check"
local gil = require "gilt.gil"
local core = require("gilt").core
local stock = gil.collections() == nil

local function charged() return gil.stats().states.collecting end
local keep = {}
for i = 1, 50000 do keep[i] = { i } end

check.test("a requested collection is charged", function()
  if not gil.enabled() then return end
  local before = charged()
  collectgarbage()
  assert(charged() > before)
end)

check.test("the core keeps books", function()
  check.equal(stock, core ~= "gilt")
  if stock then return end
  local before = gil.collections().count
  for _ = 1, 3 do collectgarbage() end
  local c = gil.collections()
  assert(c.count >= before + 3 and c.markers >= 1 and c.live > 50000 * 48)
  assert(c.total >= c.longest and c.longest >= c.last and c.total >= c.marking and c.last > 0)
end)

check.test("so is one that nobody asked for", function()
  if stock or not gil.enabled() then return end
  local count, before = gil.collections().count, charged()
  repeat local _ = { {}, {} } until gil.collections().count > count
  assert(charged() > before)
end)

check.done()
