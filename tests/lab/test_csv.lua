local H = ...
local csv = require "gilt.lab.csv"
local test, eq, has = H.test, H.eq, H.has

test("fields are quoted where they must be", function()
  eq(csv.row { 1, "a", true, 0.5 }, "1,a,true,0.5\r\n")
  eq(csv.row { 'say "hi"', "a,b", "x\ny", " pad " }, '"say ""hi""","a,b","x\ny"," pad "\r\n')
  eq(csv.row({ nil, 2, nil }, 3), ",2,\r\n")
end)

test("floats are exact", function()
  eq(tonumber((csv.row { 0.1 }:gsub("\r\n", ""))), 0.1)
end)

test("what was written reads back", function()
  local rows = { { "a", "b" }, { 'q"q', "1,2" }, { "", "line\r\nbreak" }, { "", "" } }
  local text = ""
  for _, row in ipairs(rows) do text = text .. csv.row(row) end
  eq(csv.parse(text), rows)
  eq(csv.parse("a,b\n1,2"), { { "a", "b" }, { "1", "2" } })
  eq(csv.parse(""), {})
end)

test("bad quotes are reported by line", function()
  local rows, problem = csv.parse('a\n"b')
  eq(rows, nil)
  has(problem, "line 2")
  rows, problem = csv.parse('"a"x,b')
  eq(rows, nil)
  has(problem, "line 1")
end)
