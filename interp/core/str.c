/* str.c: strings. Short ones are interned in one lock-free table of the heap: a lookup walks a
 * bucket with acquire loads, an insertion is a CAS push, removal and growth happen with the world
 * stopped (or in any case while only one thread runs): a parallel heap grows its table at a
 * safepoint. Long ones are plain objects, hashed when
 * first used as a key. */
#include <stdlib.h>
#include "core.h"
#include "mark.h"
#include "stress.h"

#define STRTAB_MIN 512

static uint32_t hash_bytes(const char *s, size_t len) {
  uint64_t h = 0x9E3779B97F4A7C15ull ^ (len * 0xFF51AFD7ED558CCDull);
  while (len >= 8) {
    uint64_t w;
    memcpy(&w, s, 8);
    h = (h ^ w) * 0x9FB21C651E98DF25ull;
    h ^= h >> 32;
    s += 8;
    len -= 8;
  }
  uint64_t w = 0;
  if (len >= 4) {
    uint32_t a, b;
    memcpy(&a, s, 4);
    memcpy(&b, s + len - 4, 4);
    w = (uint64_t)a << 32 | b;
  } else if (len > 0) {
    w = (uint64_t)(uint8_t)s[0] << 16 | (uint64_t)(uint8_t)s[len >> 1] << 8 | (uint8_t)s[len - 1];
  }
  h = (h ^ w) * 0x9FB21C651E98DF25ull;
  h ^= h >> 29;
  h *= 0x9FB21C651E98DF25ull;
  return (uint32_t)(h >> 32);
}

bool core_str_init(Global *g) {
  g->strmask = STRTAB_MIN - 1;
  g->strtab = calloc(STRTAB_MIN, sizeof *g->strtab);
  return g->strtab != NULL;
}

/* One thread runs: the world is stopped, or the heap is not parallel. */
static void strtab_grow(Global *g, uint32_t size) {
  String **nt = calloc(size, sizeof *nt);
  if (nt == NULL) return; /* longer chains, nothing worse */
  for (uint32_t i = 0; i <= g->strmask; i++)
    for (String *s = g->strtab[i], *n; s != NULL; s = n) {
      n = s->next;
      String **b = &nt[str_hash_field(s) & (size - 1)];
      s->next = *b;
      *b = s;
    }
  free(g->strtab);
  g->strtab = nt;
  g->strmask = size - 1;
}

/* A new string of a parallel heap. The table is counted in steps, so that the threads do not write
 * one word all the time; it cannot grow under their feet, so the thread that sees it full does that
 * at its next safepoint (core_str_safepoint). */
#define COUNT_STEP 64
static void count_new(Thr *m) {
  Global *g = m->g;
  COUNT(m, interned, 1);
  if (++m->nstr < COUNT_STEP) return;
  m->nstr = 0;
  uint32_t n = __atomic_add_fetch(&g->nstr, COUNT_STEP, __ATOMIC_RELAXED);
  if (n <= g->strmask || g->strmask >= (1u << 30) || m->strtab_full) return;
  m->strtab_full = 1;
  RLX_SET(m->poll, 1);
}

NOINLINE void core_str_safepoint(Thr *m) {
  Global *g = m->g;
  m->strtab_full = 0;
  if (RLX(g->nstr) <= RLX(g->strmask)) return; /* another thread was first */
  core_stw_begin(m);
  uint32_t size = g->strmask + 1;
  while (size <= g->nstr && size < (1u << 30)) size *= 2;
  if (size > g->strmask + 1) strtab_grow(g, size);
  core_stw_end(m);
}

static inline String *bucket_find(String *s, const char *p, size_t len, uint32_t h) {
  for (; s != NULL; s = s->next)
    if (str_hash_field(s) == h && s->len == len && memcmp(s->s, p, len) == 0) return s;
  return NULL;
}

