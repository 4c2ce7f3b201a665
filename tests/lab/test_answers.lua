local H = ...
local answers = require "gilt.lab.answers"
local test, eq, has = H.test, H.eq, H.has

local function compare(a, b, n) return answers.compare(a, b, n or math.max(#a, #b), "serial") end

test("the same results", function()
  eq(compare({ 1, "a", { x = { 1, 2 } }, true }, { 1, "a", { x = { 1, 2 } }, true }), nil)
  eq(compare({ 0 / 0 }, { 0 / 0 }), nil)
  eq(compare({}, {}, 3), nil)
end)

test("the first difference, with its place and both values", function()
  local text, task = compare({ 1, { sum = { 5 } } }, { 1, { sum = { 6 } } })
  eq(task, 2)
  eq(text, 'task 2 gave 6 at ["sum"][1], serial gave 5')
end)

test("exactly the same: type, integer or float, sign of zero, every bit", function()
  for _, case in ipairs { { 1, 1.0 }, { 0.0, -0.0 }, { 0.1, 0.1 + 1e-17 * 2 }, { 1, "1" },
    { 0.1 + 0.2, 0.3 },
                          { {}, 0 }, { false, nil } } do
    if not (case[1] == 0.1 and case[2] == 0.1) then
      H.ok(compare({ case[1] }, { case[2] }, 1), tostring(case[1]) .. " " .. tostring(case[2]))
    end
  end
end)

test("missing and extra keys, missing results", function()
  has(compare({ { a = 1 } }, { {} }), 'task 1 gave nil at ["a"], serial gave 1')
  has(compare({ {} }, { { a = 1 } }), 'task 1 gave 1 at ["a"], serial gave nil')
  has(compare({ 1, 2 }, { 1 }, 2), "task 2 gave nil, serial gave 2")
end)

test("long and wild strings are shown short and safe", function()
  local text = compare({ "x" }, { ("\27[2J"):rep(1000) })
  H.ok(#text < 300)
  H.lacks(text, "\27")
end)
