-- ffi_shared: declarations, types, libraries, callbacks and C memory of one interpreter, used by all.
local race = require "race"
local ffi = require "ffi"
ffi.cdef [[
  int abs(int x);
  double strtod(const char *s, char **end);
  void qsort(void *base, size_t n, size_t size, int (*compare)(const int *, const int *));
  typedef struct race_point { int x, y; } race_point;
]]
local shared = { library = ffi.C }
local meta = 0
local point = ffi.metatype("race_point", { __index = { sum = function(p) return p.x + p.y end } })
local everybody = ffi.new("int[?]", race.threads + 1)
local compare = ffi.cast("int (*)(const int *, const int *)", function(a, b) return a[0] - b[0] end)

for round = 1, race.rounds do
  race.all(function(id)
    for i = 1, 6 do
      -- the same names from all threads, and names of one's own
      ffi.cdef "typedef struct race_same { int a; double b; } race_same; long labs(long x);"
      local own = ("race_own_%d_%d_%d"):format(round, id, i)
      ffi.cdef(("struct %s { int n; struct %s *next; }; enum %s_e { %s_value = %d };"):format(own, own, own, own, i))
      local t = ffi.typeof("struct " .. own)
      local node = ffi.new(t, { n = i })
      node.next = node
      race.check(node.next.next.n == i and ffi.C[own .. "_value"] == i, "a type of one's own")
      race.check(ffi.sizeof "race_same" == 16 and ffi.istype("race_same", ffi.new "race_same"), "a shared type")
      race.check(ffi.C.abs(-id) == id and shared.library.labs(-5) == 5, "a call")
      local m = ffi.load "m"
      race.check(ffi.string(ffi.new("char[4]", "abc")) == "abc", "a string")
      local p = point(id, i)
      race.check(p:sum() == id + i, "a method")
      shared[id] = p
      local other = shared[(id % race.threads) + 1]
      if other then race.check(other.x >= 1 and other.x <= race.threads, "another's struct: %d", other.x) end
      everybody[id] = everybody[id] + 1
      -- callbacks: one for all, and one of one's own
      local list = ffi.new("int[16]")
      for k = 0, 15 do list[k] = (k * 7 + id) % 16 end
      if i % 2 == 0 then
        ffi.C.qsort(list, 16, 4, compare)
      else
        ffi.C.qsort(list, 16, 4, function(a, b) return a[0] - b[0] end)
      end
      for k = 0, 15 do race.check(list[k] == k, "sorted: %d at %d", list[k], k) end
      ffi.gil(ffi.C.abs, ({ "release", "hold", "auto" })[(id + i) % 3 + 1])
      local freed
      local owned = ffi.gc(ffi.new "int[4]", function() freed = true end)
      owned = nil
      if i == 3 then collectgarbage "step" end
      local ok, e = pcall(ffi.cdef, "struct race_broken_" .. id .. " { nothing x; };")
      race.check(not ok and e:find "nothing", "a bad declaration: %s", tostring(e))
    end
  end)
  for id = 1, race.threads do race.check(everybody[id] == round * 6, "writes to C memory") end
end
race.done()
