-- Floats in table fields: the Sun and four planets, pulled along by gravity.
-- Each task starts its own solar system with a slightly different step, so tasks are independent.

local sqrt, pi = math.sqrt, math.pi
local SOLAR_MASS, DAYS = 4 * pi * pi, 365.24

local function planet(x, y, z, vx, vy, vz, mass)
  return { x = x, y = y, z = z, vx = vx * DAYS, vy = vy * DAYS, vz = vz * DAYS,
           mass = mass * SOLAR_MASS }
end

-- Positions in astronomical units, velocities per day, masses in suns; then the Sun is given the
-- velocity that leaves the whole system at rest.
local function solar_system()
  local bodies = {
    planet(0, 0, 0, 0, 0, 0, 1),
    planet(4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
           0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023,
           0.000954791938424326609),
    planet(8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
           -0.00276742510726411899, 0.00499852801234917238, 0.0000230417297573763929,
           0.000285885980666130812),
    planet(12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
           0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556,
           0.0000436624404335156298),
    planet(15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
           0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870,
           0.0000515138902046611451),
  }
  local px, py, pz = 0, 0, 0
  for _, b in ipairs(bodies) do
    px, py, pz = px + b.vx * b.mass, py + b.vy * b.mass, pz + b.vz * b.mass
  end
  local sun = bodies[1]
  sun.vx, sun.vy, sun.vz = -px / SOLAR_MASS, -py / SOLAR_MASS, -pz / SOLAR_MASS
  return bodies
end

local function advance(bodies, dt)
  local count = #bodies
  for i = 1, count do
    local a = bodies[i]
    for j = i + 1, count do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local pull = dt / (d2 * sqrt(d2))
      local pull_a, pull_b = b.mass * pull, a.mass * pull
      a.vx, a.vy, a.vz = a.vx - dx * pull_a, a.vy - dy * pull_a, a.vz - dz * pull_a
      b.vx, b.vy, b.vz = b.vx + dx * pull_b, b.vy + dy * pull_b, b.vz + dz * pull_b
    end
  end
  for i = 1, count do
    local b = bodies[i]
    b.x, b.y, b.z = b.x + dt * b.vx, b.y + dt * b.vy, b.z + dt * b.vz
  end
end

local function energy(bodies)
  local sum = 0.0
  for i, a in ipairs(bodies) do
    sum = sum + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      sum = sum - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return sum
end

return {
  name = "nbody",
  kind = "cpu",
  about = "floats: five bodies under gravity",
  tasks = 32,
  params = { steps = 3500 },

  setup = function(params) return { steps = params.steps } end,

  task = function(ctx, i)
    local bodies, dt = solar_system(), 0.01 + i * 1e-5
    for _ = 1, ctx.steps do advance(bodies, dt) end
    return energy(bodies)
  end,

  -- Gravity keeps the total energy; this integrator keeps it to about one part in ten thousand.
  check = function(results)
    local start = energy(solar_system())
    for i, value in ipairs(results) do
      if math.abs(value / start - 1) > 1e-3 then
        return false, ("task %d: the energy went from %.9f to %.9f"):format(i, start, value)
      end
    end
    return true
  end,
}
