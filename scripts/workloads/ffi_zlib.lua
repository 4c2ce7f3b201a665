-- A library of the system through ffi: zlib compresses a buffer and takes its checksum. The calls take
-- long and touch memory of their own, so releasing the lock around them makes threads as good as
-- processes. --param gil=hold keeps it; gil=auto finds out.

local zlib

local function load_zlib(mode)
  local ffi = require "ffi"
  ffi.cdef [[
    unsigned long compressBound(unsigned long sourceLen);
    int compress2(uint8_t *dest, unsigned long *destLen, const uint8_t *source,
                  unsigned long sourceLen, int level);
    int uncompress(uint8_t *dest, unsigned long *destLen, const uint8_t *source,
                   unsigned long sourceLen);
    unsigned long crc32(unsigned long crc, const uint8_t *buf, unsigned len);
  ]]
  for _, name in ipairs { "z", "libz.so.1" } do
    local ok, lib = pcall(ffi.load, name, { gil = mode })
    if ok then return lib end
  end
  error("zlib is not installed (Debian: apt install zlib1g)", 0)
end

-- Text that compresses about as logs do.
local function text(i, kb)
  local t, x = {}, i
  for k = 1, kb * 16 do
    x = (x * 1103515245 + 12345) & 0x7fffffff
    t[k] = ("%08x GET /item/%06d status=%3d us=%6d agent=gilt\n"):format(x, x % 999983, 200 + x % 5, x % 77777)
  end
  return table.concat(t):sub(1, kb * 1024)
end

return {
  name = "ffi_zlib",
  kind = "cpu",
  about = "zlib through ffi: compress and check buffers",
  tasks = 32,
  params = { kb = 256, level = 6, gil = "release" },

  setup = function(params)
    load_zlib(params.gil)
    return { kb = params.kb, level = params.level, gil = params.gil }
  end,

  task = function(ctx, i)
    local ffi = require "ffi"
    zlib = zlib or load_zlib(ctx.gil)
    local input = text(i, ctx.kb)
    local size = zlib.compressBound(#input)
    local packed, length = ffi.new("uint8_t[?]", size), ffi.new("unsigned long[1]", size)
    assert(zlib.compress2(packed, length, input, #input, ctx.level) == 0)
    local back, back_length = ffi.new("uint8_t[?]", #input), ffi.new("unsigned long[1]", #input)
    assert(zlib.uncompress(back, back_length, packed, length[0]) == 0)
    assert(back_length[0] == #input)
    local crc = zlib.crc32(0, input, #input)
    assert(zlib.crc32(0, back, back_length[0]) == crc)
    return crc
  end,

  check = function(results, params)
    local lib = load_zlib(params.gil)
    for i, got in ipairs(results) do
      local input = text(i, params.kb)
      local want = lib.crc32(0, input, #input)
      if got ~= want then return false, ("task %d: %s, not %08x"):format(i, tostring(got), want) end
    end
    return true
  end,
}
