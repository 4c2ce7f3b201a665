-- harness.lua: the few helpers that every conformance file shares.
--
-- A file does `local T = require "harness"`, makes checks, and ends with `T.done()`, which prints
-- "N passed, M failed" and sets the exit status. Three kinds of checks:
--
--   T.eq(got, want [, note])        one value; 1 and 1.0 differ, NaN equals NaN
--   T.list({...}, {...} [, note])   lists, nils included
--   T.fails(text, f, ...)           f(...) raises, the message is exactly `text`
--   T.exprs [====[ ... ]====]           a table of one-line programs with their results:
--
--       expression list  --> its values, each in the notation of T.show
--       statements       --> the same, for what the statements return
--       program          --> !the exact message of the error it raises (or of load)
--
-- `T.exprs{ pre = "code", [==[...]==] }` puts code before each line (still on line 1).
-- A line without `-->` fails the check; record.lua fills it in from a reference interpreter.
local T = { passed = 0, failed = 0 }

local mathtype, fmt, concat = math.type, string.format, table.concat
local pcall, load, select, type, tostring = pcall, load, select, type, tostring
local unpack, pack, write, exit = table.unpack, table.pack, io.write, os.exit
local setmetatable, rawlen, rawget, next, sort = setmetatable, rawlen, rawget, next, table.sort
local getmt = debug.getmetatable
local G = _G

-- The shortest decimal that reads back as the same float; never looks like an integer.
local function show_float(x)
  if x ~= x then return "nan" end
  if x == 1 / 0 then return "inf" end
  if x == -1 / 0 then return "-inf" end
  for digits = 14, 17 do
    local s = fmt("%." .. digits .. "g", x)
    if tonumber(s) == x then
      if not s:find("[.eE]") then s = s .. ".0" end
      return s
    end
  end
end

local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }
local function show_string(s)
  return '"' .. s:gsub('[%c\\"\128-\255]', function(c)
    return escapes[c] or fmt("\\x%02x", c:byte())
  end) .. '"'
end

-- One value as text that does not depend on addresses or hash order.
local function show(v, depth)
  depth = depth or 0
  local t = type(v)
  if mathtype(v) == "float" then return show_float(v) end
  if t == "string" then return show_string(v) end
  if t ~= "table" then
    if t == "number" or t == "nil" or t == "boolean" then return tostring(v) end
    return t
  end
  if v == G then return "_G" end
  if depth > 3 then return "{...}" end
  local parts, seen = {}, {}
  for i = 1, rawlen(v) do
    parts[i] = show(rawget(v, i), depth + 1)
    seen[i] = true
  end
  local named = {}
  for k, x in next, v do
    if not seen[k] then named[#named + 1] = "[" .. show(k, depth + 1) .. "]=" .. show(x, depth + 1) end
  end
  sort(named)
  for i = 1, #named do parts[#parts + 1] = named[i] end
  return (getmt(v) and "meta" or "") .. "{" .. concat(parts, ", ") .. "}"
end
T.show = show

local function show_list(p)
  local parts = {}
  for i = 1, p.n or #p do parts[i] = show(p[i]) end
  return concat(parts, ", ")
end
T.show_list = show_list

local function where()
  local level = 2
  while true do
    local info = debug.getinfo(level, "Sl")
    if not info then return "?" end
    if not info.short_src:find("harness%.lua$") and info.currentline > 0 then
      return info.short_src .. ":" .. info.currentline
    end
    level = level + 1
  end
end

local function verdict(ok, got, want, note, place)
  if ok then
    T.passed = T.passed + 1
  else
    T.failed = T.failed + 1
    write(place or where(), ": ", note and (note .. ": ") or "", "got ", got, "\n  want ", want, "\n")
  end
  return ok
end

function T.eq(got, want, note)
  local same = rawequal(got, want) and mathtype(got) == mathtype(want)
    or (got ~= got and want ~= want and mathtype(want) == "float")
  if same then
    T.passed = T.passed + 1
    return true
  end
  return verdict(false, show(got), show(want), note)
end

function T.ok(value, note) return T.eq(not not value, true, note) end

-- Compares what `show` prints: deep, order-free comparison of tables.
function T.same(got, want, note)
  local a, b = show(got), show(want)
  return verdict(a == b, a, b, note)
end

function T.list(got, want, note)
  local a, b = show_list(got), show_list(want)
  return verdict(a == b, a, b, note)
end

function T.fails(text, f, ...)
  local ok, message = pcall(f, ...)
  if type(message) ~= "string" then message = show(message) end
  return verdict(not ok and message == text, ok and "no error" or message, text)
end

function T.matches(pattern, f, ...)
  local ok, message = pcall(f, ...)
  message = tostring(message)
  return verdict(not ok and message:find(pattern) ~= nil, ok and "no error" or message, pattern)
end

-- Runs one line of a table of programs; returns the text of its result.
function T.eval(line, pre)
  local env = setmetatable({}, { __index = G })
  env.show = show
  local f, message = load((pre or "") .. " return " .. line, "=?", "t", env)
  if not f then f, message = load((pre or "") .. " " .. line, "=?", "t", env) end
  if not f then return "!" .. message end
  local r = pack(pcall(f))
  if r[1] then return show_list({ n = r.n - 1, unpack(r, 2, r.n) }) end
  if type(r[2]) == "string" then return "!" .. (r[2]:gsub("[%c]", function(c)
    return escapes[c] or fmt("\\x%02x", c:byte())
  end)) end
  return "!!" .. show(r[2])
end

function T.exprs(spec)
  local pre, text = nil, spec
  if type(spec) == "table" then pre, text = spec.pre, spec[1] end
  local base = debug.getinfo(2, "Sl")
  local number = 0
  for line in text:gmatch("[^\n]*") do
    number = number + 1
    local program, want = line:match("^%s*(.-)%s*%-%->%s?(.*)$")
    if not program then
      program = line:match("^%s*(.-)%s*$")
      want = "(nothing recorded)"
    end
    if program ~= "" and program:sub(1, 3) ~= "---" then
      local got = T.eval(program, pre)
      verdict(got == want, got, want, program, base.short_src .. ":" .. base.currentline + number - 1)
    end
  end
end

function T.done()
  write(T.passed, " passed, ", T.failed, " failed\n")
  io.stdout:flush()
  if T.failed > 0 then exit(1) end
end

return T
