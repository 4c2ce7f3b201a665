-- A ray tracer: spheres over a floor, with shadows and mirrors. The scene is read by all workers, the
-- rows of the picture are written into one table. Floats and short-lived numbers; rows differ in cost.

local sqrt, floor, huge = math.sqrt, math.floor, math.huge

local function scene(count)
  local spheres, x = {}, 20261121
  local function random()
    x = (x * 1664525 + 1013904223) % 4294967296
    return x / 4294967296
  end
  for n = 1, count do
    spheres[n] = { x = random() * 8 - 4, y = random() * 2 - 0.6, z = random() * 6 + 4,
                   r = random() * 0.6 + 0.3, shade = random() * 0.7 + 0.3,
                   mirror = n % 3 == 0 and 0.6 or 0.1 }
  end
  return spheres
end

-- The nearest sphere that a ray from o in direction d (a unit vector) meets, and how far away.
local function nearest(spheres, ox, oy, oz, dx, dy, dz)
  local best, hit = huge, nil
  for n = 1, #spheres do
    local s = spheres[n]
    local x, y, z = s.x - ox, s.y - oy, s.z - oz
    local along = x * dx + y * dy + z * dz
    local under = s.r * s.r - (x * x + y * y + z * z - along * along)
    if along > 0 and under > 0 then
      local distance = along - sqrt(under)
      if distance > 1e-6 and distance < best then best, hit = distance, s end
    end
  end
  return hit, best
end

local LX, LY, LZ = 0.48, 0.80, -0.36 -- where the light comes from: a unit vector

local function light(spheres, x, y, z, nx, ny, nz)
  local lambert = nx * LX + ny * LY + nz * LZ
  if lambert <= 0 or nearest(spheres, x, y, z, LX, LY, LZ) then return 0.1 end
  return 0.1 + 0.9 * lambert
end

local function trace(spheres, ox, oy, oz, dx, dy, dz, depth)
  local s, distance = nearest(spheres, ox, oy, oz, dx, dy, dz)
  local floor_at = dy < 0 and (-1 - oy) / dy or huge
  local nx, ny, nz, shade, mirror = 0, 1, 0, nil, 0.25
  if s and distance < floor_at then
    shade, mirror = s.shade, s.mirror
  elseif floor_at < 40 then
    distance, s = floor_at, nil
  else
    return 0.3 + 0.5 * (dy > 0 and dy or 0) -- the sky
  end
  local x, y, z = ox + dx * distance, oy + dy * distance, oz + dz * distance
  if s then
    nx, ny, nz = (x - s.x) / s.r, (y - s.y) / s.r, (z - s.z) / s.r
  else
    shade = (floor(x) + floor(z)) % 2 == 0 and 0.9 or 0.4
  end
  local value = shade * light(spheres, x, y, z, nx, ny, nz)
  if depth == 0 then return value end
  local twice = 2 * (dx * nx + dy * ny + dz * nz)
  return (1 - mirror) * value
    + mirror * trace(spheres, x, y, z, dx - twice * nx, dy - twice * ny, dz - twice * nz, depth - 1)
end

local function render(ctx, y)
  local bytes, width, height = {}, ctx.width, ctx.height
  for x = 1, width do
    local dx, dy = (x - width / 2) / height, (height / 2 - y) / height
    local length = sqrt(dx * dx + dy * dy + 1)
    local value = trace(ctx.spheres, 0, 0, 0, dx / length, dy / length, 1 / length, 3)
    bytes[x] = string.char(floor(255 * (value < 1 and value or 1)))
  end
  return table.concat(bytes)
end

local function hash_of(hash, row)
  for n = 1, #row do hash = (hash * 31 + row:byte(n)) & 0x7fffffff end
  return hash
end

return {
  name = "raytrace",
  kind = "shared",
  about = "a ray tracer: one scene, one picture",
  tasks = 32,
  params = { width = 160, rows = 16, spheres = 12 }, -- rows of a task

  setup = function(params)
    return { spheres = scene(params.spheres), width = params.width, tasks = params.tasks,
             height = params.tasks * params.rows, picture = {} }
  end,

  -- Every tasks-th row, so that the tasks cost about the same.
  task = function(ctx, i)
    local hash = 0
    for y = i, ctx.height, ctx.tasks do
      local row = render(ctx, y)
      ctx.picture[y] = row
      hash = hash_of(hash, row)
    end
    return hash
  end,

  -- The first, a middle and the last task once more.
  check = function(results, params)
    local ctx = { spheres = scene(params.spheres), width = params.width,
                  height = params.tasks * params.rows }
    for _, i in ipairs { 1, #results // 2 + 1, #results } do
      local hash = 0
      for y = i, ctx.height, params.tasks do hash = hash_of(hash, render(ctx, y)) end
      if results[i] ~= hash then return false, ("task %d: other rows"):format(i) end
    end
    return true
  end,

  -- Each row that was written has its width.
  teardown = function(ctx)
    for y, row in pairs(ctx.picture) do
      if #row ~= ctx.width then error(("row %d has %d pixels"):format(y, #row)) end
    end
  end,
}
