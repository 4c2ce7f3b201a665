-- ffi_callbacks: one callback that all threads run at once, while its function is changed and others
-- come and go. Each call gets its own arguments and sees one whole function.
local race = require "race"
local ffi = require "ffi"
ffi.cdef [[
  typedef int (*race_compare)(const int *, const int *);
  void qsort(void *base, size_t n, size_t size, race_compare compare);
]]
local function up(a, b) return a[0] - b[0] end
local function down(a, b) return b[0] - a[0] end
for round = 1, race.rounds do
  local shared = ffi.cast("race_compare", up)
  local turning = ffi.cast("race_compare", up)
  race.all(function(id)
    local list = ffi.new("int[32]")
    for i = 1, 20 do
      for k = 0, 31 do list[k] = id * 1000 + (k * 13 + i) % 32 end
      ffi.C.qsort(list, 32, 4, shared)
      for k = 0, 31 do race.check(list[k] == id * 1000 + k, "another thread's argument: %d", list[k]) end
      -- changed while it runs: some order, of these values
      if id <= 2 then turning:set(i % 2 == 0 and up or down) end
      local sum = 0
      ffi.C.qsort(list, 32, 4, turning)
      for k = 0, 31 do sum = sum + list[k] end
      race.check(sum == 32 * 1000 * id + 31 * 16, "not a permutation")
      local own = ffi.cast("race_compare", down)
      ffi.C.qsort(list, 32, 4, own)
      race.check(list[0] == id * 1000 + 31, "one's own callback")
      own:free()
      race.check(not pcall(own.set, own, up), "a freed callback")
    end
  end)
  race.all(function() pcall(shared.free, shared) end)
  turning:free()
end
race.done()
