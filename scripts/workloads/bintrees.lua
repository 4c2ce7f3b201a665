-- Allocation and garbage collection: build a short-lived binary tree, count it, drop it, again and
-- again, beside one tree that lives through the task. The collector has more to do than the code.

local function build(depth)
  if depth == 0 then return {} end
  return { build(depth - 1), build(depth - 1) }
end

local function count(tree)
  if not tree[1] then return 1 end
  return 1 + count(tree[1]) + count(tree[2])
end

return {
  name = "bintrees",
  kind = "alloc",
  about = "allocation and GC pressure: binary trees",
  tasks = 32,
  params = { depth = 10, trees = 36 },

  setup = function(params) return params end,

  task = function(ctx, i)
    local long_lived = build(ctx.depth)
    local nodes = 0
    for n = 1, ctx.trees do nodes = nodes + count(build(ctx.depth - (n + i) % 2)) end
    return nodes + count(long_lived)
  end,

  -- A full binary tree of depth d has 2^(d+1) - 1 nodes.
  check = function(results, params)
    local function full(depth) return (1 << depth + 1) - 1 end
    for i, nodes in ipairs(results) do
      local want = full(params.depth)
      for n = 1, params.trees do want = want + full(params.depth - (n + i) % 2) end
      if nodes ~= want then
        return false, ("task %d: %d nodes, not %d"):format(i, want, nodes)
      end
    end
    return true
  end,
}
