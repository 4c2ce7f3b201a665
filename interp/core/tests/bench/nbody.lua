local sqrt = math.sqrt
local PI = math.pi
local SM, DP = 4 * PI * PI, 365.24
local b = {
  {x=0,y=0,z=0,vx=0,vy=0,vz=0,mass=SM},
  {x=4.84143144246472090,y=-1.16032004402742839,z=-0.103622044471123109,vx=0.00166007664274403694*DP,vy=0.00769901118419740425*DP,vz=-0.0000690460016972063023*DP,mass=0.000954791938424326609*SM},
  {x=8.34336671824457987,y=4.12479856412430479,z=-0.403523417114321381,vx=-0.00276742510726411021*DP,vy=0.00499852801234917238*DP,vz=0.0000230417297573763929*DP,mass=0.000285885980666130812*SM},
  {x=12.8943695621391310,y=-15.1111514016986312,z=-0.223307578892655734,vx=0.00296460137564761618*DP,vy=0.00237847173959480950*DP,vz=-0.0000296589568540237556*DP,mass=0.0000436624404335156298*SM},
  {x=15.3796971148509165,y=-25.9193146099879641,z=0.179258772950371181,vx=0.00268067772490389322*DP,vy=0.00162824170038242295*DP,vz=-0.0000951592254519715870*DP,mass=0.0000515138902046611451*SM},
}
local function advance(nb, dt)
  for i = 1, nb do
    local bi = b[i]
    local bix, biy, biz, bim = bi.x, bi.y, bi.z, bi.mass
    local vx, vy, vz = bi.vx, bi.vy, bi.vz
    for j = i + 1, nb do
      local bj = b[j]
      local dx, dy, dz = bix - bj.x, biy - bj.y, biz - bj.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = dt / (d2 * sqrt(d2))
      local bm = bj.mass * mag
      vx = vx - dx * bm vy = vy - dy * bm vz = vz - dz * bm
      bm = bim * mag
      bj.vx = bj.vx + dx * bm bj.vy = bj.vy + dy * bm bj.vz = bj.vz + dz * bm
    end
    bi.vx = vx bi.vy = vy bi.vz = vz
    bi.x = bix + dt * vx bi.y = biy + dt * vy bi.z = biz + dt * vz
  end
end
for _ = 1, 150000 do advance(5, 0.01) end
print(string.format("%.9f", b[1].x))
