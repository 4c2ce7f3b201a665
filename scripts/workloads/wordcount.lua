-- Word count over one map: every worker counts a chunk for itself, then adds to the counters that
-- all share. `counts[word] = counts[word] + n` would lose some; a counter is one step. Processes and
-- isolates have a map each, with a part of the counts.

local atomic = require "gilt.atomic"
local sync = require "gilt.sync"

local function chunk(number, words)
  local out, x = {}, number * 2246822519 % 4294967296
  for n = 1, words do
    x = (x * 1103515245 + 12345) % 4294967296
    local u = (x >> 8) / 16777216
    out[n] = ("abcdefghij"):sub(1 + x % 5, 3 + x % 7) .. math.floor(u * u * 3000)
  end
  return table.concat(out, " ")
end

local function tally(text)
  local counts, words, distinct = {}, 0, 0
  for word in text:gmatch "%w+" do
    local n = counts[word]
    if not n then distinct = distinct + 1 end
    counts[word] = (n or 0) + 1
    words = words + 1
  end
  return counts, words, distinct
end

local function counter_of(ctx, word)
  local counter = ctx.counts[word]
  if counter then return counter end
  local _ <close> = ctx.new_word:lock()
  counter = ctx.counts[word] or atomic.new() -- another worker may have been first
  ctx.counts[word] = counter
  return counter
end

return {
  name = "wordcount",
  kind = "shared",
  about = "word count: one map of counters for all workers",
  tasks = 32,
  params = { words = 12000 },

  setup = function(params)
    local texts = {}
    for i = 1, params.tasks do texts[i] = chunk(i, params.words) end
    return { texts = texts, counts = {}, new_word = sync.mutex(), words = atomic.new() }
  end,

  task = function(ctx, i)
    local counts, words, distinct = tally(ctx.texts[i])
    for word, n in pairs(counts) do counter_of(ctx, word):add(n) end
    ctx.words:add(words)
    return { words = words, distinct = distinct }
  end,

  check = function(results, params)
    for i, r in ipairs(results) do
      local distinct = r.distinct
      if i == 1 or i == #results then
        local _, _, again = tally(chunk(i, params.words))
        distinct = again
      end
      if r.words ~= params.words or r.distinct ~= distinct then
        return false, ("task %d: %d words, %d different ones"):format(i, r.words, r.distinct)
      end
    end
    return true
  end,

  -- Nothing that was added to this map was lost.
  teardown = function(ctx)
    local words = 0
    for _, counter in pairs(ctx.counts) do words = words + counter:load() end
    if words ~= ctx.words:load() then
      error(("the counters add up to %d, not %d"):format(words, ctx.words:load()))
    end
  end,
}
