/* litmus.c: litmus tests of the accesses that the core's protocols rest on, with the core's own
 * primitives: message passing, store buffering, load buffering, IRIW, coherence, publication of an
 * object, growth of an array, the store beside a resize, the safe-region handshake, and tearing of
 * 16-byte slots. A forbidden outcome fails.
 *   litmus [ROUNDS [no-tearing]]
 * Where nothing forbids an outcome (SB, LB with plain slots) it is counted only. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include "value.h"

#define THREADS_MAX 4

/* ---- rounds: a barrier that does not sleep ---- */
static struct { unsigned n, arrived, round; } gate;

static void meet(void) {
  unsigned r = __atomic_load_n(&gate.round, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&gate.arrived, 1, __ATOMIC_ACQ_REL) == gate.n) {
    __atomic_store_n(&gate.arrived, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&gate.round, r + 1, __ATOMIC_RELEASE);
    return;
  }
  for (unsigned n = 0; __atomic_load_n(&gate.round, __ATOMIC_ACQUIRE) == r;)
    if (++n > 200) sched_yield();
}

/* ---- what the threads share ----
 * Many instances, so that threads released together meet often: each goes through all of them. The
 * words of an instance lie far from each other. */
#define INSTANCES 256
struct object {
  Value field;
  uint64_t plain;
};
struct instance {
  _Alignas(128) Value x;
  _Alignas(128) Value y;
  _Alignas(128) struct object *obj;
  _Alignas(128) Value *arr;
  _Alignas(128) uint32_t asize;
  _Alignas(128) uint32_t flag;
  _Alignas(128) uint32_t ack;
  _Alignas(128) uint32_t state;
  _Alignas(128) uint32_t stw;
  struct object object;
  Value blocks[2][8];
  _Alignas(128) int64_t seen[THREADS_MAX][16];
};
static struct instance instances[INSTANCES];

static void set(Value *slot, int64_t i) { pair_store(slot, pair_make((uint64_t)i, TINT)); }
static int64_t get(const Value *slot) { return (int64_t)pair_bits(pair_load(slot)); }

static void clear(struct instance *s) {
  set(&s->x, 0);
  set(&s->y, 0);
  s->obj = NULL;
  s->arr = s->blocks[0];
  s->asize = 2;
  s->flag = s->ack = s->state = s->stw = 0;
  for (int b = 0; b < 2; b++)
    for (int i = 0; i < 8; i++) set(&s->blocks[b][i], b == 0 && i < 2 ? 1 : -1);
  memset(&s->object, 0, sizeof s->object);
  memset(s->seen, 0, sizeof s->seen);
}

/* ---- the tests: body(thread), then `bad` says whether the outcome is forbidden ---- */

/* Message passing by slots [slot]: whoever sees y sees x. Scripts: a flag set after the data. */
static void mp(struct instance *s, int t) {
  if (t == 0) {
    set(&s->x, 1);
    set(&s->y, 1);
  } else {
    s->seen[t][0] = get(&s->y);
    s->seen[t][1] = get(&s->x);
  }
}
static bool mp_bad(const struct instance *s) { return s->seen[1][0] == 1 && s->seen[1][1] == 0; }

/* Store buffering: allowed for slots (races may see both 0); counted. */
static void sb(struct instance *s, int t) {
  set(t == 0 ? &s->x : &s->y, 1);
  s->seen[t][0] = get(t == 0 ? &s->y : &s->x);
}
static bool sb_both_old(const struct instance *s) {
  return s->seen[0][0] == 0 && s->seen[1][0] == 0;
}

/* The same with the seq_cst words of [world]: a thread stores THR_RUN, then looks at stw; a stopper
 * stores stw, then looks at the state. One of them sees the other. */
static void world(struct instance *s, int t) {
  uint32_t *mine = t == 0 ? &s->state : &s->stw, *theirs = t == 0 ? &s->stw : &s->state;
  __atomic_store_n(mine, 1, __ATOMIC_SEQ_CST); /* pairs with the load below, in the other thread */
  s->seen[t][0] = __atomic_load_n(theirs, __ATOMIC_SEQ_CST);
}

/* Load buffering: a value out of thin air never comes; reading what comes later is forbidden by
 * the acquire load of a slot. */