static String *intern(lua_State *L, const char *p, size_t len) {
  Global *g = L->g;
  uint32_t h = hash_bytes(p, len);
  String **b = &g->strtab[h & g->strmask];
  String *head = ACQ(*b); /* [bucket] pairs with the CAS below: the string before its link */
  String *s = bucket_find(head, p, len, h);
  if (s != NULL) return s;
  uint64_t before = RLX(g->nemergency);
  s = obj_new(L, sizeof(String) + len + 1, TSSTR);
  str_hash_field(s) = h;
  s->len = len;
  memcpy(s->s, p, len);
  s->s[len] = '\0';
  if (unlikely(RLX(g->nemergency) != before)) { /* a collection inside the allocation */
    b = &g->strtab[h & g->strmask];
    head = ACQ(*b); /* [bucket] */
    String *won = bucket_find(head, p, len, h);
    if (won != NULL) {
      s->h.tt = TLSTR;
      return won;
    }
  }
  if (CORE_ALONE || !g->parallel) {
    s->next = *b;
    *b = s;
    if (unlikely(++g->nstr > g->strmask && g->strmask < (1u << 30)))
      strtab_grow(g, (g->strmask + 1) * 2);
    return s;
  }
  for (;;) {
    s->next = head;
    STRESS_POINT();
    String *seen = head;
    /* [bucket] release: contents first. Pairs with the acquire load above. */
    if (__atomic_compare_exchange_n(b, &seen, s, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) break;
    String *won = bucket_find(seen, p, len, h); /* only new heads can hold it; chains are short */
    if (won != NULL) {
      COUNT(L->m, intern_retries, 1);
      s->h.tt = TLSTR; /* ours becomes ordinary garbage */
      return won;
    }
    head = seen;
  }
  count_new(L->m);
  return s;
}

String *core_str_raw(lua_State *L, size_t len) {
  if (unlikely(len > SIZE_MAX / 2)) core_err_mem(L);
  String *s = obj_new(L, sizeof(String) + len + 1, TLSTR);
  str_hash_field(s) = 0;
  s->len = len;
  s->s[len] = '\0';
  return s;
}

String *core_str_new(lua_State *L, const char *s, size_t len) {
  if (len <= SHORT_MAX) return intern(L, s, len);
  String *r = core_str_raw(L, len);
  memcpy(r->s, s, len);
  return r;
}

String *core_str_lit(lua_State *L, const char *s) { return core_str_new(L, s, strlen(s)); }

/* A short string's hash is set; a long one's is computed on demand (any thread, same value). */
uint32_t core_str_hash(String *s) {
  uint32_t h = RLX(str_hash_field(s));
  if (h == 0 && s->h.tt == TLSTR) {
    h = hash_bytes(s->s, s->len);
    if (h == 0) h = 1;
    RLX_SET(str_hash_field(s), h);
  }
  return h;
}

bool core_str_eq_long(const String *a, const String *b) {
  return a == b || (a->len == b->len && memcmp(a->s, b->s, a->len) == 0);
}

/* Order of the current locale, piece by piece between embedded zeros, as strcoll sees C strings. */
int core_str_cmp(const String *a, const String *b) {
  const char *p = a->s, *q = b->s;
  size_t lp = a->len, lq = b->len;
  for (;;) {
    int c = strcoll(p, q);
    if (c != 0) return c;
    size_t n = strlen(p);
    if (n == lq) return n == lp ? 0 : 1;
    if (n == lp) return -1;
    n++;
    p += n;
    lp -= n;
    q += n;
    lq -= n;
  }
}

/* ---- removal ---- */
/* Live strings are spread all over memory, and reading the mark of each by way of its bucket is one
 * cache miss a string. So the cells are read first, in the order of memory, and the buckets that
 * hold a dead string are noted in a bitmap; then only those are gone through. Both passes fall into
 * parts that helpers take: pages, and ranges of buckets, which share nothing. */
#define BUCKETS_EACH  4096 /* buckets of a part; a multiple of 64 */
#define PAGES_EACH    64
#define BITMAP_LEAST  (4 * BUCKETS_EACH) /* smaller tables are gone through as they are */
#define SWEEP_AHEAD   16 /* buckets whose first string is on its way into the cache */
#define SHORT_CLASSES ((sizeof(String) + SHORT_MAX + 1 + 15) >> 4)

struct str_sweep {
  uint64_t *dirty; /* (a) relaxed: a bit for each bucket; NULL: all of them */
  uint32_t parts;  /* of the first pass */
  uint32_t dead;   /* (a) relaxed: a sum, read when all parts are done */
};

static void note_page(Global *g, struct str_sweep *w, const Page *pg) {
  const char *p = (const char *)(pg + 1);
  uint8_t before = g->epoch_before; /* older ones are unlinked already, and not yet swept */
  for (uint32_t i = 0; i < pg->carved; i++, p += pg->cell) {
    const Object *o = (const Object *)(const void *)p;
    if (o->tt != TSSTR || RLX(o->mark) != before) continue;
    uint32_t b = o->owner & g->strmask; /* the hash */
    __atomic_fetch_or(&w->dirty[b / 64], 1ull << b % 64, __ATOMIC_RELAXED);
  }
}

static void note_dead(Global *g, uint32_t part, void *ud) {
  struct str_sweep *w = ud;
  for (Thr *m = g->thr; m != NULL; m = m->next)
    for (size_t c = 0; c <= SHORT_CLASSES; c++) {
      uint32_t i = 0;
      for (Page *pg = m->pages[c]; pg != NULL; pg = pg->next)
        if (i++ / PAGES_EACH % w->parts == part) note_page(g, w, pg);
    }
}

static uint32_t sweep_bucket(String **p, uint8_t epoch) {
  uint32_t dead = 0;
  while (*p != NULL) {
    if (RLX((*p)->h.mark) == epoch) {
      p = &(*p)->next;
    } else {
      *p = (*p)->next;
      dead++;
    }
  }
  return dead;
}

static void sweep_buckets(Global *g, uint32_t part, void *ud) {
  struct str_sweep *w = ud;
  uint32_t dead = 0, i = part * BUCKETS_EACH, size = g->strmask + 1;
  uint32_t end = size - i < BUCKETS_EACH ? size : i + BUCKETS_EACH;
  for (; i < end; i++) {
    if (w->dirty != NULL) {
      if (i % 64 == 0 && w->dirty[i / 64] == 0) {
        i += 63;
        continue;
      }
      if (!(w->dirty[i / 64] >> i % 64 & 1)) continue;
    }
    if (i + SWEEP_AHEAD < end) __builtin_prefetch(g->strtab[i + SWEEP_AHEAD]);
    dead += sweep_bucket(&g->strtab[i], g->epoch);
  }
  __atomic_fetch_add(&w->dead, dead, __ATOMIC_RELAXED);
}

/* World stopped, marking done: unlink dead strings, adapt the size. */
void core_str_sweep(Marker *mk) {
  Global *g = mk->g;
  uint32_t size = g->strmask + 1;
  struct str_sweep w = {NULL, 1, 0};
  if (size >= BITMAP_LEAST && (w.dirty = calloc(size / 64, sizeof *w.dirty)) != NULL) {
    w.parts = mk->pool != NULL ? 4 : 1;
    core_pool_job(mk, note_dead, w.parts, &w);
  }
  core_pool_job(mk, sweep_buckets, (size - 1) / BUCKETS_EACH + 1, &w);
  free(w.dirty);
  g->nstr -= w.dead;
  for (Thr *m = g->thr; m != NULL; m = m->next) {
    g->nstr += m->nstr;
    m->nstr = 0;
  }
  uint32_t n = g->nstr;
  if (n > g->strmask) {
    while (size < n) size *= 2;
    strtab_grow(g, size * 2);
  } else if (n < g->strmask / 8 && size > STRTAB_MIN) {
    strtab_grow(g, size / 2);
  }
}
