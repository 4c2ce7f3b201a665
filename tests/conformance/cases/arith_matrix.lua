-- Manual 3.4.1-3.4.4: every binary and unary operator on every pair of interesting operands, compared with
-- golden/arith_matrix.txt (made by `lua5.4 cases/arith_matrix.lua record`). Each result is computed
-- three times: operands in registers, the right one as a constant, the left one as a constant.
local T = require "harness"
local operands = {
  "0", "1", "-1", "2", "3", "-3", "10", "64", "-64", "127", "256", "-129",
  "4294967295", "9007199254740993", "9223372036854775807",
  "(-9223372036854775807-1)", "0.0", "-0.0", "0.5", "1.0", "-1.5", "2.0", "3.7", "-3.7", "127.0", "1e100",
  "4503599627370496.5", "9007199254740992.0", "9223372036854775808.0", "(1/0)", "(-1/0)", "(0/0)", "'10'", "'0x10'", "'3.5'", "'abc'", "''",
  "nil", "true", "{}",
}
local binary = { "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or" }
local unary = { "-", "~", "not ", "#" }
local function cell(f, ...)
  local ok, v = pcall(f, ...)
  if ok then return T.show(v) end
  -- which operand is named depends on where it is stored: keep what does not
  return "!" .. v:gsub("^%?:1: ", ""):gsub(" %(.-%)", ""):gsub(" value", ""):gsub("attempt to ", ""):gsub("perform ", "")
    :gsub("number has no integer representation", "noint")
end
local rows = {}
for i, v in ipairs(operands) do
  if v:sub(1, 1) == "-" then operands[i] = "(" .. v .. ")" end
end
for _, op in ipairs(binary) do
  for _, a in ipairs(operands) do
    local cells = {}
    for i, b in ipairs(operands) do
      local x, y = load("return " .. a)(), load("return " .. b)()
      if (op == "==" or op == "~=") and a == "{}" and b == "{}" then y = x end
      local direct = cell(load("local a, b = ... return a " .. op .. " b", "=?"), x, y)
      cells[i] = direct
      -- (-0.0) - 0 with a constant 0 is 0.0 in the reference, which adds -0: either will do
      if a ~= "{}" and b ~= "{}" and not (op == "-" and a == "(-0.0)" and b == "0") then
        T.eq(cell(load("local a = ... return a " .. op .. " " .. b, "=?"), x), direct, a .. op .. "K " .. b)
        T.eq(cell(load("local b = ... return " .. a .. " " .. op .. " b", "=?"), y), direct, "K " .. a .. op .. b)
        T.eq(cell(load("return " .. a .. " " .. op .. " " .. b, "=?")), direct, "K " .. a .. op .. "K " .. b)
        local cond = "local a, b = ... if a " .. op .. " b then return true else return false end"
        local neg = "local a, b = ... if not (a " .. op .. " b) then return false else return true end"
        if direct:sub(1, 1) ~= "!" then
          local truth = tostring(direct ~= "nil" and direct ~= "false")
          T.eq(cell(load(cond, "=?"), x, y), truth)
          T.eq(cell(load(neg, "=?"), x, y), truth)
        end
      end
    end
    rows[#rows + 1] = op .. " " .. a .. ": " .. table.concat(cells, " | ")
  end
end
for _, op in ipairs(unary) do
  for _, a in ipairs(operands) do
    local direct = cell(load("local a = ... return " .. op .. "a", "=?"), load("return " .. a)())
    T.eq(cell(load("return " .. op .. a, "=?")), direct)
    rows[#rows + 1] = op .. a .. " = " .. direct
  end
end
local name = "golden/arith_matrix.txt"
if arg and arg[1] == "record" then
  local f = assert(io.open(name, "w"))
  f:write(table.concat(rows, "\n"), "\n")
  f:close()
end
-- The sign of a NaN that an operation makes is the processor's: the golden file has x86-64's.
local nan_sign = tostring(0 / 0)
local function any_nan(s) return nan_sign == "-nan" and s or (s:gsub("%-nan", "nan")) end
local i = 0
for line in io.lines(name) do
  i = i + 1
  T.eq(any_nan(rows[i]), any_nan(line))
end
T.eq(#rows, i)
T.done()
