-- stats.lua: medians, quantiles, exact sign-test intervals, paired ratios, outliers, separation.
--
-- Run times are skewed and drift, so nothing here assumes a normal distribution: centres are
-- medians, and intervals come from the sign test, whose coverage is exact for any distribution.

local M = {}

-- A sorted copy.
local function sorted(xs)
  local copy = table.move(xs, 1, #xs, 1, {})
  table.sort(copy)
  return copy
end

-- The q-quantile (0..1), linear between order statistics (R's type 7). nil for an empty list.
function M.quantile(xs, q)
  local n = #xs
  if n == 0 then return nil end
  local s = sorted(xs)
  local at = 1 + (n - 1) * q
  local low = math.floor(at)
  local high = math.min(low + 1, n)
  return s[low] + (at - low) * (s[high] - s[low])
end

function M.median(xs) return M.quantile(xs, 0.5) end

function M.mean(xs)
  if #xs == 0 then return nil end
  local sum = 0.0
  for _, x in ipairs(xs) do sum = sum + x end
  return sum / #xs
end

-- Median absolute deviation from the median, unscaled.
function M.mad(xs)
  local centre = M.median(xs)
  if not centre then return nil end
  local away = {}
  for i, x in ipairs(xs) do away[i] = math.abs(x - centre) end
  return M.median(away)
end

-- Tukey's fences: how many values lie beyond 1.5 and 3 interquartile ranges, and how far the
-- farthest of the latter is from the median, as a share of it. Counted, never dropped.
function M.outliers(xs)
  local mild, severe, worst = 0, 0, 0.0
  if #xs < 4 then return { mild = 0, severe = 0, worst = 0.0 } end
  local centre = M.median(xs)
  local q1, q3 = M.quantile(xs, 0.25), M.quantile(xs, 0.75)
  local range = q3 - q1
  for _, x in ipairs(xs) do
    local beyond = math.max(q1 - x, x - q3)
    if beyond > 3 * range and beyond > 0 then
      severe = severe + 1
      if centre ~= 0 then worst = math.max(worst, math.abs(x / centre - 1)) end
    elseif beyond > 1.5 * range and beyond > 0 then
      mild = mild + 1
    end
  end
  return { mild = mild, severe = severe, worst = worst }
end

-- P(X <= k) for X ~ Binomial(n, 1/2). Terms are built up from 2^-n, exact enough to n = 1000.
function M.binomial_half_cdf(k, n)
  if k < 0 then return 0.0 end
  local term, sum = 2.0 ^ -n, 0.0
  for i = 0, math.min(k, n) do
    sum = sum + term
    term = term * (n - i) / (i + 1)
  end
  return math.min(sum, 1.0)
end

-- The confidence interval for the median by the exact sign test: the pair of order statistics
-- that lies closest together and still covers the median with at least `confidence`.
-- Returns low, high, coverage. With too few values (five or fewer for 0.95) the whole range comes
-- back with its true, lower coverage; the caller decides what that is worth.
function M.sign_interval(xs, confidence)
  local n = #xs
  if n == 0 then return nil end
  confidence = confidence or 0.95
  local s = sorted(xs)
  local rank = 1
  while 2 * (rank + 1) <= n + 1
    and 1 - 2 * M.binomial_half_cdf(rank, n) >= confidence do
    rank = rank + 1
  end
  local coverage = math.max(0.0, 1 - 2 * M.binomial_half_cdf(rank - 1, n))
  return s[rank], s[n + 1 - rank], coverage
end

-- The two-sided exact sign test of "the median of xs is 0": its p value. Zeros say nothing.
function M.sign_test(xs)
  local above, n = 0, 0
  for _, x in ipairs(xs) do
    if x ~= 0 then n = n + 1 end
    if x > 0 then above = above + 1 end
  end
  if n == 0 then return 1.0 end
  return math.min(1.0, 2 * M.binomial_half_cdf(math.min(above, n - above), n))
end

-- The ratio of paired measurements: exp of the median log-ratio and its interval.
-- `ratios` are positive numbers, one a round. nil if there are none.
function M.ratio(ratios, confidence)
  if #ratios == 0 then return nil end
  local logs = {}
  for i, r in ipairs(ratios) do logs[i] = math.log(r) end
  local low, high, coverage = M.sign_interval(logs, confidence)
  return {
    ratio = math.exp(M.median(logs)), low = math.exp(low), high = math.exp(high),
    coverage = coverage, p = M.sign_test(logs), rounds = #ratios,
  }
end

-- The noise floor from an A/A control, the ratios of one configuration to itself: half the width
-- of the interval that "no difference" got, or its distance from 1 if that is more. 0.012 means
-- 1.2 %. (Not the farther end of the interval: two slow rounds of nine would reach it.)
function M.noise_floor(ratios, confidence)
  local r = M.ratio(ratios, confidence)
  if not r then return nil end
  return math.max(r.ratio, 1 / r.ratio, math.sqrt(r.high / r.low)) - 1
end

-- What a ratio says, given the noise floor of the run:
--   "faster", "slower"  the interval excludes 1, and the median is further from 1 than the floor
--                       and than RELEVANT: a hundredth that is real still isn't worth a choice
--   "same"              the interval lies within MARGIN (or the floor) of 1
--   "open"              the samples don't separate the two, and don't show them equal either
--   "few"               fewer rounds than the confidence asked for
M.RELEVANT = 0.02
M.MARGIN = 0.05
M.CONFIDENCE = 0.95

function M.separate(r, floor)
  local margin = math.max(M.MARGIN, floor or 0)
  local relevant = math.max(M.RELEVANT, floor or 0)
  if r.coverage < M.CONFIDENCE then return "few" end
  if r.low > 1 and r.ratio > 1 + relevant then return "faster" end
  if r.high < 1 and r.ratio < 1 / (1 + relevant) then return "slower" end
  if r.low >= 1 / (1 + margin) and r.high <= 1 + margin then return "same" end
  return "open"
end

return M
