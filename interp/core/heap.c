/* heap.c: cells of objects, raw blocks of their payloads, and lazy sweeping.
 *
 * Each OS thread (Thr) allocates from its own pages and free lists; nothing here is shared but the
 * chunk supply (Global.alloc_mu) and the pages left by ended threads. A page holds cells of one
 * size; a cell with tag TFREE is free. After a collection every page is unswept: its owner sweeps
 * it when it next needs cells of that size. Raw blocks (array parts, nodes, stacks) are not swept:
 * whoever frees one keeps it in its own lists. */
#include <stdlib.h>
#include <sys/mman.h>
#include "core.h"
#include "stress.h"

#define CHUNK_MIN (64u * 1024)
#define CHUNK_MAX (1024u * 1024)
#define CARVE_BYTES                                                                                \
  1024 /* cells made at once from a fresh page: untouched memory stays untouched */
#define DEBT_SLICE (GILT_CORE_STRESS ? 1024u : 16u * 1024)
/* A thread that has just begun takes memory by small pieces. */
#define FIRST_PIECE  1024
#define FIRST_PIECES 8
#define SMALL_PAGES  16

struct Chunk {
  struct Chunk *next;
  size_t size;
};

/* ---- failures on purpose ---- */
/* The count stays 0 until the second try is refused as well. */
static COLD bool fail_slow(Thr *m) {
  Global *g = m->g;
  if (m->refuse) {
    m->refuse = 0;
    RLX_SET(g->failcount, -1);
    return true;
  }
  int how = GILT_CORE_SUCCEED;
  if (g->failfn != NULL)
    how = g->failfn(g->fail_ud);
  else if (RLX(g->failcount) == 0)
    how = GILT_CORE_FAIL;
  else
    __atomic_fetch_sub(&g->failcount, 1, __ATOMIC_RELAXED);
  m->refuse = how == GILT_CORE_FAIL;
  return how != GILT_CORE_SUCCEED;
}
bool core_fail_now(Thr *m) { return core_failing(m->g) && fail_slow(m); }

/* After a failure: is there any point in another try? */
static bool again(Thr *m) {
  if (core_gc_emergency(m)) return true;
  if (m->refuse) (void)fail_slow(m);
  return false;
}

/* For allocations that no collection can help. */
bool core_fail_again(Thr *m) {
  bool fail = core_fail_now(m);
  if (fail && m->refuse) (void)fail_slow(m);
  return fail;
}

/* ---- the allocation function of lua_newstate: chunks and big blocks ---- */
/* Huge pages for blocks of many megabytes: big arrays and hashes are filled at once, and reached at
 * random. A hint, to whole pages; it changes nothing for what else lies in the first and last. */
