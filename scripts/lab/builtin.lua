-- builtin.lua: the names of the workloads that come with gilt, in the order they are listed, and
-- the few that stand for all when no workload is named. A test holds this against the folder.

return {
  names = { "fib", "loop", "nbody", "spectral", "mandelbrot", "sieve", "sort", "coroutines",
            "tables", "strings", "json", "bintrees", "dataset", "sleep", "pipe", "mixed",
            "index", "cache", "steal", "psort", "raytrace", "wordcount",
            "ffi_matmul", "ffi_zlib", "ffi_sqlite" },
  -- Calls, strings, garbage, shared data, waiting, and a mix: about a minute with the defaults.
  default = { "fib", "strings", "bintrees", "dataset", "sleep", "mixed" },
}
