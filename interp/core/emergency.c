/* emergency.c: a collection in the middle of an allocation that failed, and a second try.
 *
 * Elsewhere collections start at safepoints, where every live object is in a root. Here C functions
 * of the core hold objects in their locals and registers, and the running frame has live registers
 * above L->top. So all slots of every Lua stack are taken for live (mark.c; nothing stale is ever
 * left there), and the thread's C stack is scanned conservatively: a word that points into a cell
 * keeps that object (Boehm and Weiser, "Garbage collection in an uncooperative environment", 1988).
 * Objects never move, so nothing has to be known about a word but that.
 *
 * Rules
 *   1. Objects have valid fields before the next allocation: a scan may reach them from then on.
 *   2. All cells are swept first. A stale word may name a dead object, never one whose contents
 *      are gone.
 *   3. Blocks that were retired stay: the operation that waits here may be reading one.
 *   4. Thr.cstack is set before the thread enters the safe region in which it waits for others to
 *      stop. Another collection that runs meanwhile scans this stack too. */
#include "core.h"
#include "mark.h"
#include "table.h"

#if defined(__SANITIZE_ADDRESS__)
#  define CORE_ASAN 1
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer)
#    define CORE_ASAN 1
#  endif
#endif
#ifdef CORE_ASAN
#  include <sanitizer/asan_interface.h>
#endif
/* Reads all of a stack, other threads' and red zones included. */
#if defined(__clang__)
#  define READS_STACKS __attribute__((noinline, no_sanitize("address", "thread", "memory")))
#else
#  define READS_STACKS __attribute__((noinline, no_sanitize_address, no_sanitize_thread))
#endif

#define BATCH 512 /* words looked up at once */

/* The limits of the C stack we run on. False where it is not the stack of this OS thread (a fiber
 * of the host), or the system does not say. */
static bool find_stack(const char *here, const char **end_out) {
  static _Thread_local const char *low, *high;
  if (high == NULL) {
    pthread_attr_t attr;
    void *addr;
    size_t size;
    if (pthread_getattr_np(pthread_self(), &attr) != 0) return false;
    int rc = pthread_attr_getstack(&attr, &addr, &size);
    pthread_attr_destroy(&attr);
    if (rc != 0) return false;
    low = addr;
    high = low + size;
  }
  *end_out = high;
  return here >= low && here < high;
}

/* ---- words ---- */
struct words {
  Marker *mk;
  size_t n;
  uintptr_t w[BATCH];
  const void *fake; /* where AddressSanitizer keeps locals */
};

static void sort_words(struct words *b) {
  for (size_t gap = b->n / 2; gap > 0; gap /= 2)
    for (size_t i = gap; i < b->n; i++) {
      uintptr_t x = b->w[i];
      size_t j = i;
      for (; j >= gap && b->w[j - gap] > x; j -= gap) b->w[j] = b->w[j - gap];
      b->w[j] = x;
    }
}

