-- Manual 6.5: the utf8 library.
local T = require "harness"
T.exprs [====[
utf8.char(), utf8.char(72, 228, 8364, 128512), utf8.char(0), utf8.char(0x7FFFFFFF), utf8.char(0x10FFFF, 0x110000), utf8.char("65") --> "", "H\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\x00", "\xfd\xbf\xbf\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf\xf4\x90\x80\x80", "A"
utf8.char(-1) --> !?:1: bad argument #1 to 'char' (value out of range)
utf8.char(0x80000000) --> !?:1: bad argument #1 to 'char' (value out of range)
utf8.char("x") --> !?:1: bad argument #1 to 'char' (number expected, got string)
utf8.char(65, 1.5) --> !?:1: bad argument #2 to 'char' (number has no integer representation)
utf8.charpattern, ("äx€"):match(utf8.charpattern, 3) --> "[\x00-\x7f\xc2-\xfd][\x80-\xbf]*", "x"
utf8.len(""), utf8.len("abc"), utf8.len("äöü"), utf8.len("€uro"), utf8.len("😀"), utf8.len("a\xffb"), utf8.len("\x80"), utf8.len("\xc3"), utf8.len("ab\xe2\x82"), utf8.len("a\0b") --> 0, 3, 3, 4, 1, nil, nil, nil, nil, 3
utf8.len("abc", 2), utf8.len("abc", 4), utf8.len("abc", -1), utf8.len("äöü", 3), utf8.len("äöü", 2), utf8.len("abc", 1, 2), utf8.len("abc", 3, 2), utf8.len("äöü", 1, 1), utf8.len("äöü", 1, -1), utf8.len("abc", 1, 100 - 97) --> 2, 0, 1, 2, nil, 2, 0, 1, 3, 3
utf8.len("abc", 5) --> !?:1: bad argument #2 to 'len' (initial position out of bounds)
utf8.len("abc", -4) --> !?:1: bad argument #2 to 'len' (initial position out of bounds)
utf8.len("abc", 0) --> !?:1: bad argument #2 to 'len' (initial position out of bounds)
utf8.len("abc", 1, 4) --> !?:1: bad argument #3 to 'len' (final position out of bounds)
utf8.len() --> !?:1: bad argument #1 to 'len' (string expected, got no value)
utf8.len("\u{7FFFFFFF}"), utf8.len("\u{7FFFFFFF}", 1, -1, true), utf8.len("\u{D800}"), utf8.len("\u{D800}", 1, -1, true), utf8.len("\u{110000}"), utf8.len("\u{10FFFF}"), utf8.len("\u{110000}", 1, -1, true) --> nil, 1, nil, 1, nil, 1, 1
utf8.len("\xc0\x80"), utf8.len("\xe0\x80\x80"), utf8.len("\xf0\x80\x80\x80"), utf8.len("\xf8\x88\x80\x80\x80"), utf8.len("\xfe"), utf8.len("\xc0\x80", 1, -1, true) --> nil, nil, nil, nil, nil, nil, 1
utf8.codepoint("abc"), utf8.codepoint("abc", 2), utf8.codepoint("äb", 1, -1), utf8.codepoint("€", 1), utf8.codepoint("", 1, 0), utf8.codepoint("abc", -1) --> 97, 98, 228, 8364, nil, 99
utf8.codepoint("äb", 2) --> !?:1: invalid UTF-8 code
utf8.codepoint("\xff") --> !?:1: invalid UTF-8 code
utf8.codepoint("abc", 4) --> !?:1: bad argument #3 to 'codepoint' (out of bounds)
utf8.codepoint("abc", 0) --> !?:1: bad argument #2 to 'codepoint' (out of bounds)
utf8.codepoint("") --> !?:1: bad argument #3 to 'codepoint' (out of bounds)
utf8.codepoint("\u{D800}") --> !?:1: invalid UTF-8 code
utf8.codepoint("\u{D800}", 1, 1, true), utf8.codepoint("\u{7FFFFFFF}", 1, 1, true) --> 55296, 2147483647
utf8.codepoint("abc", 1, 100) --> !?:1: bad argument #3 to 'codepoint' (out of bounds)
select("#", utf8.codepoint(("a"):rep(200), 1, -1)), utf8.codepoint("aäb", 1, 2) --> 200, 97, 228
utf8.offset("aäb", 1), utf8.offset("aäb", 2), utf8.offset("aäb", 3), utf8.offset("aäb", 4), utf8.offset("aäb", 5), utf8.offset("aäb", -1), utf8.offset("aäb", -2), utf8.offset("aäb", -3), utf8.offset("aäb", -4), utf8.offset("aäb", 0, 3), utf8.offset("aäb", 0), utf8.offset("aäb", 0, 2) --> 1, 2, 4, 5, nil, 4, 2, 1, nil, 2, 1, 2
utf8.offset("aäb", 1, 2), utf8.offset("aäb", 2, 2), utf8.offset("aäb", -1, 4), utf8.offset("", 1), utf8.offset("", 0), utf8.offset("", 2), utf8.offset("abc", 1, 4), utf8.offset("abc", -1, 4) --> 2, 4, 2, 1, 1, nil, 4, 3
utf8.offset("aäb", 1, 3) --> !?:1: initial position is a continuation byte
utf8.offset("aäb", -1, 3) --> !?:1: initial position is a continuation byte
utf8.offset("abc", 1, 5) --> !?:1: bad argument #3 to 'offset' (position out of bounds)
utf8.offset("abc", 1, -4) --> !?:1: bad argument #3 to 'offset' (position out of bounds)
utf8.offset("abc") --> !?:1: bad argument #2 to 'offset' (number expected, got no value)
local t = {} for p, c in utf8.codes("aä€😀") do t[#t + 1] = p .. ":" .. c end return t --> {"1:97", "2:228", "4:8364", "7:128512"}
local t = {} for p, c in utf8.codes("") do t[1] = p end return #t --> 0
for p, c in utf8.codes("ab\xff") do end --> !?:1: invalid UTF-8 code
for p, c in utf8.codes("ab\xc3") do end --> !?:1: invalid UTF-8 code
for p, c in utf8.codes("\x80") do end -->
for p, c in utf8.codes("\u{D800}") do end --> !?:1: invalid UTF-8 code
local t = {} for p, c in utf8.codes("\u{D800}\u{7FFFFFFF}", true) do t[#t + 1] = c end return t --> {55296, 2147483647}
utf8.codes() --> !?:1: bad argument #1 to 'codes' (string expected, got no value)
utf8.codes(5) ~= nil --> true
]====]
-- every length of encoding, at its limits: char, codepoint, len, offset and codes agree
for _, c in ipairs { 0, 1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000, 0x1fffff, 0x200000, 0x3ffffff, 0x4000000, 0x7fffffff } do
  local s = utf8.char(c)
  local strict = c <= 0x10ffff
  local n = c < 0x80 and 1 or c < 0x800 and 2 or c < 0x10000 and 3 or c < 0x200000 and 4 or c < 0x4000000 and 5 or 6
  T.eq(#s, n)
  T.eq(utf8.codepoint(s, 1, 1, true), c)
  T.eq(utf8.len(s, 1, -1, true), 1)
  T.eq(utf8.len(s), strict and 1 or nil)
  T.eq(pcall(utf8.codepoint, s), strict)
  T.eq(utf8.offset(s .. "x", 2), n + 1)
  T.eq(utf8.offset("x" .. s, -1), 2)
  T.eq(load(("return '\\u{%x}'"):format(c))(), s)
  for p, v in utf8.codes(s .. s, true) do
    T.eq(v, c)
    T.ok(p == 1 or p == n + 1)
  end
  for cut = 1, n - 1 do T.eq(utf8.len(s:sub(1, cut), 1, -1, true), nil) end
end
T.done()
