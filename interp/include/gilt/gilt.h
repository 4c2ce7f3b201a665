/* gilt.h: embed gilt: an interpreter, its lock, and threads of the host in it. */
#ifndef GILT_GILT_H
#define GILT_GILT_H

#include <gilt/base.h>
#include <gilt/gil.h>

GILT_BEGIN_DECLS

typedef struct lua_State    lua_State;
typedef struct gilt_runtime gilt_runtime;

typedef struct gilt_options {
  const char *policy;       /* lock policy; NULL: default */
  uint64_t    interval_ns;  /* switch interval; 0: 5 ms */
  size_t      memory_limit; /* bytes for Lua memory; 0: none */
  bool        open_libs;    /* the standard libraries, and gilt's modules in package.preload */
  bool        gil_off;      /* its threads run in parallel, without a lock. GILT_EUNSUPPORTED on the stock core */
} gilt_options;

/* Creates an interpreter; the calling thread is attached to it and holds its lock.
 * GILT_OK, GILT_ENOMEM, GILT_EINVAL. `opt` NULL: libraries open, all defaults. */
GILT_API GILT_NODISCARD int gilt_open(const gilt_options *opt, gilt_runtime **rt_out);
/* Interrupts and waits for threads that run Lua in it, then frees everything. The calling thread must be
 * attached and inside; other attached host threads get GILT_ECLOSED from gilt_enter. NULL is fine. */
GILT_API void gilt_close(gilt_runtime *rt);

/* The calling thread's Lua state in rt, or NULL where it is not inside. Valid until it leaves. */
GILT_API lua_State *gilt_state(gilt_runtime *rt);

/* A thread of the host goes in (attaches on first use, takes the lock) and out. Nests.
 * GILT_OK, GILT_ENOMEM, GILT_ECLOSED. May block. */
GILT_API GILT_NODISCARD int  gilt_enter(gilt_runtime *rt);
GILT_API void gilt_leave(gilt_runtime *rt);

/* Loads and runs a file or a string on the calling thread, which is inside. On failure GILT_ESCRIPT, and
 * gilt_error(rt) is the message with its traceback (valid until the next call on this thread). */
GILT_API GILT_NODISCARD int gilt_run_file(gilt_runtime *rt, const char *path);
GILT_API GILT_NODISCARD int gilt_run_string(gilt_runtime *rt, const char *code, const char *chunkname);
GILT_API const char *gilt_error(gilt_runtime *rt);

/* Starts an OS thread that runs `code` in rt. Joined by gilt_join, which frees it: GILT_OK or
 * GILT_ESCRIPT, with the message (malloc'ed, the caller frees) in *error_out when that is not NULL.
 * gilt_join is called from a thread that is inside or outside; it may block, without the lock. */
typedef struct gilt_thread gilt_thread;
GILT_API GILT_NODISCARD int gilt_spawn_string(gilt_runtime *rt, const char *code, const char *chunkname,
                                              gilt_thread **thread_out);
GILT_API GILT_NODISCARD int gilt_join(gilt_thread *thread, char **error_out);

/* Around host code that blocks while inside: other threads run meanwhile. */
GILT_API void gilt_allow_threads_begin(gilt_runtime *rt);
GILT_API void gilt_allow_threads_end(gilt_runtime *rt);

/* Switches the lock of rt on or off while its threads run: off, they run in parallel on one heap. For all of them
 * before it returns; waits until each has reached a safepoint. The calling thread is inside. GILT_OK;
 * GILT_EUNSUPPORTED: off on the stock core or on a processor without atomic 16-byte accesses. */
GILT_API GILT_NODISCARD int gilt_set_gil(gilt_runtime *rt, bool on);

/* The lock of rt, for gil.h's statistics and settings; NULL in a build without it. */
GILT_API gil *gilt_lock(gilt_runtime *rt);

GILT_END_DECLS

#endif
