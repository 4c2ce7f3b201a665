-- Statistics against values worked out by hand or by R.
local H = ...
local stats = require "gilt.lab.stats"
local test, eq, near = H.test, H.eq, H.near

test("median and quantiles (R type 7)", function()
  eq(stats.median {}, nil)
  near(stats.median { 3 }, 3)
  near(stats.median { 4, 1, 3, 2 }, 2.5)
  near(stats.quantile({ 1, 2, 3, 4, 5 }, 0.25), 2)
  near(stats.quantile({ 10, 20, 30, 40 }, 0.9), 37)
  near(stats.quantile({ 10, 20 }, 1), 20)
end)

test("the caller's list keeps its order", function()
  local xs = { 3, 1, 2 }
  stats.median(xs)
  stats.sign_interval(xs)
  eq(xs, { 3, 1, 2 })
end)

test("mean and median absolute deviation", function()
  near(stats.mean { 1, 2, 6 }, 3)
  near(stats.mad { 1, 1, 2, 2, 4, 6, 9 }, 1)
  eq(stats.mad {}, nil)
end)

test("binomial distribution with p = 1/2", function()
  near(stats.binomial_half_cdf(0, 6), 1 / 64)
  near(stats.binomial_half_cdf(1, 9), 10 / 512)
  near(stats.binomial_half_cdf(5, 10), 0.623046875)
  eq(stats.binomial_half_cdf(-1, 5), 0.0)
  near(stats.binomial_half_cdf(1000, 1000), 1, 1e-9)
end)

-- Coverage of order-statistic intervals for the median, as in published tables.
test("sign-test intervals use the closest ranks that still cover 95 %", function()
  local function ranks(n)
    local xs = {}
    for i = 1, n do xs[i] = i end
    local low, high, coverage = stats.sign_interval(xs, 0.95)
    return low, high, coverage
  end
  for _, row in ipairs { { 6, 1, 6, 0.96875 }, { 8, 1, 8, 0.9921875 }, { 9, 2, 8, 0.9609375 },
                         { 10, 2, 9, 0.978515625 }, { 15, 4, 12, 0.96484375 },
                         { 20, 6, 15, 0.958610534667969 }, { 50, 18, 33, 0.967160862435731 } } do
    local low, high, coverage = ranks(row[1])
    eq(low, row[2], "low rank of " .. row[1])
    eq(high, row[3], "high rank of " .. row[1])
    near(coverage, row[4], 1e-12, "coverage of " .. row[1])
  end
end)

test("too few values give the range with its true coverage", function()
  local low, high, coverage = stats.sign_interval({ 5, 4, 7 }, 0.95)
  eq({ low, high }, { 4, 7 })
  near(coverage, 0.75)
  low, high, coverage = stats.sign_interval({ 5 }, 0.95)
  eq({ low, high }, { 5, 5 })
  eq(coverage, 0.0)
  eq(stats.sign_interval({}, 0.95), nil)
end)

test("the interval really covers the median that often (simulation, skewed data)", function()
  local state = 42
  local function uniform()
    state = (state * 6364136223846793005 + 1442695040888963407)
    return ((state >> 11) & 0x1fffffffffffff) / 2 ^ 53
  end
  local hits, trials = 0, 4000
  for _ = 1, trials do
    local xs = {}
    for i = 1, 9 do xs[i] = -math.log(1 - uniform()) end
    local low, high = stats.sign_interval(xs, 0.95)
    if low <= math.log(2) and math.log(2) <= high then hits = hits + 1 end
  end
  near(hits / trials, 0.9609375, 0.012)
end)

test("sign test", function()
  near(stats.sign_test { 1, 2, 3, 4, 5, 6 }, 2 / 64)
  near(stats.sign_test { 1, -2, 3, -4 }, 1)
  near(stats.sign_test { 0, 0 }, 1)
  near(stats.sign_test { -1, -1, -1, -1, -1, -1, -1, 1 }, 2 * 9 / 256)
end)

