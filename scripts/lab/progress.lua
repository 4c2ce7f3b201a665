-- progress.lua: one line on stderr that says how far the run is and how long it will take.
-- Drawn between samples only, because a repaint during one would take part in the measurement.
-- On anything but a terminal it draws nothing.

local text_table = require "gilt.lab.table"
local units = require "gilt.lab.units"

local M = {}
M.__index = M

local EIGHTHS = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

-- A bar of `width` columns, in steps of an eighth.
function M.bar(share, width)
  share = math.max(0, math.min(1, share))
  local eighths = math.floor(share * width * 8 + 0.5)
  local full = eighths // 8
  local part = eighths % 8 > 0 and EIGHTHS[eighths % 8] or ""
  return ("█"):rep(full) .. part .. (" "):rep(width - full - (part ~= "" and 1 or 0))
end

-- options: stream, enabled, columns, now (a function giving nanoseconds).
function M.new(options)
  return setmetatable({
    stream = options.stream, enabled = options.enabled, columns = options.columns or 80,
    now = options.now, done = 0, total = 0, started = nil, drawn = false,
  }, M)
end

-- `total` in any unit, as long as advance() uses the same: expected nanoseconds work best.
function M:start(total)
  self.total, self.done, self.started = total, 0, self.now()
end

-- More work came up (or fell away) than start() knew of.
function M:expect(more) self.total = self.total + more end

function M:advance(amount) self.done = self.done + amount end

-- Seconds left at the pace so far; nil until something is done.
function M:left()
  if self.done <= 0 then return nil end
  local spent = (self.now() - self.started) / 1e9
  return math.max(0, spent * (self.total - self.done) / self.done)
end

function M:draw(label)
  if not self.enabled then return end
  local share = self.total > 0 and math.min(1, self.done / self.total) or 0
  local left = self:left()
  local tail = left and (" about %s left"):format(units.seconds(left)) or " estimating"
  local line = (" %s %3.0f %%%s   %s"):format(M.bar(share, 24), share * 100, tail, label)
  self.stream:write("\r", text_table.cut(line, self.columns - 1), "\27[K")
  self.stream:flush()
  self.drawn = true
end

-- Takes the line away, before anything else is printed.
function M:clear()
  if not self.drawn then return end
  self.stream:write("\r\27[K")
  self.stream:flush()
  self.drawn = false
end

return M
