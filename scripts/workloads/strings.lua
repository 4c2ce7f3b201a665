-- Strings: build a page of log lines, then find and rewrite fields in it with patterns.
-- Long stretches run inside the string library, where no interpreter lock can change hands.

local VERBS = { "GET", "PUT", "POST", "DELETE" }

local function build_log(seed, lines)
  local out = {}
  for n = 1, lines do
    local x = (seed * 7919 + n * 104729) % 1000003
    out[n] = ("10.%d.%d.%d %s /item/%d/part-%d %d %d\n"):format(
      x % 250, x // 7 % 250, n % 250, VERBS[x % 4 + 1], x % 97, n, 200 + x % 5 * 100, x)
  end
  return table.concat(out)
end

local function digest(text)
  local verbs, bytes, errors = {}, 0, 0
  for verb, status, size in text:gmatch("%d+ (%u+) %S+ (%d+) (%d+)\n") do
    verbs[verb] = (verbs[verb] or 0) + 1
    bytes = bytes + math.tointeger(tonumber(size))
    if status >= "400" then errors = errors + 1 end
  end
  local hidden, changed = text:gsub("(%d+)%.(%d+)%.(%d+)%.(%d+)", function(a, b)
    return a .. "." .. b .. ".*.*"
  end)
  local upper = hidden:gsub("part%-(%d+)", "PART=%1"):upper()
  local hash = 5381
  for _, byte in utf8.codes(upper) do hash = (hash * 33 + byte) & 0xffffffff end
  return { get = verbs.GET or 0, put = verbs.PUT or 0, post = verbs.POST or 0,
           delete = verbs.DELETE or 0, bytes = bytes, errors = errors, changed = changed,
           hash = hash }
end

return {
  name = "strings",
  kind = "alloc",
  about = "strings: build a log, match and rewrite it by patterns",
  tasks = 32,
  params = { lines = 1800 },

  setup = function(params) return { lines = params.lines } end,

  task = function(ctx, i) return digest(build_log(i, ctx.lines)) end,

  check = function(results, params)
    for i, r in ipairs(results) do
      local bytes = 0
      for n = 1, params.lines do bytes = bytes + (i * 7919 + n * 104729) % 1000003 end
      local lines = r.get + r.put + r.post + r.delete
      if lines ~= params.lines or r.changed ~= params.lines or r.bytes ~= bytes then
        return false, ("task %d: %d lines and %d bytes, not %d and %d"):format(
          i, params.lines, bytes, lines, r.bytes)
      end
    end
    return true
  end,
}