static void lb(struct instance *s, int t) {
  s->seen[t][0] = get(t == 0 ? &s->x : &s->y);
  set(t == 0 ? &s->y : &s->x, 1);
}
static bool lb_bad(const struct instance *s) { return s->seen[0][0] == 1 && s->seen[1][0] == 1; }

/* Independent reads of independent writes: both architectures have one order of stores-> */
static void iriw(struct instance *s, int t) {
  switch (t) {
  case 0: set(&s->x, 1); break;
  case 1: set(&s->y, 1); break;
  case 2:
    s->seen[2][0] = get(&s->x);
    s->seen[2][1] = get(&s->y);
    break;
  default: s->seen[3][0] = get(&s->y); s->seen[3][1] = get(&s->x);
  }
}
static bool iriw_bad(const struct instance *s) {
  return s->seen[2][0] == 1 && s->seen[2][1] == 0 && s->seen[3][0] == 1 && s->seen[3][1] == 0;
}

/* Coherence: two reads of one slot never go back. */
static void corr(struct instance *s, int t) {
  if (t == 0) {
    set(&s->x, 1);
    set(&s->x, 2);
  } else {
    s->seen[t][0] = get(&s->x);
    s->seen[t][1] = get(&s->x);
  }
}
static bool corr_bad(const struct instance *s) { return s->seen[1][1] < s->seen[1][0]; }

/* Publication P: plain stores into an object, then its reference by a slot; and by DEP/REL_SET. */
static void publication(struct instance *s, int t) {
  if (t == 0) {
    struct object *o = &s->object;
    set(&o->field, 7);
    o->plain = 9;
    pair_store(&s->x, pair_make((uint64_t)(uintptr_t)o, TTAB));
    REL_SET(s->obj, o);
  } else {
    Pair p = pair_load(&s->x);
    struct object *o = (struct object *)(uintptr_t)pair_bits(p);
    if (pair_tag(p) == TTAB) {
      s->seen[t][0] = (int64_t)o->plain - 9;
      s->seen[t][1] = get(&o->field) - 7;
    }
    o = DEP(s->obj);
    if (o != NULL && RLX(o->plain) != 9) s->seen[t][0] = 1;
  }
}
static bool publication_bad(const struct instance *s) {
  return s->seen[1][0] != 0 || s->seen[1][1] != 0;
}

/* [array]: a new block, then asize; a reader takes asize, then the block. */
static void growth(struct instance *s, int t) {
  if (t == 0) {
    for (int i = 0; i < 2; i++) pair_store(&s->blocks[1][i], pair_load(&s->blocks[0][i]));
    for (int i = 2; i < 8; i++) set(&s->blocks[1][i], 5);
    order_stores();
    REL_SET(s->arr, s->blocks[1]);
    order_stores();
    REL_SET(s->asize, 8);
  } else {
    uint32_t n = ACQ(s->asize);
    order_loads();
    const Value *a = ACQ(s->arr);
    for (uint32_t i = 0; i < n; i++)
      if (get(&a[i]) < 0) s->seen[t][0] = 1;
  }
}
static bool reader_complained(const struct instance *s) { return s->seen[1][0] != 0; }

/* [inplace]: thread 0 resizes: flag, handshake with the other's acknowledgement, copy, new block.
 * Thread 1 stores in place if it saw no flag, and acknowledges at its next safepoint. The store is
 * in the block that counts in the end. */
static void inplace(struct instance *s, int t) {
  if (t == 0) {
    RLX_SET(s->flag, 1);
    __atomic_store_n(&s->stw, 1, __ATOMIC_SEQ_CST); /* the handshake's number and poll word */
    for (unsigned n = 0; !__atomic_load_n(&s->ack, __ATOMIC_SEQ_CST);)
      if (++n > 200) sched_yield();
    for (int i = 0; i < 2; i++) pair_store(&s->blocks[1][i], pair_load(&s->blocks[0][i]));
    order_stores();
    REL_SET(s->arr, s->blocks[1]);
    REL_SET(s->flag, 0); /* [inplace] the new block first */
    return;
  }
  for (int safepoint = 0; safepoint < 2; safepoint++) {
    Value *slot = ACQ(s->arr);
    bool resizing = ACQ(s->flag);
    if (!resizing && slot == ACQ(s->arr)) {
      set(slot, 42 + safepoint);
      s->seen[1][0] = 42 + safepoint; /* what has to be there in the end */
    }
    if (__atomic_load_n(&s->stw, __ATOMIC_SEQ_CST)) __atomic_store_n(&s->ack, 1, __ATOMIC_SEQ_CST);
  }
  __atomic_store_n(&s->ack, 1, __ATOMIC_SEQ_CST); /* a safe region */
}
static bool inplace_bad(const struct instance *s) {
  return s->seen[1][0] != 0 && get(s->arr) != s->seen[1][0];
}
static bool world_bad(const struct instance *s) { return s->seen[0][0] == 0 && s->seen[1][0] == 0; }

