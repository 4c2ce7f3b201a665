/* io_stream.c: file handles: identity, claims, and errors about them.
 *
 * Handles made by other C modules are plain luaL_Streams with no room for a claim. While one is
 * used, a guest entry in a table keyed by its address holds its state; entries are counted and
 * leave the table with their last user. */
#include "io_impl.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

const char stream_tag = 'g';

/* ---- guests ---- */

typedef struct guest {
  struct guest *next;
  const luaL_Stream *key;
  unsigned users; /* (m) */
  io_state state;
} guest;

#define GUEST_BUCKETS 64

/* (m) guests_mtx, a leaf: nothing is acquired under it. */
static pthread_mutex_t guests_mtx = PTHREAD_MUTEX_INITIALIZER;
static guest *guests[GUEST_BUCKETS];

static guest **guest_bucket(const luaL_Stream *key) {
  return &guests[((uintptr_t)key >> 4) % GUEST_BUCKETS];
}

/* NULL: out of memory. */
static guest *guest_enter(const luaL_Stream *key) {
  pthread_mutex_lock(&guests_mtx);
  guest **bucket = guest_bucket(key), *g = *bucket;
  while (g != NULL && g->key != key) g = g->next;
  if (g == NULL && (g = calloc(1, sizeof *g)) != NULL) {
    g->key = key;
    g->next = *bucket;
    *bucket = g;
  }
  if (g != NULL) g->users++;
  pthread_mutex_unlock(&guests_mtx);
  return g;
}

static void guest_leave(guest *g) {
  pthread_mutex_lock(&guests_mtx);
  bool last = --g->users == 0;
  if (last) {
    guest **link = guest_bucket(g->key);
    while (*link != g) link = &(*link)->next;
    *link = g->next;
  }
  pthread_mutex_unlock(&guests_mtx);
  if (last) free(g);
}

/* ---- open files ----
 *
 * fflush(NULL) waits for every stream of the process: one whose pipe is full would hang popen
 * in all threads. So the library knows its files. Order: a claim, then files_mtx; under files_mtx a
 * claim is tried, never waited for. A file that we have claimed stays in the list. */

static pthread_mutex_t files_mtx = PTHREAD_MUTEX_INITIALIZER;
static io_file *files;

void stream_open(io_file *file, FILE *f, lua_CFunction closef) {
  file->stream.f = f;
  file->stream.closef = closef;
  pthread_mutex_lock(&files_mtx);
  file->next = files;
  file->link = &files;
  if (files != NULL) files->link = &file->next;
  files = file;
  pthread_mutex_unlock(&files_mtx);
}

void stream_forget(io_use *use) {
  if (use->guest != NULL) return;
  io_file *file = (io_file *)use->stream;
  pthread_mutex_lock(&files_mtx);
  if (file->link != NULL) {
    *file->link = file->next;
    if (file->next != NULL) file->next->link = file->link;
    file->link = NULL;
  }
  pthread_mutex_unlock(&files_mtx);
}

/* The first one from `file` on that nobody uses, claimed. */
static io_file *claim_next(io_file *file) {
  while (file != NULL && !claim_try(&file->state.claim)) file = file->next;
  return file;
}

void stream_flush_all(void) {
  pthread_mutex_lock(&files_mtx);
  io_file *file = claim_next(files);
  pthread_mutex_unlock(&files_mtx);
  while (file != NULL) {
    io_use use = {.stream = &file->stream, .f = file->stream.f, .state = &file->state};
    if (file->stream.closef != NULL) chan_flush_ready(&use);
    pthread_mutex_lock(&files_mtx);
    io_file *next = claim_next(file->next);
    pthread_mutex_unlock(&files_mtx);
    claim_release(&file->state.claim);
    file = next;
  }
}

/* ---- fork ---- */

static void fork_prepare(void) {
  pthread_mutex_lock(&files_mtx);
  pthread_mutex_lock(&guests_mtx);
}

static void fork_done(void) {
  pthread_mutex_unlock(&guests_mtx);
  pthread_mutex_unlock(&files_mtx);
}

static void setup_once(void) {
  claim_setup();
  pthread_atfork(fork_prepare, fork_done, fork_done);
}

void stream_setup(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, setup_once);
}

/* ---- handles ---- */

io_file *stream_new(lua_State *L) {
  io_file *file = lua_newuserdatauv(L, sizeof *file, 0);
  *file = (io_file){.tag = &stream_tag};
  luaL_setmetatable(L, LUA_FILEHANDLE);
  return file;
}

bool stream_is_closed(const luaL_Stream *s) {
  /* Relaxed: a hint for io.type and tostring; users look again under the claim. */
  return __atomic_load_n(&s->closef, __ATOMIC_RELAXED) == NULL;
}

io_file *stream_own(lua_State *L, int arg) {
  io_file *file = lua_touserdata(L, arg);
  bool ours = file != NULL && lua_rawlen(L, arg) == sizeof *file && file->tag == &stream_tag;
  return ours ? file : NULL;
}

luaL_Stream *stream_check(lua_State *L, int arg) {
  io_file *own = stream_own(L, arg); /* the tag says enough, for a tenth of the price */
  return own != NULL ? &own->stream : luaL_checkudata(L, arg, LUA_FILEHANDLE);
}

static enum stream_error claim_stream(lua_State *L, int idx, io_use *use, enum claim_how how) {
  io_file *own = stream_own(L, idx);
  *use = (io_use){.stream = lua_touserdata(L, idx)};
  if (own != NULL) {
    use->state = &own->state;
  } else {
    guest *g = guest_enter(use->stream);
    if (g == NULL) return STREAM_NOMEM;
    use->guest = g;
    use->state = &g->state;
  }
  enum claim_result r = claim_take(&use->state->claim, how);
  use->f = use->stream->f;
  if (r == CLAIM_OK) return STREAM_OK;
  if (use->guest != NULL) guest_leave(use->guest);
  return r == CLAIM_BUSY ? STREAM_BUSY : STREAM_INTERRUPTED;
}

enum stream_error stream_use(lua_State *L, int idx, io_use *use, enum claim_how how) {
  enum stream_error e = claim_stream(L, idx, use, how);
  if (e != STREAM_OK || use->stream->closef != NULL) return e;
  stream_done(use);
  return STREAM_CLOSED;
}

void stream_use_closing(lua_State *L, int idx, io_use *use) {
  /* Others hold it only to find it closed, so an interrupt needs no attention here. */
  while (claim_stream(L, idx, use, CLAIM_WAIT) == STREAM_INTERRUPTED) continue;
}

void stream_done(io_use *use) {
  claim_release(&use->state->claim);
  if (use->guest != NULL) guest_leave(use->guest);
}

int stream_raise(lua_State *L, enum stream_error e, const char *closed_message) {
  switch (e) {
  case STREAM_OK: break;
  case STREAM_CLOSED: return luaL_error(L, "%s", closed_message);
  case STREAM_BUSY: return luaL_error(L, "file is in use by another thread");
  case STREAM_INTERRUPTED: return rt_raise_interrupt(L, rt_self());
  case STREAM_NOMEM: return luaL_error(L, "not enough memory");
  }
  return 0;
}

void stream_use_or_raise(lua_State *L, int idx, io_use *use) {
  enum stream_error e = stream_use(L, idx, use, CLAIM_WAIT);
  if (e != STREAM_OK) stream_raise(L, e, "attempt to use a closed file");
}
