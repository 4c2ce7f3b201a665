-- units.lua: numbers for people (and back): times, sizes, counts, ratios, number words.

local M = {}

-- Three significant digits without an exponent: 1.23, 12.3, 123.
local function three(x)
  local a = math.abs(x)
  if a >= 99.95 then return ("%.0f"):format(x) end
  if a >= 9.995 then return ("%.1f"):format(x) end
  return ("%.2f"):format(x)
end

-- Picks the largest unit that leaves at least 1 (or the smallest unit), after rounding to three
-- digits, so that 999.9 us becomes 1.00 ms and not 1000 us.
local function scaled(x, units)
  for i = #units, 2, -1 do
    if math.abs(x) >= units[i][1] * 0.9995 then return three(x / units[i][1]) .. units[i][2] end
  end
  return three(x / units[1][1]) .. units[1][2]
end

local TIMES = { { 1, " ns" }, { 1e3, " us" }, { 1e6, " ms" }, { 1e9, " s" } }
local SIZES = { { 1, " kB" }, { 1024, " MB" }, { 1024 * 1024, " GB" } }
local COUNTS = { { 1, "" }, { 1e3, "k" }, { 1e6, "M" }, { 1e9, "G" } }

-- 1234567 -> "1.23 ms"; two minutes and more as "2 min 5 s".
function M.ns(ns)
  if ns >= 120e9 then
    local s = math.floor(ns / 1e9 + 0.5)
    return ("%d min %d s"):format(s // 60, s % 60)
  end
  if ns < 1e3 then return ("%.0f ns"):format(ns) end
  return scaled(ns, TIMES)
end

-- Whole seconds, for "about 34 s left".
function M.seconds(s)
  s = math.floor(s + 0.5)
  if s < 120 then return ("%d s"):format(s) end
  return ("%d min %d s"):format(s // 60, s % 60)
end

function M.kb(kb) return scaled(kb, SIZES) end

-- 0 -> "0", 42 -> "42", 41.5 -> "41.5", 12345 -> "12.3k".
function M.count(n)
  if n < 999.5 then
    if n == math.floor(n) then return ("%d"):format(math.tointeger(n)) end
    return three(n)
  end
  return scaled(n, COUNTS)
end

-- For things that come whole: 4.5 -> "5", 12345 -> "12.3k".
function M.whole(n) return M.count(math.floor(n + 0.5)) end

-- 1.953 -> "1.95x"; more digits don't help, fewer do above 10.
function M.ratio(r)
  if r >= 99.95 then return ("%.0fx"):format(r) end
  if r >= 9.995 then return ("%.1fx"):format(r) end
  return ("%.2fx"):format(r)
end

-- A share as a percentage: 0.0123 -> "1.2 %", 0.97 -> "97 %".
function M.percent(share)
  local p = share * 100
  if p ~= 0 and math.abs(p) < 9.95 then return ("%.1f %%"):format(p) end
  return ("%.0f %%"):format(p)
end

local WORDS = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
                "eleven", "twelve" }

function M.word(n) return WORDS[n] or tostring(n) end

-- "thread", 2 -> "two threads"; "process", 1 -> "one process".
function M.plural(n, noun)
  if n == 1 then return "one " .. noun end
  return M.word(n) .. " " .. noun .. (noun:find("s$") and "es" or "s")
end

local DURATIONS = { ns = 1, us = 1000, ["µs"] = 1000, ms = 1000000, s = 1000000000 }

-- "20us" -> 20000 (integer nanoseconds); nil and what is wrong otherwise.
function M.parse_duration(text)
  local number, unit = text:match("^(%d+%.?%d*)%s*([^%d%s.]+)$")
  local factor = DURATIONS[unit]
  if not factor then return nil, "expected a time with its unit, such as 20us, 5ms or 2s" end
  local ns = tonumber(number) * factor
  if ns > 9e18 then return nil, "is too long" end
  return math.floor(ns + 0.5)
end

local BYTES = { [""] = 1, k = 1 << 10, m = 1 << 20, g = 1 << 30 }

-- "64M" -> 67108864 (integer bytes, powers of 1024); nil and what is wrong otherwise.
function M.parse_size(text)
  local number, unit = text:match("^(%d+%.?%d*)%s*(%a?)[iI]?[bB]?$")
  local factor = number and BYTES[unit:lower()]
  if not factor and text:match("^%d+[bB]$") then number, factor = text:match("^%d+"), 1 end
  if not factor then return nil, "expected a size, such as 64M or 1G" end
  local bytes = tonumber(number) * factor
  if bytes > 9e18 then return nil, "is too large" end
  return math.floor(bytes + 0.5)
end

return M
