/* value.h: tagged values, object headers, and the 16-byte atomic accesses everything shared rests
 * on.
 *
 * A Value is 16 bytes, 16-aligned. Registers (stack slots) belong to one thread and are read and
 * written as two plain parts. Every slot that two threads can reach (array part, hash node,
 * upvalue, user value, C upvalue) is read by pair_load and written by pair_store only: one aligned
 * 16-byte access, single-copy atomic on x86-64 CPUs with AVX and on aarch64 with LSE2. */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#pragma GCC visibility push(default)
#include <lua.h>
#include <lauxlib.h> /* C modules link to the functions of these that we define, too */
#include <lualib.h>
#pragma GCC visibility pop

#if defined(__x86_64__)
#  include <emmintrin.h>
#elif !defined(__aarch64__)
#  error "gilt's core needs 16-byte single-copy atomic accesses: x86-64 or aarch64"
#endif

/* ThreadSanitizer does not see inline assembly: it gets the same accesses through its own calls. */
#if defined(__has_feature)
#  if __has_feature(thread_sanitizer)
#    define CORE_TSAN 1
#    include <sanitizer/tsan_interface_atomic.h>
#  endif
#endif

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD        __attribute__((noinline, cold))
#define NOINLINE    __attribute__((noinline))

/* CORE_SINGLE compiles thread safety out, to measure what it costs (bench/bars safety), and for
 * nothing else: such a core must never see a second thread. */

/* Relaxed, acquire and release accesses to plain fields that other threads may touch. */
#ifdef CORE_SINGLE
#  define RLX(p)        (p)
#  define ACQ(p)        (p)
#  define RLX_SET(p, x) ((p) = (x))
#  define REL_SET(p, x) ((p) = (x))
#else
#  define RLX(p)        __atomic_load_n(&(p), __ATOMIC_RELAXED)
#  define ACQ(p)        __atomic_load_n(&(p), __ATOMIC_ACQUIRE)
#  define RLX_SET(p, x) __atomic_store_n(&(p), (x), __ATOMIC_RELAXED)
#  define REL_SET(p, x) __atomic_store_n(&(p), (x), __ATOMIC_RELEASE)
#endif

/* Tags. Low nibble: the LUA_T* type; bits 4-5: variant; bit 6: collectable. */
enum {
  TNIL = 0,
  TFALSE = 0x01,
  TTRUE = 0x11,
  TLUD = 0x02,
  TINT = 0x03,
  TFLT = 0x13,
  TSSTR = 0x44, /* interned */
  TLSTR = 0x54,
  TTAB = 0x45,
  TLCL = 0x46,
  TLCF = 0x16, /* light C function */
  TCCL = 0x66,
  TUD = 0x47,
  TTHR = 0x48,
  TUPV = 0x49,
  TPROTO = 0x4A,
  TDEADKEY = 0x0B, /* a collected key; its node stays for traversals */
  TCLAIMED = 0x1B  /* a node of a shared table that a thread fills at this moment (insert.c) */
};
#define TFREE       0 /* tag of a free heap cell */
#define TAG_GC      0x40
#define basetype(t) ((t)&0x0f)

/* Object header, 8 bytes.
 *   tt     (c) constant after creation
 *   mark   written by the collector with the world stopped; the epoch in which it was reached
 *   flags  per type: metamethod-absence bits (tables), upvalue count (closures), see object.h
 *   lock   spin byte (tables, upvalues); waits for it are safe regions
 *   owner  id of the owning thread, 0 once shared; never goes back while threads run in parallel.
 *          For strings it holds the hash: they are immutable and need no owner. */
typedef struct Object {
  uint8_t tt, mark, flags, lock;
  uint32_t owner;
} Object;

struct String;
struct Table;
struct LClosure;
struct CClosure;
struct Udata;
struct Proto;

typedef union Payload {
  Object *gc;
  void *p;
  lua_CFunction f;
  lua_Integer i;
  lua_Number n;
  uint64_t u;
  struct String *s;
  struct Table *t;
  struct LClosure *l;
  struct CClosure *c;
  struct Udata *ud;
} Payload;

typedef struct Value {
  _Alignas(16) Payload v;
  uint8_t tt;
  uint8_t unused[3];
  uint32_t writer; /* slots of shared tables: who stored last (share.c, [hot]); else anything */
} Value;

