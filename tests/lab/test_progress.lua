local H = ...
local progress = require "gilt.lab.progress"
local text_table = require "gilt.lab.table"
local test, eq, has, near = H.test, H.eq, H.has, H.near

test("a bar always has its width", function()
  for i = -2, 102 do eq(text_table.width(progress.bar(i / 100, 10)), 10, tostring(i)) end
  eq(progress.bar(1, 4), "████")
  eq(progress.bar(0.5, 4), "██  ")
end)

test("time left follows the pace so far", function()
  local now = 0
  local stream = H.stream()
  local bar = progress.new { stream = stream, enabled = true, columns = 80,
    now = function() return now end }
  bar:start(100)
  bar:draw("first")
  has(stream.text(), "estimating")
  now = 10e9
  bar:advance(25)
  near(bar:left(), 30)
  bar:draw("second")
  has(stream.text(), "about 30 s left")
  bar:expect(-50)
  near(bar:left(), 10)
  bar:clear()
  has(stream.text(), "\r\27[K")
end)

test("a line never wraps, however long its label", function()
  local stream = H.stream()
  local bar = progress.new { stream = stream, enabled = true, columns = 40,
    now = function() return 0 end }
  bar:start(1)
  bar:draw(("very long "):rep(20))
  local line = stream.text():match("\r(.-)\27")
  H.ok(text_table.width(line) < 40)
end)

test("nothing at all when not on a terminal", function()
  local stream = H.stream()
  local bar = progress.new { stream = stream, enabled = false, now = function() return 0 end }
  bar:start(1)
  bar:draw("x")
  bar:clear()
  eq(stream.text(), "")
end)
