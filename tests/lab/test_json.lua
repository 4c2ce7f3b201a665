local H = ...
local json = require "gilt.lab.json"
local test, eq, has, ok = H.test, H.eq, H.has, H.ok

test("scalars both ways, exactly", function()
  for _, value in ipairs { 0, -1, math.maxinteger, math.mininteger, 0.1, 1 / 3, 5e-324,
    1.7976931348623157e308,
                           1e300, 2.0, -2.5e-7, true, false, "", "a", "\"\\\b\f\n\r\t\0\127",
                             "ü€😀" } do
    local text = assert(json.encode(value))
    local back, problem = json.decode(text)
    eq(problem, nil)
    eq(back, value, text)
  end
  eq(json.encode(2.0), "2.0")
  eq(json.encode(0.1), "0.1")
  eq(json.encode(1e100), "1e+100")
  eq(1 / json.decode(json.encode(-0.0)), -math.huge)
  eq(json.encode(nil), "null")
  eq(json.decode("null"), json.null)
end)

test("objects are sorted, or in the order asked for", function()
  eq(json.encode { b = 1, a = { 2, 3 }, c = json.null }, '{"a":[2,3],"b":1,"c":null}')
  eq(json.encode(json.ordered({ "z", "a" }, { a = 1, b = 2, z = 3 })), '{"z":3,"a":1,"b":2}')
  eq(json.encode(json.array {}), "[]")
  eq(json.encode {}, "{}")
end)

test("indented text is the same value", function()
  local value = { list = { { a = 1 }, { b = { 1, 2 } } }, empty = json.array {}, name = "x" }
  local text = json.encode(value, "  ")
  has(text, "\n")
  eq(json.decode(text), { list = { { a = 1 }, { b = { 1, 2 } } }, empty = {}, name = "x" })
end)

test("what JSON can't hold is named with its place", function()
  for _, case in ipairs {
    { { a = { 1, print } }, "value.a[2] is a function" }, { { a = 0 / 0 }, "value.a is" },
    { { a = math.huge }, "value.a is inf" }, { { [1] = 1, x = 2 }, "an array with the key x" },
    { { [true] = 1 }, "a key that is a boolean" }, { { { 1, nil, 3, [7] = 1 } }, "value[1]" },
  } do
    local text, problem = json.encode(case[1])
    eq(text, nil)
    has(problem, case[2])
  end
  local deep = {}
  deep.deep = deep
  local text, problem = json.encode(deep)
  eq(text, nil)
  has(problem, "nested deeper")
end)

test("bytes that are not UTF-8 are replaced, since messages may hold any", function()
  local text = json.encode("a\xff\xfeb\xc3")
  ok(utf8.len(text))
  eq(json.decode(text), "a\u{FFFD}\u{FFFD}b\u{FFFD}")
end)

test("escapes and surrogates", function()
  eq(json.decode [["\u00fc\u20ac\ud83d\ude00\/\b"]], "ü€😀/\b")
  eq(json.decode [["\u0000"]], "\0")
end)

test("numbers", function()
  eq(json.decode("12"), 12)
  eq(1 / json.decode("-0"), -math.huge)
  eq(json.decode("1e2"), 100.0)
  eq(json.decode("1.50"), 1.5)
  eq(json.decode("9223372036854775807"), math.maxinteger)
  eq(json.decode("9223372036854775808"), 9223372036854775808.0)
end)

test("hostile texts give one line with the place, never a crash", function()
  for _, bad in ipairs { "", " ", "{", "[", "[1", "[1,", "[1,]", "{,}", '{"a"', '{"a":', '{"a":1',
    '{"a":1,}',
                         "{a:1}", "'x'", '"', '"\\', '"\\x"', '"\\u12"', '"\\ud800"', '"\\udc00"',
                           '"\\ud800\\u0041"',
                         '"\n"', '"\0"', "01", "-", "+1", "1.", ".5", "1e", "0x10", "1a", "NaN",
                           "Infinity", "nul",
                         "truefalse", "1 2", "[1 2]", "]", "}", '"\xff"', "\xef\xbb\xbf1", "/*x*/1",
                           "1-", "--1" } do
    local value, problem = json.decode(bad)
    eq(value, nil, bad)
    ok(problem:find("^line %d+, column %d+: "), bad .. " -> " .. tostring(problem))
    ok(not problem:find("\n"))
  end
  local value, problem = json.decode('{\n  "a": 1,\n  "b": ?\n}')
  eq(value, nil)
  has(problem, "line 3, column 8: expected a value, found '?'")
end)

test("deep nesting is refused, not followed into the stack", function()
  for _, open in ipairs { "[", '{"a":' } do
    local value, problem = json.decode(open:rep(100000))
    eq(value, nil)
    has(problem, "nested deeper than 200")
  end
  ok(json.decode(("["):rep(150) .. ("]"):rep(150)))
end)

test("random bytes and mutated documents never raise", function()
  local state = 7
  local function random(n)
    state = state * 6364136223846793005 + 1442695040888963407
    return ((state >> 33) % n) + 1
  end
  local base = json.encode { a = { 1, 2.5, "x\ny", { b = true } }, c = json.null, ["ü"] = -7 }
  for _ = 1, 3000 do
    local at = random(#base)
    local mutated = base:sub(1, at - 1) .. string.char(random(256) - 1) .. base:sub(at + random(3))
    local value = json.decode(mutated)
    if value ~= nil and value ~= json.null then ok(json.encode(value)) end
  end
end)
