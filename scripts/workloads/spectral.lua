-- Floats in arrays: the spectral norm of the infinite matrix 1, 1/2, 1/3, ... (a 2-norm by the
-- power method). Small functions called from inner loops, array reads and writes.

local function entry(i, j)
  local ij = i + j
  return 1.0 / (ij * (ij + 1) // 2 + i + 1)
end

local function multiply(n, v, out)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + entry(i, j) * v[j + 1] end
    out[i + 1] = sum
  end
end

local function multiply_transposed(n, v, out)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + entry(j, i) * v[j + 1] end
    out[i + 1] = sum
  end
end

local function spectral_norm(n, iterations)
  local u, v, t = {}, {}, {}
  for i = 1, n do u[i] = 1.0 end
  for _ = 1, iterations do
    multiply(n, u, t)
    multiply_transposed(n, t, v)
    multiply(n, v, t)
    multiply_transposed(n, t, u)
  end
  local uv, vv = 0.0, 0.0
  for i = 1, n do uv, vv = uv + u[i] * v[i], vv + v[i] * v[i] end
  return math.sqrt(uv / vv)
end

return {
  name = "spectral",
  kind = "cpu",
  about = "floats in arrays: spectral norm of a matrix",
  tasks = 32,
  params = { n = 72, iterations = 10 },

  setup = function(params) return params end,

  task = function(ctx, i) return spectral_norm(ctx.n + i % 8, ctx.iterations) end,

  -- The norm grows with n towards 1.2742241...; no leading block may exceed it, and from 32 rows
  -- on they are all within a thousandth of it.
  check = function(results, params)
    for i, value in ipairs(results) do
      if not (value < 1.274225 and (params.n < 32 or value > 1.273)) then
        return false, ("task %d: the norm is 1.2742..., not %.9f"):format(i, value)
      end
    end
    return true
  end,
}
