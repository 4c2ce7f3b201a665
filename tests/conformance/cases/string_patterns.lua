-- Manual 6.4.1: patterns: find, match, gmatch, gsub.
local T = require "harness"
T.exprs [====[
("hello"):match("l+"), ("hello"):match("(h)(e)"), ("hello"):match("()ll()"), ("hello"):match("x"), ("hello"):match(""), ("hello"):match(".-"), ("hello"):match(".-$"), ("hello"):match("^h.*o$") --> "ll", "h", 3, nil, "", "", "hello", "hello"
("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("  trim  "):match("^%s*(.-)%s*$"), ("2024-01-15"):match("(%d+)-(%d+)-(%d+)") --> "key", "trim", "2024", "01", "15"
("abc"):match("b", 3), ("abc"):match("b", -2), ("abc"):match("^b", 2), ("abc"):match("^b"), ("a^b"):match("a^b"), ("a$b"):match("a$b"), ("ab$"):match("b$$") --> nil, "b", "b", nil, "a^b", "a$b", "b$"
("THE (quick) fox"):find("%((%a+)%)"), ("f(a(b)c)d"):match("%b()"), ("((x)"):match("%b()"), ("x"):match("%b()"), ("[[x]]"):match("%b[]"), ("<<a>"):match("%b<>"), ("xax"):match("%bxx") --> 5, "(a(b)c)", "(x)", nil, "[[x]]", "<a>", "xax"
("THE (quick) fox"):match("%f[%a]%a+", 5), ("THE (quick) fox"):gsub("%f[%a]%a+", "W"), ("foo.bar"):match("%f[%w]%w+$"), ("abc"):find("%f[%z]"), ("a b"):gsub("%f[%S]", "|") --> "quick", "W (W) W", "bar", 4, "a |b", 1
("abcabc"):match("(a)(b)(c)%1%2%3"), ("xyzxyz"):match("(x)(y)z%1"), ("aa"):match("(.)%1"), ("ab"):match("(.)%1"), ("=[[x]=]"):match("(=)%[") --> "a", "x", "a", nil, "="
("%d"):match("%%d"), ("a-b"):match("a%-b"), ("a]b"):match("[]]"), ("a-b"):match("[a-]+"), ("a^b"):match("[%^b]+"), ("a^b"):match("[b^]+"), ("x-y"):match("[x%-y]+"), ("abc"):match("[^b]+"), ("]"):match("[^a]"), ("a"):match("[^]]") --> "%d", "a-b", "]", "a-", "^b", "^b", "x-y", "a", "]", "a"
("hello123"):match("%a+"), ("hello123"):match("%d+"), ("\t\n x"):match("%s+"), ("a_b"):match("[%w_]+"), ("!?"):match("%p+"), ("aB"):match("%u"), ("aB"):match("%l"), ("xyz"):match("%x*"), ("12fG"):match("%x+"), ("\1\2a"):match("%c+"), ("a b"):match("%g+"), ("a1!"):match("%W"), ("a1"):match("%A"), ("1a"):match("%D"), (" a"):match("%S"), ("aA"):match("%L"), ("Aa"):match("%U"), ("a!"):match("%P"), ("\1a"):match("%C"), ("fg"):match("%X"), (" a"):match("%G") --> "hello", "123", "\t\n ", "a_b", "!?", "B", "a", "", "12f", "\x01\x02", "a", "!", "1", "a", "a", "A", "a", "a", "a", "g", " "
("aaa"):match("a*"), ("aaa"):match("a+"), ("aaa"):match("a-"), ("aaa"):match("a?"), ("aaab"):match("a-b"), ("b"):match("a*b"), ("b"):match("a+b"), ("b"):match("a?b"), ("aab"):match("a?b"), (""):match("a*"), ("<a><b>"):match("<.->"), ("<a><b>"):match("<.*>") --> "aaa", "aaa", "", "a", "aaab", "b", nil, "b", "ab", "", "<a>", "<a><b>"
("a.b"):gsub("%.", "%%"), ("abc"):gsub("", "-"), ("abc"):gsub("b*", "-"), ("hello"):gsub("l", "L", 1), ("hello"):gsub("l", "L", 0), ("hello"):gsub("l", "L", -1), ("hello"):gsub("l", "L", 100), ("hello world"):gsub("o", "0") --> "a%b", "-a-b-c-", "-a-c-", "heLlo", "hello", "hello", "heLLo", "hell0 w0rld", 2
("hello"):gsub("(l)(l)", "%2%1%0"), ("hello"):gsub("l", "%0%0"), ("hello"):gsub("(h)", "%1%1"), ("hello"):gsub("e", "%%"), ("abc"):gsub("%w", "%0,"), ("abc"):gsub("(a)(b)", "%2-%1") --> "hellllo", "hellllo", "hhello", "h%llo", "a,b,c,", "b-ac", 1
("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 5}), ("$x $y"):gsub("%$(%w+)", {x = false}), ("abc"):gsub("%w", {a = "1", b = true and "2"}), ("abc"):gsub("(b)()", {b = 9}) --> "Bob is 5", "$x $y", "12c", "a9c", 1
("hello"):gsub(".", function(c) if c == "l" then return "L" end end), ("abc"):gsub("b", function() return false end), ("abc"):gsub("b", function() return nil end), ("abc"):gsub("b", function() end), ("abc"):gsub("b", function() return 5 end), ("abc"):gsub("b", function() return 1.5 end) --> "heLLo", "abc", "abc", "abc", "a5c", "a1.5c", 1
("abc"):gsub("(a)(b)(c)", function(...) return select("#", ...) .. table.concat({...}) end), ("abc"):gsub("()", function(p) return p end), ("abc"):gsub("", "%0x") --> "3abc", "1a2b3c4", "xaxbxcx", 4
("abc"):gsub("b", function() return {} end) --> !?:1: invalid replacement value (a table)
("abc"):gsub("b", {b = {}}) --> !?:1: invalid replacement value (a table)
("abc"):gsub("b", {b = true}) --> !?:1: invalid replacement value (a boolean)
("abc"):gsub("b", "%2") --> !?:1: invalid capture index %2
("abc"):gsub("b", "%x") --> !?:1: invalid use of '%' in replacement string
("abc"):gsub("b", "%") --> !?:1: invalid use of '%' in replacement string
("abc"):gsub("(b", "x") --> "axc", 1
("abc"):gsub("b)", "x") --> !?:1: invalid pattern capture
("abc"):gsub("[b", "x") --> !?:1: malformed pattern (missing ']')
("abc"):gsub("[", "x") --> !?:1: malformed pattern (missing ']')
("abc"):gsub("[]", "x") --> !?:1: malformed pattern (missing ']')
("abc"):gsub("[^]", "x") --> !?:1: malformed pattern (missing ']')
("abc"):gsub("%", "x") --> !?:1: malformed pattern (ends with '%')
("abc"):gsub("[a-%", "x") --> !?:1: malformed pattern (missing ']')
("abc"):gsub("[%", "x") --> !?:1: malformed pattern (missing ']')
("abc"):match("%f") --> !?:1: missing '[' after '%f' in pattern
("abc"):match("%fa") --> !?:1: missing '[' after '%f' in pattern
("abc"):match("%b") --> !?:1: malformed pattern (missing arguments to '%b')
("abc"):match("%bx") --> !?:1: malformed pattern (missing arguments to '%b')
("abc"):match("%1") --> !?:1: invalid capture index %1
("abc"):match("(%1)") --> !?:1: invalid capture index %1
("abc"):match("(a)%2") --> !?:1: invalid capture index %2
("abc"):match("()%1") --> nil
("abc"):gsub("b") --> !?:1: bad argument #2 to 'gsub' (string/function/table expected, got no value)
("abc"):gsub("b", nil) --> !?:1: bad argument #2 to 'gsub' (string/function/table expected, got nil)
("abc"):gsub("b", 5), ("abc"):gsub("b", 1.5) --> "a5c", "a1.5c", 1
("abc"):gsub("b", true) --> !?:1: bad argument #2 to 'gsub' (string/function/table expected, got boolean)
("abc"):gsub() --> !?:1: bad argument #1 to 'gsub' (string expected, got no value)
("abc"):gsub({}, "x") --> !?:1: bad argument #1 to 'gsub' (string expected, got table)
("abc"):gsub("b", "x", "y") --> !?:1: bad argument #3 to 'gsub' (number expected, got string)
("abc"):gsub("b", "x", 1.5) --> !?:1: bad argument #3 to 'gsub' (number has no integer representation)
("a"):rep(40):match(("(a)"):rep(33)) --> !?:1: too many captures
select("#", ("a"):rep(40):match(("(a)"):rep(32))) --> 32
("a"):rep(3000):match(".-b") --> nil
("a"):rep(250):match(("a?"):rep(250) .. ("a"):rep(0)) == ("a"):rep(250) --> !?:1: pattern too complex
("x"):rep(300000):match(("x?"):rep(300000)) --> !?:1: pattern too complex
("x"):rep(1000):gsub("x", "yy") == ("y"):rep(2000) --> true
("x"):match("x*x*x*x*y"), ("aaaaab"):match("(a*)(a*)(b)"), ("aaaaab"):match("(a-)(a-)(b)"), ("abcd"):match("(.)(.)(.)(.)"), ("abc"):match("((a)(b))"), ("abc"):match("(a(b(c)))"), ("abc"):match("()a()b()") --> nil, "aaaaa", "", "a", "ab", "abc", 1, 2, 3
("x = 1, y = 2"):gsub("(%w+) = (%w+)", "%2 = %1"), ("abc def"):gsub("(%w+) (%w+)", "%2 %1"), ("a,b,,c"):gsub(",", ";"), ("one two  three"):gsub("%s+", " ") --> "1 = x, 2 = y", "def abc", "a;b;;c", "one two three", 2
local t = {} for k, v in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do t[k] = v end return t --> {["a"]="1", ["b"]="2", ["c"]="3"}
local t = {} for w in ("one two three"):gmatch("%a+") do t[#t + 1] = w end return t --> {"one", "two", "three"}
local t = {} for a in ("abc"):gmatch("") do t[#t + 1] = a end return #t --> 4
local t = {} for p in ("abc"):gmatch("()") do t[#t + 1] = p end return t --> {1, 2, 3, 4}
local t = {} for a in ("aXbXc"):gmatch("[^X]*") do t[#t + 1] = a end return t --> {"a", "b", "c"}
local t = {} for a in ("abc"):gmatch("%w", 2) do t[#t + 1] = a end for a in ("abc"):gmatch("%w", -1) do t[#t + 1] = a end for a in ("abc"):gmatch("%w", 10) do t[#t + 1] = a end return t --> {"b", "c", "c"}
local t = {} for a in ("^a^b"):gmatch("^%a") do t[#t + 1] = a end return t --> {"^a", "^b"}
local f = ("a b"):gmatch("%a") return f(), f(), f(), f() --> "a", "b", nil
for w in ("abc"):gmatch("[") do end --> !?:1: malformed pattern (missing ']')
for w in ("abc"):gmatch(5) do return w end -->
("abc"):gmatch() --> !?:1: bad argument #1 to 'gmatch' (string expected, got no value)
("a\0b\0"):gsub("%z", "0"), ("a\0b"):gsub("\0", "-"), ("a\0b"):match("[%z]"), ("\0\1"):match("[\0-\1]+"), ("a\0b"):match("%Z+"), ("a\0b"):find("b") --> "a0b0", "a-b", "\x00", "\x00\x01", "a", 3, 3
("\xe9a"):match("[\xe0-\xff]"), ("äö"):gsub("[\x80-\xff]", "?"), ("a"):match("[a-a]"), ("b"):match("[c-a]"), ("-"):match("[a-]"), ("b"):match("[%a-z]"), ("-"):match("[%a-z]") --> "\xe9", "????", "a", nil, "-", "b", "-"
("abc"):find("b", 1, false), ("a.c"):find("a.c", 1, nil), ("abc"):find("^b", 2), ("aab"):find("^a", 2), ("aab"):gsub("^a", "x"), ("aab"):gsub("^", "x"), ("a^b"):gsub("a^", "x") --> 2, 1, 2, 2, "xab", "xaab", "xb", 1
("abc"):gsub(".", {a = 1, b = 2.5}), ("abc"):gsub(".", setmetatable({}, {__index = function(_, k) return k:upper() end})) --> "12.5c", "ABC", 3
("abc"):gsub("%w", function(c) error("in repl " .. c) end) --> !?:1: in repl a
("abc"):gsub("%w", function(c) error({c}) end) --> !!{"a"}
("hello"):find("l", 1, true), ("hello"):find("(l)", 1), ("hello"):find("(l)(o)"), ("hello"):find("()"), ("hello"):match("(.)", 10), ("hello"):match("()", 6) --> 3, 3, 4, 1, nil, 6
("  x"):find("^%s*$"), (""):find("^%s*$"), ("\n\n"):find("^%s*$"), ("x"):gsub("x*", "-"), ("baac"):gsub("a*", "-"), ("abc"):gsub("$", "!"), ("abc"):gsub(".$", "!") --> nil, 1, 1, "-", "-b-c-", "abc!", "ab!", 1
]====]
-- character classes against a definition by ranges (C locale)
local classes = {
  a = "AZaz", c = "\0\31\127\127", d = "09", g = "!~", l = "az", p = "!/:@[`{~", s = "\t\r  ", u = "AZ", w = "09AZaz", x = "09AFaf",
}
for name, ranges in pairs(classes) do
  for b = 0, 255 do
    local c, inside = string.char(b), false
    for i = 1, #ranges, 2 do
      if c >= ranges:sub(i, i) and c <= ranges:sub(i + 1, i + 1) and b < 128 then inside = true end
    end
    if c:match("%" .. name) ~= (inside and c or nil) or c:match("%" .. name:upper()) ~= (not inside and c or nil)
      or c:match("[%" .. name .. "]") ~= (inside and c or nil) or c:match("[^%" .. name .. "]") ~= (not inside and c or nil) then
      T.eq("class %" .. name, b)
    else
      T.ok(true)
    end
  end
end
-- gsub, find and match agree on random texts: the pieces found and the pieces between rebuild the text
local seed = 12345
local function rnd(n) seed = (seed * 1103515245 + 12345) & 0x7fffffff return (seed >> 8) % n + 1 end
local pats = { "a+", "b*", "[ab]c", "(a)(b)", "c-", "%a", "a?b", ".", "()b", "[^c]+", "%f[a]a*", "ab-c", "(.)%1", "$" }
for _ = 1, 400 do
  local text = {}
  for i = 1, rnd(12) do text[i] = ("abc"):sub(rnd(3), -1):sub(1, 1) end
  text = table.concat(text)
  local pat = pats[rnd(#pats)]
  local kept = text:gsub(pat, "%0")
  T.eq(kept, text)
  local count = select(2, text:gsub(pat, ""))
  local n = 0
  for _ in text:gmatch(pat) do n = n + 1 end
  T.eq(n, count)
  local s, e = text:find(pat)
  if s then
    T.eq(text:match("^" .. pat, s) ~= nil, pat ~= "$" or text:match("^$", s) ~= nil)
    local removed, k = text:gsub(pat, "", 1)
    T.eq(removed, text:sub(1, s - 1) .. text:sub(e + 1))
    T.eq(k, 1)
  else
    T.eq(count, 0)
  end
end
T.done()
