-- Planets: float fields of a few tables, read and written.
local n = tonumber(arg and arg[1]) or 180000
local sqrt = math.sqrt
local function body(x, y, z, vx, vy, vz, m) return { x = x, y = y, z = z, vx = vx, vy = vy, vz = vz, m = m } end
local bodies = {}
for i = 1, 5 do
  bodies[i] = body(i * 1.7, i * i * 0.4 - 3, (i % 3) * 0.9, 0.1 * i, 0.3 - 0.07 * i, 0.02 * i, i == 1 and 39.5 or 0.01 * i)
end
local function advance(dt)
  for i = 1, #bodies do
    local a = bodies[i]
    local ax, ay, az, am = a.x, a.y, a.z, a.m
    local vx, vy, vz = a.vx, a.vy, a.vz
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = ax - b.x, ay - b.y, az - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * sqrt(d2))
      local bm = b.m * mag
      vx, vy, vz = vx - dx * bm, vy - dy * bm, vz - dz * bm
      bm = am * mag
      b.vx, b.vy, b.vz = b.vx + dx * bm, b.vy + dy * bm, b.vz + dz * bm
    end
    a.vx, a.vy, a.vz = vx, vy, vz
    a.x, a.y, a.z = ax + dt * vx, ay + dt * vy, az + dt * vz
  end
end
for _ = 1, n do advance(0.0005) end
local e = 0
for _, b in ipairs(bodies) do e = e + 0.5 * b.m * (b.vx * b.vx + b.vy * b.vy + b.vz * b.vz) end
print(("%.6e"):format(e))