/* The first word not below p. */
static size_t lower(const struct words *b, uintptr_t p) {
  size_t lo = 0, hi = b->n;
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (b->w[mid] < p)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static void keep_in_page(struct words *b, Page *pg) {
  uintptr_t first = (uintptr_t)(pg + 1), end = first + (uintptr_t)pg->carved * pg->cell;
  for (size_t i = lower(b, first); i < b->n && b->w[i] < end; i++) {
    Object *o = (Object *)(first + (b->w[i] - first) / pg->cell * pg->cell);
    if (o->tt != TFREE) core_mark_object(b->mk, o);
  }
}

static void keep_large(struct words *b, Large *l) {
  size_t i = lower(b, (uintptr_t)l);
  if (i < b->n && b->w[i] < (uintptr_t)l + l->size)
    core_mark_object(b->mk, (Object *)(void *)(l + 1));
}

static void keep_batch(struct words *b) {
  sort_words(b);
  for (Thr *t = b->mk->g->thr; t != NULL; t = t->next) {
    for (size_t c = 0; c < OBJ_CLASSES; c++)
      for (Page *pg = t->pages[c]; pg != NULL; pg = pg->next) keep_in_page(b, pg);
    for (Large *l = t->large; l != NULL; l = l->next) keep_large(b, l);
  }
  b->n = 0;
}

static READS_STACKS void add_words(struct words *b, const char *p, const char *end) {
  p = (const char *)(((uintptr_t)p + 7) & ~(uintptr_t)7);
  for (; p + sizeof(uintptr_t) <= end; p += sizeof(uintptr_t)) {
    uintptr_t x = *(const uintptr_t *)(const void *)p;
    if (x < 4096) continue;
#ifdef CORE_ASAN
    void *from, *to;
    if (b->fake != NULL &&
        __asan_addr_is_in_fake_stack((void *)(uintptr_t)b->fake, (void *)x, &from, &to) != NULL) {
      const void *fake = b->fake;
      b->fake = NULL; /* a frame's words are not frames */
      add_words(b, from, to);
      b->fake = fake;
      continue;
    }
#endif
    b->w[b->n++] = x;
    if (b->n == BATCH) keep_batch(b);
  }
}

/* Part of the roots. World stopped. */
void core_mark_cstacks(Marker *mk) {
  struct words b;
  b.mk = mk;
  b.n = 0;
  for (Thr *t = mk->g->thr; t != NULL; t = t->next) {
    if (t->cstack == NULL) continue;
    b.fake = t->cfake;
    add_words(&b, t->cstack, t->cstack_end);
    keep_batch(&b);
  }
}

/* Is a thread in the middle of an allocation? World stopped. */
bool core_emergency_waits(const Global *g) {
  for (const Thr *t = g->thr; t != NULL; t = t->next)
    if (t->cstack != NULL) return true;
  return false;
}

/* ---- the collection ---- */
static void sweep_everything(Global *g) {
  for (Thr *t = g->thr; t != NULL; t = t->next) {
    core_heap_sweep_all(t);
    t->sweep_wanted = 0;
  }
}

static NOINLINE void collect_here(Thr *m) {
  Global *g = m->g;
  m->cstack = __builtin_frame_address(0); /* below every frame that holds an object */
  core_stw_begin(m);
  core_adopt_dead(g);
  sweep_everything(g);
  core_gc_collect(g);
  sweep_everything(g);
  g->nemergency++;
  core_stw_end(m);
  m->cstack = NULL;
}

/* Worth another try? */
bool core_gc_emergency(Thr *m) {
  Global *g = m->g;
  if (g->mainL == NULL || g->closing || m->L == NULL || m->cstack != NULL || g->collecting)
    return false;
  if (!find_stack(__builtin_frame_address(0), &m->cstack_end)) return false;
#ifdef CORE_ASAN
  m->cfake = __asan_get_current_fake_stack();
#endif
  if (g->gcfn != NULL) g->gcfn(m->L, true, g->gc_ud);
  __builtin_unwind_init(); /* what registers hold is in this frame now */
  collect_here(m);
  if (g->gcfn != NULL) g->gcfn(m->L, false, g->gc_ud);
  if (core_failing(g)) core_heap_hide_cells(m, true);
  __asm__ volatile("" ::: "memory"); /* not a tail call: the frame has to last */
  return true;
}

/* ---- publication without memory ---- */
static void escape_open(lua_State *L, lua_State *L1) {
  if (L1->stack == NULL) return;
  for (UpVal *u = L1->openuv; u != NULL; u = u->u.open.next) core_upval_escape(L, u);
}

/* Everything that belongs to this thread becomes shared at once, as when threads go parallel: the
 * thread takes a new id. */
void core_share_everything(lua_State *L) {
  Thr *m = L->m;
  uint32_t id = m->id;
  size_t c = (THREAD_OFFSET + sizeof(lua_State) + 15) >> 4;
  for (Page *pg = m->pages[c]; pg != NULL; pg = pg->next) {
    char *p = (char *)(pg + 1);
    for (uint32_t i = 0; i < pg->carved; i++, p += pg->cell) {
      Object *o = (Object *)(void *)p;
      if (o->tt == TTHR && RLX(o->owner) == id) escape_open(L, obj_thread(o));
    }
  }
  for (lua_State *L1 = m->L; L1 != NULL; L1 = L1->from) escape_open(L, L1);
  if (m->base != NULL) escape_open(L, m->base);
  RLX_SET(m->id, core_next_id(m->g));
}