/* ---- 16-byte accesses ---- */
#if defined(CORE_SINGLE)
#  pragma GCC diagnostic ignored "-Wnull-dereference" /* seen wherever "no slot" is tested */
#  pragma GCC diagnostic ignored "-Wunused"
typedef struct Pair {
  uint64_t lo;
  uint8_t hi;
} Pair;
static inline Pair pair_load(const Value *p) { return (Pair){p->v.u, p->tt}; }
static inline Pair pair_make(uint64_t v, uint64_t tag) { return (Pair){v, (uint8_t)tag}; }
static inline unsigned pair_tag(Pair x) { return x.hi; }
static inline uint64_t pair_bits(Pair x) { return x.lo; }
static inline void pair_put(Value *reg, Pair x) {
  reg->v.u = x.lo;
  reg->tt = x.hi;
}
static inline void pair_store(Value *p, Pair x) { pair_put(p, x); }
#elif defined(__x86_64__)
typedef __m128i Pair;
/* Inline assembly on purpose: compilers may split the intrinsic into two loads. */
#  ifdef CORE_TSAN
static inline Pair pair_load(const Value *p) {
  __tsan_atomic128 v =
      __tsan_atomic128_load((const __tsan_atomic128 *)(const void *)p, __tsan_memory_order_acquire);
  Pair x;
  memcpy(&x, &v, sizeof x);
  return x;
}
static inline void pair_store(Value *p, Pair x) {
  __tsan_atomic128 v;
  memcpy(&v, &x, sizeof v);
  __tsan_atomic128_store((__tsan_atomic128 *)(void *)p, v, __tsan_memory_order_release);
}
#  else
static inline Pair pair_load(const Value *p) {
  Pair x;
  __asm__ volatile("movdqa %1, %0" : "=x"(x) : "m"(*(const __m128i *)(const void *)p));
  return x;
}
static inline void pair_store(Value *p, Pair x) {
  __asm__ volatile("movdqa %1, %0" : "=m"(*(__m128i *)(void *)p) : "x"(x));
}
#  endif
static inline Pair pair_make(uint64_t v, uint64_t tag) {
  return _mm_set_epi64x((long long)tag, (long long)v);
}
static inline unsigned pair_tag(Pair x) { return (unsigned)_mm_extract_epi16(x, 4) & 0xffu; }
static inline uint64_t pair_bits(Pair x) { return (uint64_t)_mm_cvtsi128_si64(x); }
static inline void pair_put(Value *reg, Pair x) { *(__m128i *)(void *)reg = x; }
#else
typedef struct Pair {
  uint64_t lo, hi;
} Pair;
/* Single-copy atomic with FEAT_LSE2, which the start-up check asks for. */
static inline Pair pair_load(const Value *p) {
  Pair x;
  __asm__ volatile("ldp %0, %1, [%2]" : "=r"(x.lo), "=r"(x.hi) : "r"(p) : "memory");
  __asm__ volatile("dmb ishld" ::: "memory"); /* [slot] acquire; pairs with pair_store */
  return x;
}
static inline void pair_store(Value *p, Pair x) {
  __asm__ volatile("dmb ish" ::: "memory"); /* [slot] release: the object before its reference */
  __asm__ volatile("stp %0, %1, [%2]" ::"r"(x.lo), "r"(x.hi), "r"(p) : "memory");
}
static inline Pair pair_make(uint64_t v, uint64_t tag) { return (Pair){v, tag}; }
static inline unsigned pair_tag(Pair x) { return (unsigned)x.hi & 0xffu; }
static inline uint64_t pair_bits(Pair x) { return x.lo; }
static inline void pair_put(Value *reg, Pair x) {
  reg->v.u = x.lo;
  reg->tt = (uint8_t)x.hi;
}
#endif

#if defined(__x86_64__)
static inline void cpu_relax(void) { _mm_pause(); }
/* A clock that costs a few nanoseconds; about how many of its ticks n nanoseconds are. */
static inline uint64_t cpu_ticks(void) { return __builtin_ia32_rdtsc(); }
static inline uint64_t cpu_ticks_of(uint64_t ns) { return ns * 5 / 2; }
#else
static inline void cpu_relax(void) { __asm__ volatile("yield"); }
static inline uint64_t cpu_ticks(void) {
  uint64_t t;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
  return t;
}
static inline uint64_t cpu_ticks_of(uint64_t ns) {
  uint64_t hz;
  __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
  return ns * (hz / 1000) / 1000000;
}
#endif

/* Order between two plain accesses to shared words: free on x86-64 (TSO), a barrier on aarch64. */
#if defined(CORE_SINGLE)
#  define order_stores() ((void)0)
#  define order_loads()  ((void)0)
#elif defined(__x86_64__)
#  define order_stores() __asm__ volatile("" ::: "memory")
#  define order_loads()  __asm__ volatile("" ::: "memory")
#else
#  define order_stores() __atomic_thread_fence(__ATOMIC_RELEASE)
#  define order_loads()  __atomic_thread_fence(__ATOMIC_ACQUIRE)
#endif

/* ---- registers (private) ---- */
static inline void val_copy(Value *d, const Value *s) {
  d->v = s->v;
  d->tt = s->tt;
}
static inline void set_int(Value *d, lua_Integer i) {
  d->v.i = i;
  d->tt = TINT;
}
static inline void set_flt(Value *d, lua_Number n) {
  d->v.n = n;
  d->tt = TFLT;
}
static inline void set_nil(Value *d) { d->tt = TNIL; }
static inline void set_bool(Value *d, int b) { d->tt = b ? TTRUE : TFALSE; }
static inline void set_obj(Value *d, void *o, uint8_t tt) {
  d->v.p = o;
  d->tt = tt;
}
/* ---- slots (possibly shared) ---- */
static inline void slot_get(Value *reg, const Value *slot) { pair_put(reg, pair_load(slot)); }
static inline Pair val_pair(const Value *reg) { return pair_make(reg->v.u, reg->tt); }
static inline void slot_set(Value *slot, const Value *reg) { pair_store(slot, val_pair(reg)); }
/* The same by a thread that may have company: the store says whose it is. */
static inline void slot_set_by(Value *slot, const Value *reg, uint32_t writer) {
  pair_store(slot, pair_make(reg->v.u, reg->tt | (uint64_t)writer << 32));
}
static inline unsigned slot_tag(const Value *slot) { return RLX(slot->tt); }

#define is_gc(o)    ((o)->tt & TAG_GC)
#define is_str(o)   (basetype((o)->tt) == LUA_TSTRING)
#define is_num(o)   (basetype((o)->tt) == LUA_TNUMBER)
#define is_nil(o)   ((o)->tt == TNIL)
#define is_false(o) ((o)->tt <= TFALSE) /* nil or false */
#define is_func(o)  (basetype((o)->tt) == LUA_TFUNCTION)

extern const Value core_nil;  /* an absent value */
extern const Value core_none; /* the value of an unacceptable index: LUA_TNONE */

#endif
