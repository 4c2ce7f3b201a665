-- Native code through ffi: a matrix multiply in a small C library of the project's own. With the lock
-- released around the call, threads should be as good as processes; with --param gil=hold they
-- should be as slow as one; gil=auto should find out by itself that releasing pays.

local native -- loaded once in each process and isolate

local function find_library()
  local ffi = require "ffi"
  ffi.cdef [[
    void gilt_matmul(size_t n, const double *a, const double *b, double *c);
    ssize_t readlink(const char *path, char *buf, size_t size);
  ]]
  local buf = ffi.new "char[4096]"
  local n = ffi.C.readlink("/proc/self/exe", buf, 4095)
  local command = n > 0 and ffi.string(buf, n) or ""
  local dir = command:match "^(.*)/[^/]*$" or "."
  local tried = {}
  for _, path in ipairs { os.getenv "GILT_FFI_NATIVE" or "", dir .. "/../bench/ffi_native.so",
    dir .. "/../lib/gilt/ffi_native.so" } do
    local ok, lib = pcall(ffi.load, path)
    if ok then return lib, path end
    if path ~= "" then tried[#tried + 1] = path end
  end
  error("ffi_native.so not found (build with GILT_BUILD_BENCH=ON, or name it in GILT_FFI_NATIVE); tried "
    .. table.concat(tried, ", "), 0)
end

return {
  name = "ffi_matmul",
  kind = "cpu",
  about = "native code through ffi: matrix multiply in C",
  tasks = 48,
  params = { n = 160, gil = "release" },

  setup = function(params)
    local _, path = find_library()
    return { n = params.n, gil = params.gil, path = path }
  end,

  task = function(ctx, i)
    local ffi = require "ffi"
    if native == nil then
      ffi.cdef "void gilt_matmul(size_t n, const double *a, const double *b, double *c);"
      native = ffi.load(ctx.path, { gil = ctx.gil })
    end
    local n = ctx.n
    local size = n * n
    local a, b, c = ffi.new("double[?]", size), ffi.new("double[?]", size), ffi.new("double[?]", size)
    for k = 0, n - 1 do
      a[k * n + k] = i -- i times the identity, with one more row
      a[k] = a[k] + 1
      b[k * n + (k * 7) % n] = k % 10
    end
    for _ = 1, 3 do native.gilt_matmul(n, a, b, c) end
    local sum = 0
    for k = 0, n - 1 do sum = sum + c[k * n + (k * 7) % n] end
    return math.tointeger(sum)
  end,

  check = function(results, params)
    local n = params.n
    for i, got in ipairs(results) do
      -- c = a b, where row k of a is i at k, and row 0 has 1 everywhere besides.
      local want = 0
      for k = 0, n - 1 do
        if k > 0 then
          want = want + i * (k % 10)
        else
          for r = 0, n - 1 do
            if (r * 7) % n == 0 then want = want + (r == 0 and (i + 1) or 1) * (r % 10) end
          end
        end
      end
      if got ~= want then return false, ("task %d: %s, not %d"):format(i, tostring(got), want) end
    end
    return true
  end,
}