test("ratios are medians of logarithms", function()
  local r = stats.ratio { 0.5, 2, 1, 1, 4, 0.25 }
  near(r.ratio, 1)
  near(r.low, 0.25)
  near(r.high, 4)
  eq(r.rounds, 6)
  eq(stats.ratio {}, nil)
end)

test("outliers are counted and measured, never dropped", function()
  eq(stats.outliers { 1, 1, 1 }, { mild = 0, severe = 0, worst = 0.0 })
  local o = stats.outliers { 10, 11, 12, 13, 14, 100 }
  eq(o.severe, 1)
  near(o.worst, 100 / 12.5 - 1)
  eq(stats.outliers({ 10, 11, 12, 13, 14, 18 }).mild, 1)
  eq(stats.outliers({ 5, 5, 5, 5 }).severe, 0)
end)

test("noise floor is half the A/A interval, or its distance from 1", function()
  near(stats.noise_floor { 0.98, 1.01, 1.0, 1.0, 0.99, 1.02 }, math.sqrt(1.02 / 0.98) - 1)
  near(stats.noise_floor { 1.1, 1.1, 1.1, 1.1, 1.1, 1.1 }, 0.1)
  near(stats.noise_floor { 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 }, 1)
  eq(stats.noise_floor {}, nil)
end)

local function r(ratio, low, high, coverage)
  return { ratio = ratio, low = low, high = high, coverage = coverage or 0.96 }
end

test("modes are called different only if the samples separate them", function()
  eq(stats.separate(r(1.95, 1.9, 2.0), 0.01), "faster")
  eq(stats.separate(r(0.8, 0.7, 0.9), 0.01), "slower")
  eq(stats.separate(r(1.5, 0.9, 2.0), 0.01), "open")
  eq(stats.separate(r(0.99, 0.98, 1.01), 0.01), "same")
  eq(stats.separate(r(1.95, 1.9, 2.0, 0.9375), 0.01), "few")
end)

test("a difference within the noise floor, or irrelevant, is none", function()
  eq(stats.separate(r(1.08, 1.06, 1.1), 0.12), "same")
  eq(stats.separate(r(1.08, 1.06, 1.3), 0.12), "open")
  eq(stats.separate(r(1.08, 1.06, 1.1), 0.02), "faster")
  eq(stats.separate(r(0.99, 0.985, 0.995), 0.001), "same")
end)

test("two identical modes are hardly ever called different, a doubled one always (simulation)",
  function()
  local state = 1
  local function noise() -- skewed: mostly small, now and then a slow round
    state = state * 6364136223846793005 + 1442695040888963407
    local u = ((state >> 11) & 0x1fffffffffffff) / 2 ^ 53
    return 1 + 0.01 * -math.log(1 - u) + (u > 0.97 and 0.3 or 0)
  end
  local wrong, missed, trials = 0, 0, 1500
  for _ = 1, trials do
    local control, equal, double = {}, {}, {}
    for i = 1, 9 do
      local a, b = noise(), noise()
      local base = math.sqrt(a * b)
      control[i], equal[i], double[i] = a / b, base / noise(), base / (noise() / 2)
    end
    local floor = stats.noise_floor(control)
    local verdict = stats.separate(stats.ratio(equal), floor)
    if verdict == "faster" or verdict == "slower" then wrong = wrong + 1 end
    if stats.separate(stats.ratio(double), floor) ~= "faster" then missed = missed + 1 end
  end
  H.ok(wrong / trials < 0.01, ("%d of %d called different"):format(wrong, trials))
  H.ok(missed / trials < 0.01, ("%d of %d missed"):format(missed, trials))
end)

test("faster and slower mirror each other", function()
  for _, x in ipairs { 1.01, 1.03, 1.06, 1.5, 3 } do
    local up = stats.separate(r(x, x / 1.005, x * 1.005), 0.01)
    local down = stats.separate(r(1 / x, 1 / x / 1.005, 1 / x * 1.005), 0.01)
    eq(down, ({ faster = "slower", same = "same", open = "open" })[up], tostring(x))
  end
end)
