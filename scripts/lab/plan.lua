-- plan.lua: in which order the samples of a comparison are taken.
--
-- A machine drifts: it warms up, a neighbour wakes. Measuring one mode to its end and then the
-- next blames the drift on the mode. So each round takes every configuration once, and the order
-- changes from round to round along a balanced Latin square: every configuration stands in every
-- position, and follows every other one, equally often (over as many rounds as configurations,
-- twice as many if their number is odd). Serial stands in each round twice, as the A/A control.

local M = {}

-- The configurations of a comparison: serial, serial again, then each mode with each number of
-- workers. Each is { id, mode, workers, control }.
function M.configurations(modes, workers)
  local list = {
    { id = "serial", mode = "serial", workers = 1 },
    { id = "serial again", mode = "serial", workers = 1, control = true },
  }
  for _, mode in ipairs(modes) do
    if mode ~= "serial" then
      for _, count in ipairs(workers) do
        list[#list + 1] = { id = mode .. " x" .. count, mode = mode, workers = count }
      end
    end
  end
  return list
end

-- The order of round r (from 1) for n configurations: a list of indices.
function M.order(n, r)
  local row, forward, back = {}, 0, n - 1
  for position = 1, n do -- 0, n-1, 1, n-2, ...: neighbours differ by every distance once
    if position % 2 == 1 then
      row[position], forward = forward, forward + 1
    else
      row[position], back = back, back - 1
    end
  end
  local shift = (r - 1) % n
  for position = 1, n do row[position] = (row[position] + shift) % n + 1 end
  if n % 2 == 1 and (r - 1) // n % 2 == 1 then -- an odd square balances only with its mirror image
    for i = 1, n // 2 do row[i], row[n + 1 - i] = row[n + 1 - i], row[i] end
  end
  return row
end

return M
