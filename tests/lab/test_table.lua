local H = ...
local text_table = require "gilt.lab.table"
local test, eq, ok = H.test, H.eq, H.ok

test("width is what a reader sees", function()
  eq(text_table.width(""), 0)
  eq(text_table.width("abc"), 3)
  eq(text_table.width("größe"), 5)
  eq(text_table.width("e\u{301}"), 1)
  eq(text_table.width("日本"), 4)
  eq(text_table.width("😀"), 2)
  eq(text_table.width("█▌"), 2)
  eq(text_table.width("\27[31mred\27[0m"), 3)
  eq(text_table.width("a\xffb"), 3)
end)

test("padding and cutting count columns, not bytes", function()
  eq(text_table.pad("ü", 3), "ü  ")
  eq(text_table.pad("日", 4, "right"), "  日")
  eq(text_table.cut("größer", 4), "grö…")
  eq(text_table.cut("abc", 3), "abc")
  eq(text_table.width(text_table.cut("日本語日本語", 6)), 5)
  eq(text_table.cut("abc", 1), "…")
end)

test("wrapping", function()
  eq(text_table.wrap("aa bb cc", 5), { "aa bb", "cc" })
  eq(text_table.wrap("aa bb cc", 5, " "), { "aa bb", " cc" })
  eq(text_table.wrap("", 5), {})
  eq(text_table.wrap("longerthanthat x", 5), { "longerthanthat", "x" })
end)

test("a table with heads of two lines, alignment, gaps and spans", function()
  local lines = text_table.render(
    { { head = "" }, { head = "CPU\ntime", align = "right" }, { head = "note" } },
    { { "größe", "1", "x" }, { "b", "100", nil }, { "c", span = "all the rest" } }, { indent = 1 })
  eq(lines, {
    "         CPU",
    "        time  note",
    " größe     1  x",
    " b       100",
    " c      all the rest",
  })
end)

test("colour does not move columns", function()
  local red = function(s) return "\27[31m" .. s .. "\27[0m" end
  local columns = { { head = "a", align = "right" }, { head = "b", align = "right" } }
  local plain = text_table.render(columns, { { "1", "2" }, { "333", "4" } })
  local coloured = text_table.render(columns, { { red("1"), "2" }, { red("333"), "4" } })
  for i, line in ipairs(coloured) do eq((line:gsub("\27%[[%d;]*m", "")), plain[i]) end
end)

test("bytes that are no text don't break it", function()
  local lines = text_table.render({ { head = "\xff" } }, { { "\xc3" }, { "ok" } })
  ok(#lines == 3)
end)
