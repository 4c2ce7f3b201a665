-- Real libraries, bound as a user would: zlib, SQLite, libcurl (files, loopback), OpenSSL. Each is
-- skipped by name where it is not installed.
package.path = arg[0]:match("^(.*)/") .. "/?.lua"
local check = require "check"
local ffi = require "ffi"
local thread = require "gilt.thread"
local case, eq, fails = check.case, check.eq, check.fails

local function with(names, fn)
  for _, name in ipairs(names) do
    local ok, lib = pcall(ffi.load, name)
    if ok then return case(names[1], fn, lib) end
  end
  print("skipped: no library " .. names[1])
end

local function parallel(n, f)
  local list = {}
  if not check.shared() then
    for i = 1, n do f(i) end
    return
  end
  for i = 1, n do
    list[i] = thread.spawn(function()
      f(i)
      return true
    end)
  end
  for i = 1, n do assert(list[i]:join()) end
end

with({ "z", "libz.so.1" }, function(z)
  ffi.cdef [[
    unsigned long compressBound(unsigned long sourceLen);
    int compress2(uint8_t *dest, unsigned long *destLen, const uint8_t *source, unsigned long sourceLen, int level);
    int uncompress(uint8_t *dest, unsigned long *destLen, const uint8_t *source, unsigned long sourceLen);
    unsigned long crc32(unsigned long crc, const uint8_t *buf, unsigned len);
    const char *zlibVersion(void);
    typedef struct z_stream_s {
      const uint8_t *next_in; unsigned avail_in; unsigned long total_in;
      uint8_t *next_out; unsigned avail_out; unsigned long total_out;
      const char *msg; struct internal_state *state;
      void *(*zalloc)(void *, unsigned, unsigned); void (*zfree)(void *, void *); void *opaque;
      int data_type; unsigned long adler, reserved;
    } z_stream;
    int deflateInit_(z_stream *, int level, const char *version, int stream_size);
    int deflate(z_stream *, int flush); int deflateEnd(z_stream *);
  ]]
  eq(z.crc32(0, "123456789", 9), 0xcbf43926)
  local function pack(text)
    local n = z.compressBound(#text)
    local buf, len = ffi.new("uint8_t[?]", n), ffi.new("unsigned long[1]", n)
    eq(z.compress2(buf, len, text, #text, 9), 0)
    return ffi.string(buf, len[0])
  end
  local function unpack(data, n)
    local buf, len = ffi.new("uint8_t[?]", n), ffi.new("unsigned long[1]", n)
    eq(z.uncompress(buf, len, data, #data), 0)
    return ffi.string(buf, len[0])
  end
  parallel(4, function(i)
    local text = ("gilt " .. i):rep(20000)
    local data = pack(text)
    assert(#data < #text / 50)
    eq(unpack(data, #text), text)
  end)
  -- zlib allocates by callbacks into Lua
  ffi.cdef "void *malloc(size_t); void free(void *);"
  local live = 0
  local s = ffi.new "z_stream"
  s.zalloc = function(_, n, size)
    live = live + 1
    return ffi.C.malloc(n * size)
  end
  s.zfree = function(_, p)
    live = live - 1
    ffi.C.free(p)
  end
  eq(z.deflateInit_(s, 6, z.zlibVersion(), ffi.sizeof(s)), 0)
  assert(live > 0)
  local input, output = ("abc"):rep(1000), ffi.new "uint8_t[4000]"
  s.next_in, s.avail_in = input, #input
  s.next_out, s.avail_out = output, 4000
  eq(z.deflate(s, 4), 1)
  eq(unpack(ffi.string(output, s.total_out), 3000), input)
  eq(z.deflateEnd(s), 0)
  eq(live, 0)
  s.zalloc:free()
  s.zfree:free()
end)

with({ "sqlite3", "libsqlite3.so.0" }, function(sq)
  ffi.cdef [[
    typedef struct sqlite3 sqlite3; typedef struct sqlite3_stmt sqlite3_stmt;
    typedef struct sqlite3_context sqlite3_context; typedef struct sqlite3_value sqlite3_value;
    int sqlite3_open(const char *, sqlite3 **); int sqlite3_close(sqlite3 *);
    const char *sqlite3_errmsg(sqlite3 *);
    int sqlite3_exec(sqlite3 *, const char *sql, int (*)(void *, int, char **, char **), void *, char **err);
    int sqlite3_prepare_v2(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    int sqlite3_bind_int64(sqlite3_stmt *, int, int64_t);
    int sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, void (*)(void *));
    int sqlite3_step(sqlite3_stmt *); int sqlite3_reset(sqlite3_stmt *); int sqlite3_finalize(sqlite3_stmt *);
    int64_t sqlite3_column_int64(sqlite3_stmt *, int); const unsigned char *sqlite3_column_text(sqlite3_stmt *, int);
    int sqlite3_create_function(sqlite3 *, const char *, int nArg, int enc, void *,
      void (*xFunc)(sqlite3_context *, int, sqlite3_value **), void *, void *);
    void sqlite3_result_int64(sqlite3_context *, int64_t); int64_t sqlite3_value_int64(sqlite3_value *);
  ]]
  local function work(i)
    local pdb = ffi.new "sqlite3 *[1]"
    eq(sq.sqlite3_open(":memory:", pdb), 0)
    local db = ffi.gc(pdb[0], sq.sqlite3_close)
    local function exec(sql, f)
      if sq.sqlite3_exec(db, sql, f, nil, nil) ~= 0 then error(ffi.string(sq.sqlite3_errmsg(db))) end
    end
    exec "create table t(id integer, name text)"
    local ps = ffi.new "sqlite3_stmt *[1]"
    eq(sq.sqlite3_prepare_v2(db, "insert into t values(?, ?)", -1, ps, nil), 0)
    for k = 1, 200 do
      sq.sqlite3_bind_int64(ps[0], 1, k)
      sq.sqlite3_bind_text(ps[0], 2, "n" .. k, -1, ffi.cast("void (*)(void *)", -1)) -- SQLITE_TRANSIENT
      eq(sq.sqlite3_step(ps[0]), 101)
      sq.sqlite3_reset(ps[0])
    end
    sq.sqlite3_finalize(ps[0])
    local double = ffi.cast("void (*)(sqlite3_context *, int, sqlite3_value **)", function(ctx, n, v)
      sq.sqlite3_result_int64(ctx, sq.sqlite3_value_int64(v[0]) * 2 + i)
    end)
    eq(sq.sqlite3_create_function(db, "twice", 1, 1, nil, double, nil, nil), 0)
    local sum = 0
    local row = ffi.cast("int (*)(void *, int, char **, char **)", function(_, n, values, names)
      eq(ffi.string(names[0]), "v")
      sum = sum + tonumber(ffi.string(values[0]))
      return 0
    end)
    exec("select twice(id) as v from t", row)
    eq(sum, 200 * 201 + 200 * i)
    fails("syntax error", exec, "selec")
    fails("stop here", exec, "select id as v from t", function() error "stop here" end)
    row:free()
    ffi.gc(db, nil)
    eq(sq.sqlite3_close(db), 0)
    double:free()
  end
  work(0)
  parallel(3, work)
end)

with({ "curl", "libcurl.so.4" }, function(curl)
  ffi.cdef [[
    void *curl_easy_init(void); void curl_easy_cleanup(void *); int curl_easy_perform(void *);
    int curl_easy_setopt(void *curl, int option, ...); const char *curl_easy_strerror(int);
    int curl_easy_getinfo(void *curl, int info, ...);
    static const int CURLOPT_URL = 10002, CURLOPT_WRITEFUNCTION = 20011, CURLOPT_WRITEDATA = 10001;
    static const int CURLINFO_SIZE_DOWNLOAD = 0x300000 + 8;
    typedef size_t (*write_fn)(const char *, size_t, size_t, void *);
  ]]
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  local text = ("0123456789"):rep(20000)
  f:write(text)
  f:close()
  parallel(3, function()
    local h = ffi.gc(curl.curl_easy_init(), curl.curl_easy_cleanup)
    local got = {}
    local write = ffi.cast("write_fn", function(p, size, n)
      got[#got + 1] = ffi.string(p, size * n)
      return size * n
    end)
    eq(curl.curl_easy_setopt(h, curl.CURLOPT_URL, "file://" .. path), 0)
    eq(curl.curl_easy_setopt(h, curl.CURLOPT_WRITEFUNCTION, write), 0)
    local rc = curl.curl_easy_perform(h)
    if rc ~= 0 then error(ffi.string(curl.curl_easy_strerror(rc))) end
    eq(table.concat(got), text)
    local size = ffi.new "double[1]"
    eq(curl.curl_easy_getinfo(h, curl.CURLINFO_SIZE_DOWNLOAD, size), 0)
    eq(size[0], #text + 0.0)
    eq(curl.curl_easy_setopt(h, curl.CURLOPT_URL, "file:///nonexistent/file"), 0)
    eq(curl.curl_easy_perform(h), 37)
    write:set(function() error("refused", 0) end)
    curl.curl_easy_setopt(h, curl.CURLOPT_URL, "file://" .. path)
    fails("refused", curl.curl_easy_perform, h)
    ffi.gc(h, nil)
    curl.curl_easy_cleanup(h)
    write:free()
  end)
  os.remove(path)
end)

-- HTTP on loopback: the server is a thread of this interpreter, so that a transfer ends only if
-- curl_easy_perform gives the lock up while it waits, and its callback takes it.
with({ "curl", "libcurl.so.4" }, function(curl)
  if not check.shared() then return end
  local net = require "gilt.net"
  ffi.cdef [[
    enum { CURLOPT_PROXY = 10004, CURLOPT_HEADERFUNCTION = 20079, CURLOPT_POSTFIELDS = 10015,
           CURLOPT_TIMEOUT = 13, CURLOPT_NOSIGNAL = 99, CURLINFO_RESPONSE_CODE = 0x200000 + 2 };
  ]]
  local listener = assert(net.listen("127.0.0.1", 0))
  local _, port = listener:sockname()
  local body = ("0123456789abcdef"):rep(30000)
  local requests = 4
  local server = thread.spawn(function()
    local seen = {}
    for i = 1, requests do
      local c <close> = assert(listener:accept())
      local first, length = assert(c:read "l"), 0
      while true do
        local line = assert(c:read "l"):gsub("\r$", "")
        if line == "" then break end
        length = tonumber(line:lower():match "^content%-length: (%d+)") or length
      end
      seen[i] = first:match "^%S+ %S+" .. " " .. (length > 0 and assert(c:read(length)) or "")
      assert(c:write(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-Count: %d\r\nConnection: close\r\n\r\n")
        :format(#body, i)))
      c:write(body) -- the client may go before the end
    end
    return seen
  end)

  local function transfer(path, post, write)
    local h = ffi.gc(curl.curl_easy_init(), curl.curl_easy_cleanup)
    local got, count = {}, nil
    local on_body = ffi.cast("write_fn", write or function(p, size, n)
      got[#got + 1] = ffi.string(p, size * n)
      return size * n
    end)
    local on_header = ffi.cast("write_fn", function(p, size, n)
      count = ffi.string(p, size * n):match "^X%-Count: (%d+)" or count
      return size * n
    end)
    local function set(option, value) eq(curl.curl_easy_setopt(h, option, value), 0) end
    set(curl.CURLOPT_URL, ("http://127.0.0.1:%d%s"):format(port, path))
    set(curl.CURLOPT_PROXY, "")
    set(curl.CURLOPT_NOSIGNAL, 1)
    set(curl.CURLOPT_TIMEOUT, 20)
    set(curl.CURLOPT_WRITEFUNCTION, on_body)
    set(curl.CURLOPT_HEADERFUNCTION, on_header)
    if post then set(curl.CURLOPT_POSTFIELDS, post) end
    local ok, rc = pcall(curl.curl_easy_perform, h)
    local status = ffi.new "long[1]"
    eq(curl.curl_easy_getinfo(h, curl.CURLINFO_RESPONSE_CODE, status), 0)
    curl.curl_easy_cleanup(ffi.gc(h, nil))
    on_body:free()
    on_header:free()
    if not ok then error(rc, 0) end
    if rc ~= 0 then error(ffi.string(curl.curl_easy_strerror(rc)), 0) end
    return table.concat(got), status[0], tonumber(count)
  end
  local text, status, count = transfer("/one")
  eq(text, body)
  eq(status, 200)
  eq(count, 1)
  text, status, count = transfer("/two", "a=1&b=2")
  eq(text, body)
  eq(count, 2)
  fails("no more of this", transfer, "/three", nil, function() error("no more of this", 0) end)
  fails("writ", transfer, "/four", nil, function() return 0 end) -- curl's own error
  local ok, seen = server:join()
  seen = type(ok) == "table" and ok or seen
  eq(seen[1], "GET /one ")
  eq(seen[2], "POST /two a=1&b=2")
  eq(seen[3], "GET /three ")
  listener:close()
  fails("connect", transfer, "/five")
end)

with({ "crypto", "libcrypto.so.3", "libcrypto.so.1.1" }, function(crypto)
  ffi.cdef [[
    typedef struct evp_md_ctx_st EVP_MD_CTX; typedef struct evp_md_st EVP_MD;
    EVP_MD_CTX *EVP_MD_CTX_new(void); void EVP_MD_CTX_free(EVP_MD_CTX *);
    const EVP_MD *EVP_sha256(void); const EVP_MD *EVP_md5(void);
    int EVP_DigestInit_ex(EVP_MD_CTX *, const EVP_MD *, void *engine);
    int EVP_DigestUpdate(EVP_MD_CTX *, const void *, size_t);
    int EVP_DigestFinal_ex(EVP_MD_CTX *, unsigned char *, unsigned *);
  ]]
  local function digest(md, ...)
    local ctx = ffi.gc(crypto.EVP_MD_CTX_new(), crypto.EVP_MD_CTX_free)
    eq(crypto.EVP_DigestInit_ex(ctx, md, nil), 1)
    for _, part in ipairs { ... } do eq(crypto.EVP_DigestUpdate(ctx, part, #part), 1) end
    local out, n = ffi.new "unsigned char[64]", ffi.new "unsigned[1]"
    eq(crypto.EVP_DigestFinal_ex(ctx, out, n), 1)
    return (ffi.string(out, n[0]):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
  end
  parallel(3, function()
    eq(digest(crypto.EVP_sha256(), "a", "bc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    eq(digest(crypto.EVP_md5(), ""), "d41d8cd98f00b204e9800998ecf8427e")
  end)
end)

-- A library that nothing uses any more is closed; its functions keep it open.
case("lifetime of a library", function()
  ffi.cdef "int t_i32(int);"
  local f
  do
    local lib = ffi.load(arg[1])
    f = lib.t_i32
  end
  for _ = 1, 3 do collectgarbage() end
  eq(f(1), 2)
end)

check.done()
