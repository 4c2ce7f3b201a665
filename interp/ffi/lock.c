/* lock.c: lock modes of functions, libraries and callbacks; what `auto` learns. */
#include "ffi_impl.h"

#include <string.h>
#include <time.h>

/* Giving the lock up costs two atomic operations, and a switch of threads where somebody takes it
 * meanwhile. Below LOW a call is not worth it, above HIGH it is; between them nothing changes. */
#define LEARN_LOW_NS  500.0
#define LEARN_HIGH_NS 1000.0

static const char *const names[] = {"release", "hold", "auto"};

bool lock_mode_parse(const char *name, int *mode_out) {
  for (int i = 0; i < 3; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    *mode_out = i;
    return true;
  }
  return false;
}

const char *lock_mode_name(int mode) { return names[mode]; }

void lock_init(struct lock_stat *s, int mode) {
  atomic_store_explicit(&s->hold, false, memory_order_relaxed);
  atomic_store_explicit(&s->calls, 0, memory_order_relaxed);
  atomic_store_explicit(&s->mean_ns, 0.0, memory_order_relaxed);
  atomic_store_explicit(&s->mode, mode, memory_order_relaxed);
}

uint64_t lock_now(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

/* The first calls release, because nothing is known yet, and are timed. All accesses are relaxed:
 * the worst that a race does is to lose a sample. */
bool lock_decide(struct lock_stat *s, bool *sample) {
  unsigned n = atomic_load_explicit(&s->calls, memory_order_relaxed);
  bool hold = atomic_load_explicit(&s->hold, memory_order_relaxed);
  atomic_store_explicit(&s->calls, ++n, memory_order_relaxed);
  *sample = lock_samples(n);
  return !hold;
}

void lock_learn(struct lock_stat *s, uint64_t ns) {
  double mean = atomic_load_explicit(&s->mean_ns, memory_order_relaxed), x = (double)ns;
  /* The first samples include cold caches and the dynamic linker: take the least. */
  unsigned n = atomic_load_explicit(&s->calls, memory_order_relaxed);
  if (n < 4)
    mean = n <= 1 || x < mean ? x : mean;
  else
    mean += (x - mean) / (x > 16 * LEARN_HIGH_NS ? 2 : 8); /* a long one counts at once */
  atomic_store_explicit(&s->mean_ns, mean, memory_order_relaxed);
  if (mean < LEARN_LOW_NS)
    atomic_store_explicit(&s->hold, n >= 3, memory_order_relaxed);
  else if (mean > LEARN_HIGH_NS)
    atomic_store_explicit(&s->hold, false, memory_order_relaxed);
}

/* ------------------------------------------------------------------ hold without a GIL */

/* With the GIL off, `hold` still means that two such calls do not overlap: libraries that rely on
 * the lock get one. The caller goes outside, so that a collection does not wait for C, and then
 * takes hold_mtx; a callback gives it up while it runs Lua, as the GIL may change hands there. So
 * hold_mtx is never waited for inside, and never kept by who waits to come inside.
 *
 * Fork: threads that are in C do not stop for it, so hold_mtx can be taken at that time by one that
 * the child does not have. The child makes it anew. */
static pthread_mutex_t states_mtx = PTHREAD_MUTEX_INITIALIZER; /* before callback.c's, at fork */
static gffi_state *states;                                     /* under states_mtx */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fork_prepare(void) {
  pthread_mutex_lock(&states_mtx);
  callback_fork_prepare();
}

static void fork_parent(void) {
  callback_fork_done();
  pthread_mutex_unlock(&states_mtx);
}

static void fork_child(void) {
  for (gffi_state *st = states; st != NULL; st = st->next) {
    pthread_mutex_init(&st->hold_mtx, NULL);
    atomic_store_explicit(&st->holding, 0, memory_order_relaxed);
  }
  fork_parent();
}

static void install_fork_handlers(void) { pthread_atfork(fork_prepare, fork_parent, fork_child); }

void lock_open(gffi_state *st) {
  pthread_once(&once, install_fork_handlers);
  pthread_mutex_init(&st->hold_mtx, NULL);
  pthread_mutex_lock(&states_mtx);
  st->next = states;
  states = st;
  pthread_mutex_unlock(&states_mtx);
}

void lock_close(gffi_state *st) {
  pthread_mutex_lock(&states_mtx);
  for (gffi_state **p = &states; *p != NULL; p = &(*p)->next) {
    if (*p != st) continue;
    *p = st->next;
    break;
  }
  pthread_mutex_unlock(&states_mtx);
  pthread_mutex_destroy(&st->hold_mtx);
}

void lock_hold_again(struct call_frame *f) {
  atomic_fetch_add_explicit(&f->st->holding, 1, memory_order_relaxed);
  pthread_mutex_lock(&f->st->hold_mtx);
  f->held = true;
}

void lock_hold_begin(struct call_frame *f) {
  rt_thread *t = rt_self();
  if (rt_has_gil(t)) {
    /* Calls that began before the GIL came on: let them end. They need nothing that we have, but
     * for what their callbacks do, as in any call that holds the GIL. */
    if (atomic_load_explicit(&f->st->holding, memory_order_relaxed) == 0) return;
    pthread_mutex_lock(&f->st->hold_mtx);
    pthread_mutex_unlock(&f->st->hold_mtx);
    return;
  }
  f->thread = t;
  rt_release(t);
  f->released = true;
  lock_hold_again(f);
}

void lock_hold_end(struct call_frame *f) {
  f->held = false;
  pthread_mutex_unlock(&f->st->hold_mtx);
  atomic_fetch_sub_explicit(&f->st->holding, 1, memory_order_relaxed);
}

/* ------------------------------------------------------------------ ffi.gil */

static int check_mode(lua_State *L, int idx) {
  int mode = LOCK_RELEASE;
  const char *name = luaL_checkstring(L, idx);
  if (!lock_mode_parse(name, &mode))
    luaL_error(L,
               "bad argument #%d to 'gil' (\"release\", \"hold\" or \"auto\" expected, got \"%s\")",
               idx, name);
  return mode;
}

static int describe(lua_State *L, struct lock_stat *s) {
  int mode = atomic_load_explicit(&s->mode, memory_order_relaxed);
  lua_pushstring(L, names[mode]);
  if (mode != LOCK_AUTO) return 1;
  lua_pushstring(
      L, names[atomic_load_explicit(&s->hold, memory_order_relaxed) ? LOCK_HOLD : LOCK_RELEASE]);
  lua_pushnumber(L, atomic_load_explicit(&s->mean_ns, memory_order_relaxed));
  return 3;
}

static int set_or_describe(lua_State *L, struct lock_stat *s) {
  if (lua_isnoneornil(L, 2)) return describe(L, s);
  int mode = check_mode(L, 2);
  lock_init(s, mode);
  lua_settop(L, 1);
  return 1;
}

/* ffi.gil(x [, mode]): x is a function of a library, a library, or a callback. With a mode it
 * returns x; without, the mode, and for auto what it does now and the mean of the times. A plain
 * function pointer has no place for a mode: the result is a function that calls it so. */
int lib_gil(lua_State *L) {
  cfunc *fn = call_function_at(L, 1);
  if (fn != NULL) return set_or_describe(L, &fn->lock);
  struct clib *lib = clib_at(L, 1);
  if (lib != NULL) {
    if (lua_isnoneornil(L, 2)) {
      lua_pushstring(L, names[atomic_load_explicit(&lib->mode, memory_order_relaxed)]);
    } else {
      clib_set_mode(L, 1, check_mode(L, 2));
      lua_settop(L, 1);
    }
    return 1;
  }
  cdata *cd = cdata_test(L, 1);
  if (cd == NULL || !ctype_is_funcptr(cd->ct))
    return luaL_typeerror(L, 1, "function, library or callback");
  struct lock_stat *s = callback_lock(L, cdata_address(cd));
  if (s != NULL) return set_or_describe(L, s);
  if (lua_isnoneornil(L, 2)) {
    lua_pushstring(L, names[LOCK_RELEASE]);
    return 1;
  }
  call_push_function(L, cd->ct->base, cdata_address(cd), "function", check_mode(L, 2), 1);
  return 1;
}
