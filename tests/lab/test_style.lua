local H = ...
local style = require "gilt.lab.style"
local test, eq = H.test, H.eq

local function env(values) return function(name) return values[name] end end

test("colour only on a terminal, and never against NO_COLOR or TERM=dumb", function()
  eq(style.wanted(true, env {}), true)
  eq(style.wanted(false, env {}), false)
  eq(style.wanted(true, env { NO_COLOR = "1" }), false)
  eq(style.wanted(true, env { NO_COLOR = "" }), true)
  eq(style.wanted(true, env { TERM = "dumb" }), false)
end)

test("without colour, texts stay as they are", function()
  eq(style.new(false).red("x"), "x")
  eq(style.new(true).red("x"), "\27[31mx\27[0m")
  eq(style.new(true).red(""), "")
end)

test("control characters from outside are shown, not obeyed", function()
  eq(style.plain("a\27[31mb\7\n"), "a\\x1b[31mb\\x07\\n")
  eq(style.plain("a\n\tb\0", true), "a\n\tb\\x00")
end)
