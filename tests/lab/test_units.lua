local H = ...
local units = require "gilt.lab.units"
local test, eq, has = H.test, H.eq, H.has

test("times", function()
  for _, row in ipairs { { 0, "0 ns" }, { 999, "999 ns" }, { 1000, "1.00 us" },
    { 12345, "12.3 us" },
                         { 999999, "1.00 ms" }, { 1234567, "1.23 ms" }, { 320e6, "320 ms" },
                         { 1.5e9, "1.50 s" }, { 125e9, "2 min 5 s" } } do
    eq(units.ns(row[1]), row[2])
  end
  eq(units.seconds(34.4), "34 s")
  eq(units.seconds(150), "2 min 30 s")
end)

test("sizes, counts, ratios, shares", function()
  eq(units.kb(900), "900 kB")
  eq(units.kb(4096), "4.00 MB")
  eq(units.kb(3 * 1024 * 1024), "3.00 GB")
  eq(units.count(0), "0")
  eq(units.count(42), "42")
  eq(units.count(41.5), "41.5")
  eq(units.count(12345), "12.3k")
  eq(units.count(999.7), "1.00k")
  eq(units.whole(4.5), "5")
  eq(units.ratio(1.953), "1.95x")
  eq(units.ratio(15.53), "15.5x")
  eq(units.ratio(120.4), "120x")
  eq(units.percent(0.0123), "1.2 %")
  eq(units.percent(0.97), "97 %")
  eq(units.percent(0), "0 %")
end)

test("words", function()
  eq(units.plural(2, "thread"), "two threads")
  eq(units.plural(2, "process"), "two processes")
  eq(units.plural(1, "isolate"), "one isolate")
  eq(units.plural(16, "thread"), "16 threads")
end)

test("durations", function()
  eq(units.parse_duration("20us"), 20000)
  eq(units.parse_duration("20µs"), 20000)
  eq(units.parse_duration("1.5ms"), 1500000)
  eq(units.parse_duration("2 s"), 2000000000)
  for _, bad in ipairs { "", "5", "ms", "5 parsecs", "-5ms", "1e3ms", "1.2.3s", "5ms 3" } do
    local value, problem = units.parse_duration(bad)
    eq(value, nil, bad)
    has(problem, "5ms")
  end
  eq(units.parse_duration("99999999999999999999s"), nil)
end)

test("byte sizes", function()
  eq(units.parse_size("64M"), 64 << 20)
  eq(units.parse_size("64MiB"), 64 << 20)
  eq(units.parse_size("1.5g"), 3 << 29)
  eq(units.parse_size("512"), 512)
  eq(units.parse_size("512B"), 512)
  for _, bad in ipairs { "", "M", "64X", "-1M", "1e9" } do eq(units.parse_size(bad), nil, bad) end
end)
