/* io_impl.h: the parts of the io library, for lib_io*.c only.
 *
 *   lib_io.c         the functions of `io` and the methods of files: open, close, lines, seek, ...
 *   lib_io_read.c    read formats          lib_io_write.c  write, print
 *   io_stream.c      which handle, whose claim, and the errors that can be raised about it
 *   io_channel.c     bytes in and out of a FILE without ever blocking inside the lock
 *   process.c        children: popen, os.execute
 *
 * A call of the library is: check arguments -> stream_use -> C only -> stream_done -> push results
 * or raise. See claim.h for why. */
#ifndef GILT_IO_IMPL_H
#define GILT_IO_IMPL_H

#include "blocking.h"
#include "claim.h"
#include "stdio_buf.h"

#include <lauxlib.h>
#include <sys/types.h>

#define IO_INPUT_KEY  "_IO_input" /* registry; the names that the stock library uses */
#define IO_OUTPUT_KEY "_IO_output"
#define IO_STDOUT_KEY "gilt.io.stdout" /* the handle of stdout, whatever the default output is */

enum stream_kind {
  STREAM_UNKNOWN, /* not looked at yet */
  STREAM_FAST, /* file, directory, disk: a signal never breaks it, waiting in poll tells nothing */
  STREAM_PIPE,
  STREAM_SOCKET,
  STREAM_OTHER /* terminals and other devices */
};

/* What the library knows about a handle beyond luaL_Stream. Used under the claim only. */
typedef struct io_state {
  io_claim claim;
  uint8_t kind;   /* enum stream_kind */
  bool no_nowait; /* RWF_NOWAIT is not supported here */
  pid_t child;    /* of popen; 0: none */
} io_state;

/* A handle that we made. luaL_Stream comes first: any C module may use it as one. */
typedef struct io_file {
  luaL_Stream stream;
  const void *tag; /* &stream_tag; tells our blocks from those of other modules */
  io_state state;
  struct io_file *next, **link; /* open files of the process; under files_mtx in io_stream.c */
} io_file;

/* A handle in use by this call. */
typedef struct io_use {
  luaL_Stream *stream;
  FILE *f;
  io_state *state;
  void *guest; /* the shared state of a handle made by another module; NULL: ours */
  int err;     /* errno of IO_FAIL */
} io_use;

enum io_result {
  IO_OK,
  IO_EOF,
  IO_FAIL, /* use->err */
  IO_INTR  /* stream_done, then rt_raise_interrupt */
};

/* ---- io_stream.c ---- */

extern const char stream_tag;

void stream_setup(void); /* any number of times */
/* A new closed handle on the stack, for stream_open. */
io_file *stream_new(lua_State *L);
/* Does not raise; may be called without the GIL. */
void stream_open(io_file *file, FILE *f, lua_CFunction closef);
/* Under the claim, before the FILE goes; of handles made by other modules nothing is known. */
void stream_forget(io_use *use);
/* For popen: flushes all open files of this library, as far as that needs no waiting for another
 * thread or another process. Outside the GIL. */
void stream_flush_all(void);
/* The handle at `arg`, open or closed; raises if it is none. */
luaL_Stream *stream_check(lua_State *L, int arg);
bool stream_is_closed(const luaL_Stream *s);
/* Our own block, or NULL where another module made the handle. */
io_file *stream_own(lua_State *L, int arg);

enum stream_error { STREAM_OK, STREAM_CLOSED, STREAM_BUSY, STREAM_INTERRUPTED, STREAM_NOMEM };
/* Claims the handle at stack index `idx` (it stays there while in use). Nothing is held unless
 * STREAM_OK. */
enum stream_error stream_use(lua_State *L, int idx, io_use *use, enum claim_how how);
void stream_done(io_use *use);
/* For the closing function of one of our handles: closef is NULL already, so this call alone has
 * it. */
void stream_use_closing(lua_State *L, int idx, io_use *use);
/* Raises what stream_use returned; `closed_message` for STREAM_CLOSED. */
int stream_raise(lua_State *L, enum stream_error e, const char *closed_message);
/* stream_use for a method on an open file; raises. */
void stream_use_or_raise(lua_State *L, int idx, io_use *use);

/* ---- io_channel.c: under the claim, holding the GIL; nothing raises ---- */

/* Reads at least one byte into the (empty) buffer. IO_OK, IO_EOF, IO_FAIL, IO_INTR. */
enum io_result chan_fill(io_use *use);
/* Reads up to n bytes, past the buffer where that is faster; *got > 0 with IO_OK. */
enum io_result chan_read(io_use *use, char *dst, size_t n, size_t *got);
/* Writes all of s. IO_OK, IO_FAIL, IO_INTR. */
enum io_result chan_write_slow(io_use *use, const char *s, size_t n);
enum io_result chan_flush(io_use *use);
/* As much as goes without waiting; the rest stays pending. Outside the GIL. */
void chan_flush_ready(io_use *use);
/* With IO_FAIL the stream is closed all the same. */
enum io_result chan_close(io_use *use);

static inline enum io_result chan_write(io_use *use, const char *s, size_t n) {
  sbuf_lock(use->f);
  bool fits = sbuf_put(use->f, s, n);
  sbuf_unlock(use->f);
  return fits ? IO_OK : chan_write_slow(use, s, n);
}

/* ---- lib_io_read.c, lib_io_write.c ---- */

/* Reads by the formats at first..top from the handle at `idx`; pushes the results and returns their
 * number. */
int io_read_formats(lua_State *L, int idx, int first, const char *closed_message);
int io_write_values(lua_State *L, int idx, int first, const char *closed_message);

/* ---- process.c ---- */

/* Starts `sh -c command` with `fd` as its standard input or output (`child_fd`, 0 or 1; -1:
 * neither). Returns 0 or an errno. Does not raise; may be called without the GIL. */
int process_spawn_shell(const char *command, int fd, int child_fd, pid_t *pid_out);
/* Waits outside the GIL. BLK_READY: *status_out is as of waitpid, -1 with errno where there is no
 * such child; BLK_INTERRUPTED: the child was told to end (SIGTERM) and will be reaped later. */
enum blk_result process_wait(rt_thread *t, pid_t pid, int *status_out);

#endif