/* Tearing: payload and tag belong together, always-> The first thread writes integers, the second
 * floats of the same kind; the others read. */
static void tearing(struct instance *s, int t) {
  uint64_t i = (uint64_t)(uintptr_t)s;
  if (t == 0) {
    for (int k = 0; k < 8; k++) pair_store(&s->x, pair_make(i << 8 | TINT, TINT));
  } else if (t == 1) {
    for (int k = 0; k < 8; k++) pair_store(&s->x, pair_make(~i << 8 | TFLT, TFLT));
  } else {
    for (int k = 0; k < 16; k++) {
      Pair p = pair_load(&s->x);
      if (pair_bits(p) != 0 && (pair_bits(p) & 0xff) != pair_tag(p)) s->seen[1][0]++;
    }
  }
}

struct test {
  const char *name;
  int threads;
  void (*body)(struct instance *s, int t);
  bool (*outcome)(const struct instance *s);
  bool forbidden;
};
static const struct test tests[] = {
    {"message passing (MP)", 2, mp, mp_bad, true},
    {"store buffering (SB), slots", 2, sb, sb_both_old, false},
    {"store buffering, the world's words", 2, world, world_bad, true},
    {"load buffering (LB)", 2, lb, lb_bad, true},
    {"independent reads (IRIW)", 4, iriw, iriw_bad, true},
    {"coherence (CoRR)", 2, corr, corr_bad, true},
    {"publication", 2, publication, publication_bad, true},
    {"growth of an array", 2, growth, reader_complained, true},
    {"store beside a resize", 2, inplace, inplace_bad, true},
    {"tearing", 4, tearing, reader_complained, true},
};

static const struct test *current;
static long rounds;
static long outcomes;

static struct { _Alignas(128) long at; } place[THREADS_MAX];

/* Waits a little for those who are behind. */
static void keep_pace(int t, long i) {
  RLX_SET(place[t].at, i);
  for (int other = 0; other < current->threads; other++)
    for (int n = 0; n < 200 && RLX(place[other].at) < i; n++) cpu_relax();
}

static void *run(void *ud) {
  int t = (int)(intptr_t)ud;
  for (long r = 0; r < rounds; r++) {
    meet();
    for (int i = 0; i < INSTANCES; i++) {
      keep_pace(t, r * INSTANCES + i);
      current->body(&instances[i], t);
    }
    meet();
    for (int i = 0; t == 0 && i < INSTANCES; i++) {
      outcomes += current->outcome(&instances[i]);
      clear(&instances[i]);
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  int status = 0;
  rounds = argc > 1 ? atol(argv[1]) : 60;
  bool whole = argc <= 2 || strcmp(argv[2], "no-tearing") != 0;
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    pthread_t id[THREADS_MAX];
    current = &tests[i];
    if (!whole && current->body == tearing) {
      printf("%-36s skipped: no 16-byte atomicity here\n", current->name);
      continue;
    }
    gate.n = (unsigned)current->threads;
    outcomes = 0;
    for (int k = 0; k < INSTANCES; k++) clear(&instances[k]);
    memset(place, 0, sizeof place);
    for (int t = 0; t < current->threads; t++)
      if (pthread_create(&id[t], NULL, run, (void *)(intptr_t)t) != 0) return 2;
    for (int t = 0; t < current->threads; t++) pthread_join(id[t], NULL);
    bool bad = current->forbidden && outcomes > 0;
    printf("%-36s %ld of %ld%s\n", current->name, outcomes, rounds * INSTANCES,
           bad                  ? " BROKEN"
           : current->forbidden ? ""
                                : " (allowed)");
    status |= bad;
  }
  return status;
}
