-- One inverted index, built by all workers: which documents contain a word? Reading needs no lock; a
-- word that is new gets its list under one; a list grows by table.insert, which is atomic. Threads
-- end up with one complete index. Processes and isolates have one each, of what they read themselves,
-- and would have to ask all of them.

local atomic = require "gilt.atomic"
local sync = require "gilt.sync"

-- Words, common ones often: the same text for the same number.
local function document(number, words)
  local out, x = {}, number * 2654435761 % 4294967296
  for n = 1, words do
    x = (x * 1664525 + 1013904223) % 4294967296
    local u = (x >> 8) / 16777216
    out[n] = "w" .. math.floor(u * u * u * 6000)
  end
  return table.concat(out, " ")
end

local function list_of(ctx, word)
  local list = ctx.index[word]
  if list then return list end
  local _ <close> = ctx.new_word:lock()
  list = ctx.index[word] or {} -- another worker may have been first
  ctx.index[word] = list
  return list
end

-- The words of a text, each once, and how many there are in all.
local function words_of(text)
  local seen, list, total = {}, {}, 0
  for word in text:gmatch "%w+" do
    total = total + 1
    if not seen[word] then
      seen[word] = true
      list[#list + 1] = word
    end
  end
  return list, total
end

local function contains(list, number)
  for n = #list, 1, -1 do
    if list[n] == number then return true end
  end
  return false
end

return {
  name = "index",
  kind = "shared",
  about = "one inverted index, built by all workers",
  tasks = 32,
  params = { documents = 12, words = 1500 }, -- documents of a task, words of each

  setup = function(params)
    local texts = {}
    for n = 1, params.tasks * params.documents do texts[n] = document(n, params.words) end
    return { texts = texts, documents = params.documents, index = {}, new_word = sync.mutex(),
             postings = atomic.new() }
  end,

  task = function(ctx, i)
    local words, postings, last = 0, 0, nil
    for number = (i - 1) * ctx.documents + 1, i * ctx.documents do
      local list, total = words_of(ctx.texts[number])
      for _, word in ipairs(list) do table.insert(list_of(ctx, word), number) end
      words, postings, last = words + total, postings + #list, list
    end
    ctx.postings:add(postings)
    for _, word in ipairs(last) do
      if not contains(ctx.index[word], i * ctx.documents) then error("not found again: " .. word) end
    end
    return { words = words, postings = postings }
  end,

  -- Of any task: its words are known, its postings are counted once more for the first and the last.
  check = function(results, params)
    for i, r in ipairs(results) do
      local postings = r.postings
      if i == 1 or i == #results then
        postings = 0
        for number = (i - 1) * params.documents + 1, i * params.documents do
          postings = postings + #words_of(document(number, params.words))
        end
      end
      if r.words ~= params.documents * params.words or r.postings ~= postings then
        return false, ("task %d: %d words and %d postings"):format(i, r.words, r.postings)
      end
    end
    return true
  end,

  -- Nothing that was put into this index was lost.
  teardown = function(ctx)
    local postings = 0
    for _, list in pairs(ctx.index) do postings = postings + #list end
    if postings ~= ctx.postings:load() then
      error(("the index has %d postings of %d"):format(postings, ctx.postings:load()))
    end
  end,
}