#define HUGE_MIN ((size_t)4 << 20)
static void want_huge(void *p, size_t size) {
  uintptr_t from = (uintptr_t)p & ~(uintptr_t)4095,
            to = ((uintptr_t)p + size + 4095) & ~(uintptr_t)4095;
  (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static void *ask(Thr *m, void *p, size_t osize, size_t nsize) {
  Global *g = m->g;
  if (nsize > 0 && core_fail_now(m)) return NULL;
  if (!g->parallel) return g->frealloc(g->ud, p, osize, nsize);
  pthread_mutex_lock(&g->alloc_mu); /* an embedder's function need not be reentrant */
  void *r = g->frealloc(g->ud, p, osize, nsize);
  pthread_mutex_unlock(&g->alloc_mu);
  return r;
}

void *core_sys_realloc(Thr *m, void *p, size_t osize, size_t nsize) {
  void *r = ask(m, p, osize, nsize);
  if (unlikely(r == NULL) && nsize > 0 && again(m)) r = ask(m, p, osize, nsize);
  if (r != NULL && nsize >= HUGE_MIN) want_huge(r, nsize);
  return r;
}

/* A piece of a chunk, 64-aligned. With GIL or world, or under alloc_mu. */
static void *chunk_take(Global *g, size_t size) {
  if ((size_t)(g->chunke - g->chunkb) < size) {
    size_t want = g->chunkbytes / 4;
    want = want < CHUNK_MIN ? CHUNK_MIN : want > CHUNK_MAX ? CHUNK_MAX : want & ~(size_t)4095;
    if (want < size + 4096) want = size + 4096;
    struct Chunk *c = g->frealloc(g->ud, NULL, 0, want);
    if (c == NULL && want > size + 4096) { /* a limit is near */
      want = size + 4096;
      c = g->frealloc(g->ud, NULL, 0, want);
    }
    if (c == NULL) return NULL;
    c->next = g->chunks;
    c->size = want;
    g->chunks = c;
    RLX_SET(g->chunkbytes, g->chunkbytes + want);
    g->chunkb = (char *)(((uintptr_t)(c + 1) + 63) & ~(uintptr_t)63);
    g->chunke = (char *)c + want;
  }
  void *p = g->chunkb;
  g->chunkb += size;
  return p;
}

static Page *page_take(Thr *m) {
  Global *g = m->g;
  Page *p = m->spare;
  if (p != NULL) {
    m->spare = p->next;
    m->nspare--;
    return p;
  }
  COUNT(m, chunk_locks, 1);
  pthread_mutex_lock(&g->alloc_mu);
  p = g->freepages;
  if (p != NULL)
    g->freepages = p->next;
  else
    p = chunk_take(g, PAGE_BYTES);
  pthread_mutex_unlock(&g->alloc_mu);
  return p;
}

/* An empty page stays with the thread, up to a point: the supply's lock is everybody's. */
#define SPARE_PAGES 128
static void page_give(Thr *m, Page *pg) {
  Global *g = m->g;
  if (m->nspare < SPARE_PAGES) {
    pg->next = m->spare;
    m->spare = pg;
    m->nspare++;
    return;
  }
  COUNT(m, chunk_locks, 1);
  pthread_mutex_lock(&g->alloc_mu);
  pg->next = g->freepages;
  g->freepages = pg;
  pthread_mutex_unlock(&g->alloc_mu);
}

/* ---- accounting ---- */
static void flush_debt(Thr *m) {
  Global *g = m->g;
  size_t a = __atomic_add_fetch(&g->alloc, m->debt, __ATOMIC_RELAXED);
  m->debt = 0;
  if ((ptrdiff_t)a > 0 && a > RLX(g->limit) && !RLX(g->gc_stopped)) core_gc_request(m);
}
static inline void check_debt(Thr *m) {
  if (unlikely((ptrdiff_t)m->debt > (ptrdiff_t)DEBT_SLICE || m->g->gc_stress)) flush_debt(m);
}

/* ---- sweeping ---- */
void core_free_payload(Thr *m, Object *o) {
  switch (o->tt) {
  case TTAB: core_tab_free(m, (Table *)(void *)o); break;
  case TTHR: core_thread_free(m, obj_thread(o)); break;
  case TPROTO: {
    Proto *p = (Proto *)(void *)o;
    core_raw_free(m, p->code, (size_t)p->ncode * sizeof *p->code);
    core_raw_free(m, p->k, (size_t)p->nk * sizeof *p->k);
    core_raw_free(m, p->p, (size_t)p->np * sizeof *p->p);
    core_raw_free(m, p->up, (size_t)p->nup * sizeof *p->up);
    core_raw_free(m, p->line, (size_t)p->nline);
    core_raw_free(m, p->abs, (size_t)p->nabs * sizeof *p->abs);
    core_raw_free(m, p->loc, (size_t)p->nloc * sizeof *p->loc);
    break;
  }
  default: break;
  }
}

/* Frees the dead cells of a page and chains all free ones; returns how many. */
static uint32_t sweep_page(Thr *m, Page *pg, void **list_out) {
  char *p = (char *)(pg + 1);
  void *first = NULL, **tail = &first;
  uint32_t nfree = 0;
  uint8_t epoch = m->epoch;
  for (uint32_t i = 0; i < pg->carved; i++, p += pg->cell) {
    Object *o = (Object *)(void *)p;
    if (o->tt != TFREE) {
      if (o->mark == epoch) continue;
      core_free_payload(m, o);
      o->tt = TFREE;
    }
    *tail = o;
    tail = (void **)(void *)(o + 1);
    nfree++;
  }
  *tail = NULL;
  pg->swept = epoch;
  *list_out = first;
  return nfree;
}

/* Sweeps the next unswept page of class c. False when none is left; *list_out may be NULL. `keep`:
 * an empty page stays in the class. */
static bool sweep_next(Thr *m, size_t c, bool keep, void **list_out) {
  Page **at = m->sweep[c];
  Page *pg = at == NULL ? NULL : *at;
  if (pg == NULL) {
    m->sweep[c] = NULL;
    return false;
  }
  if (pg->swept == m->epoch) { /* made since the collection */
    m->sweep[c] = &pg->next;
    *list_out = NULL;
    return true;
  }
  uint32_t nfree = sweep_page(m, pg, list_out);
  bool empty = nfree == pg->carved && pg != m->pages[c];
  if (empty && !keep && !pg->small) { /* for any class, any thread */
    *at = pg->next;
    page_give(m, pg);
    *list_out = NULL;
  } else {
    m->sweep[c] = &pg->next;
  }
  return true;
}

static void list_append(void **head, void *list) {
  if (list == NULL) return;
  void *last = list;
  while (*(void **)(void *)((Object *)last + 1) != NULL)
    last = *(void **)(void *)((Object *)last + 1);
  *(void **)(void *)((Object *)last + 1) = *head;
  *head = list;
}

static void sweep_class(Thr *m, size_t c) {
  void *list;
  while (sweep_next(m, c, false, &list)) list_append(&m->fl[c], list);
}

/* Dead tables and threads hold big blocks: free those soon, not when a cell is needed. */
void core_heap_sweep_payloads(Thr *m) {
  sweep_class(m, (sizeof(Table) + 15) >> 4);
  sweep_class(m, (THREAD_OFFSET + sizeof(lua_State) + 15) >> 4);
}

void core_heap_sweep_all(Thr *m) {
  for (size_t c = 0; c < OBJ_CLASSES; c++) sweep_class(m, c);
}

/* At most so many pages. */
void core_heap_sweep_some(Thr *m, size_t pages) {
  void *list;
  for (size_t c = 0; c < OBJ_CLASSES; c++)
    while (pages > 0 && sweep_next(m, c, false, &list)) {
      list_append(&m->fl[c], list);
      pages--;
    }
}

void core_heap_restart_sweep(Thr *m) {
  for (size_t c = 0; c < OBJ_CLASSES; c++) {
    m->sweep[c] = m->pages[c] != NULL ? &m->pages[c] : NULL;
    m->fl[c] = NULL;
    m->hidden[c] = NULL;
  }
}

void core_heap_sweep_large(Large **list, Thr *m, uint8_t epoch) {
  while (*list != NULL) {
    Large *l = *list;
    Object *o = (Object *)(void *)(l + 1);
    if (o->mark == epoch) {
      list = &l->next;
    } else {
      *list = l->next;
      core_free_payload(m, o);
      m->g->frealloc(m->g->ud, l, l->size, 0);
    }
  }
}

/* ---- objects ---- */
static void *raw_bump(Thr *m, size_t size);

static void page_link(Thr *m, size_t c, Page *pg) {
  if (m->sweep[c] == &m->pages[c]) m->sweep[c] = &pg->next;
  pg->next = m->pages[c];
  m->pages[c] = pg;
}

/* The first page of a class in a thread that has allocated little so far: a raw block. An idle
 * thread has a few objects of a few sizes, and a page of memory for each is more than its stack. */
static size_t small_page(const Thr *m, size_t c) {
  if (m->pages[c] != NULL || m->small_pages >= SMALL_PAGES) return 0;
  return c <= 4 ? 512 : c <= 12 ? 1024 : 0;
}

/* The first thread of a heap does not begin small. */
void core_heap_begin_large(Thr *m) {
  m->pieces = FIRST_PIECES;
  m->small_pages = SMALL_PAGES;
}

static bool page_new(Thr *m, size_t c) {
  size_t bytes = small_page(m, c);
  Page *pg = bytes > 0 ? raw_bump(m, bytes) : page_take(m);
  if (pg == NULL) return false;
  pg->small = bytes > 0;
  if (pg->small) m->small_pages++;
  pg->cell = (uint32_t)(c << 4);
  pg->ncell = (uint32_t)(((bytes > 0 ? bytes : PAGE_BYTES) - sizeof(Page)) / pg->cell);
  pg->carved = 0;
  pg->swept = m->epoch;
  page_link(m, c, pg);
  return true;
}

/* Cells from the untouched end of the newest page. */
static void *carve(Thr *m, size_t c) {
  Page *pg = m->pages[c];
  if (pg == NULL || pg->carved == pg->ncell) return NULL;
  uint32_t n = CARVE_BYTES / pg->cell;
  if (n == 0) n = 1;
  if (n > pg->ncell - pg->carved) n = pg->ncell - pg->carved;
  void *list = NULL;
  char *p = (char *)(pg + 1) + (size_t)(pg->carved + n) * pg->cell;
  for (uint32_t i = 0; i < n; i++) {
    p -= pg->cell;
    Object *o = (Object *)(void *)p;
    o->tt = TFREE;
    *(void **)(void *)(o + 1) = list;
    list = o;
  }
  pg->carved += n;
  return list;
}

static bool refill(Thr *m, size_t c) {
  check_debt(m);
  for (;;) {
    void *list;
    /* what comes now is used at once: no need to pass it on and fetch another under the lock */
    bool keep = m->nspare >= SPARE_PAGES && RLX(m->g->nrunning) > 1;
    if (sweep_next(m, c, keep, &list)) {
      if (list == NULL) continue;
      m->fl[c] = list;
      return true;
    }
    if ((m->fl[c] = carve(m, c)) != NULL) return true;
    if (!page_new(m, c)) return false;
  }
}

static Object *large_new(Thr *m, size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  Large *l = core_sys_realloc(m, NULL, 0, sizeof *l + size);
  if (l == NULL) return NULL;
  l->size = sizeof *l + size;
  l->next = m->large;
  m->large = l;
  m->debt += l->size;
  check_debt(m);
  return (Object *)(void *)(l + 1);
}

/* Tests count every allocation: free cells are kept where the inline path does not find them. */
COLD static void *single_cell(Thr *m, size_t c) {
  if (core_fail_now(m)) return NULL;
  if (m->hidden[c] == NULL) {
    if (m->fl[c] == NULL && !refill(m, c)) return NULL;
    m->hidden[c] = m->fl[c];
    m->fl[c] = NULL;
  }
  void *o = m->hidden[c];
  m->hidden[c] = *(void **)(void *)((Object *)o + 1);
  return o;
}

void core_heap_hide_cells(Thr *m, bool hide) {
  for (size_t c = 0; c < OBJ_CLASSES; c++) {
    void *list = hide ? m->fl[c] : m->hidden[c];
    if (hide)
      m->fl[c] = NULL;
    else
      m->hidden[c] = NULL;
    list_append(hide ? &m->hidden[c] : &m->fl[c], list);
  }
}

static Object *cell_once(Thr *m, size_t c) {
  if (core_failing(m->g)) return single_cell(m, c);
  if (m->fl[c] == NULL && !refill(m, c)) return NULL;
  Object *o = m->fl[c];
  m->fl[c] = *(void **)(void *)(o + 1);
  return o;
}

NOINLINE void *core_obj_slow(lua_State *L, size_t size, uint8_t tt) {
  Thr *m = L->m;
  size_t c = (size + 15) >> 4;
  Object *o;
  if (c >= OBJ_CLASSES) {
    o = large_new(m, size);
  } else {
    o = cell_once(m, c);
    if (unlikely(o == NULL) && again(m)) o = cell_once(m, c);
    if (o != NULL) m->debt += c << 4;
  }
  if (unlikely(o == NULL)) core_err_mem(L);
  o->tt = tt;
  o->mark = m->epoch;
  o->flags = 0;
  o->lock = 0;
  o->owner = m->id;
  return o;
}

/* ---- raw blocks ---- */
static inline size_t raw_class(size_t size) {
  if (size <= 512) return (size + 15) >> 4;
  unsigned k = 63u - (unsigned)__builtin_clzl(size - 1); /* size in (2^k, 2^(k+1)] */
  return 33 + (k - 9) * 8 + ((size - 1) >> (k - 3)) - 8;
}
size_t core_raw_class_bytes(size_t c) {
  if (c <= 32) return c << 4;
  size_t k = 9 + (c - 33) / 8, j = (c - 33) % 8;
  return ((size_t)1 << k) + ((j + 1) << (k - 3));
}

static void raw_keep(Thr *m, void *p, size_t size) { /* size of a class */
  size_t c = raw_class(size);
  *(void **)p = m->rawfl[c];
  m->rawfl[c] = p;
}

/* The end of a piece that the next block did not fit into. */
static void raw_rest(Thr *m) {
  size_t rest = (size_t)(m->rawe - m->rawb) & ~(size_t)15;
  if (rest >= 1024)
    core_raw_add_run(m, m->rawb, rest);
  else if (rest >= 512)
    raw_keep(m, m->rawb, 512);
  else if (rest > 0)
    raw_keep(m, m->rawb, rest);
  m->rawb = m->rawe = NULL;
}

static bool raw_piece(Thr *m, size_t size) {
  Global *g = m->g;
  if (m->rawb != NULL) raw_rest(m);
  for (Run **r = &m->runs; *r != NULL; r = &(*r)->next)
    if ((*r)->size >= size + 64) {
      m->rawb = (char *)*r;
      m->rawe = m->rawb + (*r)->size;
      *r = (*r)->next;
      return true;
    }
  size_t want = size > 8192 ? 2 * RAW_BIGGEST : RLX(g->chunkbytes) < 512 * 1024 ? 8192 : 32768;
  if (m->pieces < FIRST_PIECES) {
    m->pieces++;
    want = FIRST_PIECE;
  }
  if (want < size + 64) want = size + 64;
  COUNT(m, chunk_locks, 1);
  pthread_mutex_lock(&g->alloc_mu);
  char *b = chunk_take(g, want);
  pthread_mutex_unlock(&g->alloc_mu);
  if (b == NULL) return false;
  m->rawb = b;
  m->rawe = b + want;
  return true;
}

static void *raw_bump(Thr *m, size_t size) {
  size_t align = size >= 512 ? 64 : size >= 32 ? 32 : 16;
  for (;;) {
    size_t gap = -(uintptr_t)m->rawb & (align - 1);
    if (m->rawb != NULL && (size_t)(m->rawe - m->rawb) >= size + gap) {
      if (gap > 0) raw_keep(m, m->rawb, gap);
      char *b = m->rawb + gap;
      m->rawb = b + size;
      return b;
    }
    if (!raw_piece(m, size)) return NULL;
  }
}

static void *raw_once(Thr *m, size_t c) {
  if (core_fail_now(m)) return NULL;
  void *p = m->rawfl[c];
  if (p == NULL) return raw_bump(m, core_raw_class_bytes(c));
  m->rawfl[c] = *(void **)p;
  return p;
}

void *core_raw_try(Thr *m, size_t size) {
  void *p;
  if (size == 0 || size > SIZE_MAX / 2) return NULL;
  if (unlikely(size > RAW_BIGGEST)) {
    p = core_sys_realloc(m, NULL, 0, size);
  } else {
    size_t c = raw_class(size);
    size = core_raw_class_bytes(c);
    p = raw_once(m, c);
    if (unlikely(p == NULL) && again(m)) p = raw_once(m, c);
  }
  if (p != NULL) {
    m->debt += size;
    check_debt(m);
  }
  return p;
}

void *core_raw(lua_State *L, size_t size) {
  if (size == 0) return NULL;
  void *p = core_raw_try(L->m, size);
  if (unlikely(p == NULL)) core_err_mem(L);
  return p;
}

void core_raw_free(Thr *m, void *p, size_t size) {
  if (p == NULL || size == 0) return;
  if (size > RAW_BIGGEST) {
    m->debt -= size;
    core_sys_realloc(m, p, size, 0);
    return;
  }
  size_t c = raw_class(size);
  m->debt -= core_raw_class_bytes(c);
  *(void **)p = m->rawfl[c];
  m->rawfl[c] = p;
}

/* Like realloc, for blocks that no other thread can see. Raises and leaves p alone on failure. */
void *core_raw_resize(lua_State *L, void *p, size_t osize, size_t nsize) {
  if (p != NULL && osize > RAW_BIGGEST && nsize > RAW_BIGGEST) {
    void *q = core_sys_realloc(L->m, p, osize, nsize);
    if (q == NULL) core_err_mem(L);
    L->m->debt += nsize - osize;
    check_debt(L->m);
    return q;
  }
  if (p != NULL && osize <= RAW_BIGGEST && nsize <= RAW_BIGGEST && nsize > 0 && osize > 0 &&
      raw_class(osize) == raw_class(nsize))
    return p;
  void *q = core_raw(L, nsize);
  if (p != NULL && q != NULL) memcpy(q, p, osize < nsize ? osize : nsize);
  core_raw_free(L->m, p, osize);
  return q;
}

/* A block that other threads may still be reading: freed in the next collection. */
void core_retire(lua_State *L, void *p, size_t size) {
  Thr *m = L->m;
  if (p == NULL || size == 0) return;
  if (m->nretired == m->capretired) {
    size_t cap = m->capretired ? m->capretired * 2 : 64;
    Retired *r = realloc(m->retired, cap * sizeof *r);
    if (r == NULL) { /* then at once, when no reader can have it any more */
      core_handshake(m);
      core_raw_free(m, p, size);
      return;
    }
    m->retired = r;
    m->capretired = cap;
  }
  m->retired[m->nretired++] = (Retired){p, size};
}

/* ---- one allocator for threads that run by turns ---- */
static void sweep_moved(Thr *to, const Thr *from) {
  for (size_t c = 0; c < OBJ_CLASSES; c++)
    if (to->sweep[c] == &from->pages[c]) to->sweep[c] = &to->pages[c];
}

/* Two threads, neither of which runs, or one of which is the caller, exchange their allocators. */
void core_heap_swap(Thr *a, Thr *b) {
  enum { FROM = offsetof(Thr, fl), BYTES = offsetof(Thr, pool_end) - FROM };
  char tmp[BYTES];
  memcpy(tmp, (char *)a + FROM, BYTES);
  memcpy((char *)a + FROM, (char *)b + FROM, BYTES);
  memcpy((char *)b + FROM, tmp, BYTES);
  sweep_moved(a, b);
  sweep_moved(b, a);
}

/* ---- ends ---- */
/* All that m allocated becomes heir's. Pages go behind the page that heir carves. */
void core_heap_inherit(Thr *heir, Thr *m) {
  for (size_t c = 0; c < OBJ_CLASSES; c++)
    while (m->pages[c] != NULL) {
      Page *pg = m->pages[c];
      m->pages[c] = pg->next;
      Page **at = heir->pages[c] != NULL ? &heir->pages[c]->next : &heir->pages[c];
      pg->next = *at;
      *at = pg;
    }
  if (m->rawb != NULL) raw_rest(m);
  while (m->runs != NULL) {
    Run *r = m->runs;
    m->runs = r->next;
    r->next = heir->runs;
    heir->runs = r;
  }
  while (m->spare != NULL) { /* the world is stopped: no lock */
    Page *pg = m->spare;
    m->spare = pg->next;
    pg->next = m->g->freepages;
    m->g->freepages = pg;
  }
  while (m->large != NULL) {
    Large *l = m->large;
    m->large = l->next;
    l->next = heir->large;
    heir->large = l;
  }
  for (size_t c = 1; c < RAW_CLASSES; c++) {
    void **last = &m->rawfl[c];
    if (*last == NULL) continue;
    while (*last != NULL) last = (void **)*last;
    *last = heir->rawfl[c];
    heir->rawfl[c] = m->rawfl[c];
    m->rawfl[c] = NULL;
  }
  memset(m->fl, 0, sizeof m->fl); /* in pages that are heir's now */
  memset(m->hidden, 0, sizeof m->hidden);
  memset(m->sweep, 0, sizeof m->sweep);
}

static void each_in_page(Page *pg, void (*fn)(Object *, void *), void *ud) {
  char *p = (char *)(pg + 1);
  for (uint32_t i = 0; i < pg->carved; i++, p += pg->cell)
    if (((Object *)(void *)p)->tt != TFREE) fn((Object *)(void *)p, ud);
}

/* Every object, dead ones not yet swept included. World stopped. */
void core_heap_each_object(Global *g, void (*fn)(Object *o, void *ud), void *ud) {
  for (Thr *m = g->thr; m != NULL; m = m->next) {
    for (size_t c = 0; c < OBJ_CLASSES; c++)
      for (Page *pg = m->pages[c]; pg != NULL; pg = pg->next) each_in_page(pg, fn, ud);
    for (Large *l = m->large; l != NULL; l = l->next) fn((Object *)(void *)(l + 1), ud);
  }
}

struct thread_visit {
  void (*fn)(lua_State *, bool, void *);
  void *ud;
  uint8_t epoch;
};
static void visit_thread(Object *o, void *ud) {
  struct thread_visit *v = ud;
  if (o->tt == TTHR) v->fn(obj_thread(o), o->mark == v->epoch, v->ud);
}
/* Every Lua thread, with whether the current epoch's marking reached it. World stopped. */
void core_heap_each_thread(Global *g, void (*fn)(lua_State *L1, bool live, void *ud), void *ud) {
  struct thread_visit v = {fn, ud, g->epoch};
  size_t c = (THREAD_OFFSET + sizeof(lua_State) + 15) >> 4;
  _Static_assert(THREAD_OFFSET + sizeof(lua_State) <= 512, "threads live in cells");
  for (Thr *m = g->thr; m != NULL; m = m->next)
    for (Page *pg = m->pages[c]; pg != NULL; pg = pg->next) each_in_page(pg, visit_thread, &v);
}

static void big_payload(Object *o, void *ud) { core_free_payload(ud, o); }

/* lua_close, after the last finalizer: everything back to the allocation function. */
void core_heap_destroy(Global *g) {
  lua_Alloc f = g->frealloc;
  void *ud = g->ud;
  core_heap_each_object(g, big_payload,
                        g->main); /* blocks beyond RAW_BIGGEST live outside chunks */
  for (Thr *m = g->thr; m != NULL; m = m->next) {
    for (Large *l = m->large, *n; l != NULL; l = n) {
      n = l->next;
      f(ud, l, l->size, 0);
    }
    for (size_t i = 0; i < m->nretired; i++)
      if (m->retired[i].size > RAW_BIGGEST) f(ud, m->retired[i].p, m->retired[i].size, 0);
    free(m->retired);
    free(m->finobj.a);
  }
  for (Thr *m = g->thr, *n; m != NULL; m = n) {
    n = m->next;
    free(m);
  }
  for (struct Chunk *c = g->chunks, *n; c != NULL; c = n) {
    n = c->next;
    f(ud, c, c->size, 0);
  }
}
