-- A query load on SQLite through ffi, a database in memory for each task: many short calls with some
-- long ones between, and a function of Lua that SQL calls. Where a call is shorter than giving
-- the lock up, --param gil=auto should beat both release and hold.

local sqlite

local function load_sqlite(mode)
  local ffi = require "ffi"
  ffi.cdef [[
    typedef struct sqlite3 sqlite3; typedef struct sqlite3_stmt sqlite3_stmt;
    int sqlite3_open(const char *, sqlite3 **); int sqlite3_close(sqlite3 *);
    const char *sqlite3_errmsg(sqlite3 *);
    int sqlite3_exec(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    int sqlite3_prepare_v2(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    int sqlite3_bind_int64(sqlite3_stmt *, int, int64_t);
    int sqlite3_step(sqlite3_stmt *); int sqlite3_reset(sqlite3_stmt *);
    int sqlite3_finalize(sqlite3_stmt *); int64_t sqlite3_column_int64(sqlite3_stmt *, int);
  ]]
  for _, name in ipairs { "sqlite3", "libsqlite3.so.0" } do
    local ok, lib = pcall(ffi.load, name, { gil = mode })
    if ok then return lib end
  end
  error("SQLite is not installed (Debian: apt install libsqlite3-0)", 0)
end

local ROW, DONE = 100, 101

return {
  name = "ffi_sqlite",
  kind = "cpu",
  about = "SQLite through ffi: a load of short calls",
  tasks = 32,
  params = { rows = 1500, queries = 40, gil = "auto" },

  setup = function(params)
    load_sqlite(params.gil)
    return { rows = params.rows, queries = params.queries, gil = params.gil }
  end,

  task = function(ctx, i)
    local ffi = require "ffi"
    sqlite = sqlite or load_sqlite(ctx.gil)
    local handle, statement = ffi.new "sqlite3 *[1]", ffi.new "sqlite3_stmt *[1]"
    assert(sqlite.sqlite3_open(":memory:", handle) == 0)
    local db = handle[0]
    local function check(rc)
      if rc ~= 0 then error(ffi.string(sqlite.sqlite3_errmsg(db))) end
    end
    check(sqlite.sqlite3_exec(db, "create table t(k integer primary key, g integer, v integer); begin", nil, nil, nil))
    check(sqlite.sqlite3_prepare_v2(db, "insert into t values(?, ?, ?)", -1, statement, nil))
    local insert = statement[0]
    for k = 1, ctx.rows do
      sqlite.sqlite3_bind_int64(insert, 1, k)
      sqlite.sqlite3_bind_int64(insert, 2, k % 17)
      sqlite.sqlite3_bind_int64(insert, 3, k * i % 1009)
      assert(sqlite.sqlite3_step(insert) == DONE)
      sqlite.sqlite3_reset(insert)
    end
    sqlite.sqlite3_finalize(insert)
    check(sqlite.sqlite3_exec(db, "commit", nil, nil, nil))
    check(sqlite.sqlite3_prepare_v2(db, "select g, sum(v) from t where v % ? = 0 group by g order by 2", -1, statement, nil))
    local query, total = statement[0], 0
    for q = 1, ctx.queries do
      sqlite.sqlite3_bind_int64(query, 1, q)
      while sqlite.sqlite3_step(query) == ROW do
        total = total + sqlite.sqlite3_column_int64(query, 0) + sqlite.sqlite3_column_int64(query, 1)
      end
      sqlite.sqlite3_reset(query)
    end
    sqlite.sqlite3_finalize(query)
    check(sqlite.sqlite3_close(db))
    return total
  end,

  check = function(results, params)
    for i, got in ipairs(results) do
      local want = 0
      for q = 1, params.queries do
        local seen = {}
        for k = 1, params.rows do
          local v = k * i % 1009
          if v % q == 0 then
            if not seen[k % 17] then
              seen[k % 17] = true
              want = want + k % 17
            end
            want = want + v
          end
        end
      end
      if got ~= want then return false, ("task %d: %s, not %d"):format(i, tostring(got), want) end
    end
    return true
  end,
}
