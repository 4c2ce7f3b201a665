/* state.h: Lua threads (lua_State), OS threads of a heap (Thr), and the heap itself (Global).
 *
 * Locking key
 *   (c) constant after creation           (t) only by the OS thread that runs it
 *   (w) written with the world stopped    (m) with Global.mu held
 *   (a) atomic; the order is given at each access */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <pthread.h>
#include <setjmp.h>
#include "gilt_core.h"
#include "object.h"

#define EXTRA_STACK 5 /* free slots behind stack_last, for metamethod calls */
#define BASIC_STACK 40
#define MAX_STACK   1000000 /* LUAI_MAXSTACK of the ABI: pseudo-indices start below it */
#define ERR_STACK   200     /* room for handling a stack overflow */
#define MAX_CCALLS  200
#define OBJ_CLASSES 33 /* cells of 16 .. 512 bytes */
#define RAW_CLASSES 81 /* 16 .. 512 by 16, then eight steps per doubling up to 32 KiB */
#define RAW_BIGGEST 32768

/* ---- call frames ---- */
enum {
  CI_C = 1 << 0,      /* runs a C function */
  CI_FRESH = 1 << 1,  /* vm_execute returns to C when this frame ends */
  CI_HOOKED = 1 << 2, /* runs a hook */
  CI_YPCALL = 1 << 3, /* a pcall that a yield may cross */
  CI_TAIL = 1 << 4,
  CI_FIN = 1 << 5, /* runs a finalizer */
  CI_TRANSFER = 1 << 6,
  CI_CLOSERET = 1 << 7, /* closing to-be-closed variables while returning */
  CI_HOOKOFF = 1 << 8,  /* saved: hooks were not allowed at the pcall */
  CI_ESCAPED = 1 << 9   /* other threads may reach a register: 16-byte register accesses */
};
#define CI_TBC           (1 << 10) /* C function with to-be-closed slots */
#define CI_HOOKYIELD     (1 << 11) /* the last hook of this frame yielded */
#define CI_LEQ           (1 << 12) /* runs __lt for __le: the result is to be negated */
#define CI_MODULE        (1 << 16) /* C function: modlock.c has work to do at its end */
#define CI_RECOVER_SHIFT 13 /* three bits: status to give a pcall whose close method yielded */

typedef struct CallInfo {
  Value *func, *top;
  struct CallInfo *prev, *next;
  const uint32_t *pc; /* Lua: saved pc */
  union {
    struct {
      lua_KFunction k;
      lua_KContext ctx;
      ptrdiff_t old_errfunc;
    } c;
    int nextra; /* Lua: number of extra varargs below func */
  } u;
  union {
    ptrdiff_t funcoff; /* CI_YPCALL: stack offset of the called function */
    int nyield;
    int nres; /* CI_CLOSERET */
    struct {
      unsigned short first, count;
    } transfer;
  } u2;
  int nresults;
  uint32_t status;
} CallInfo;
#define ci_is_lua(ci)  (!((ci)->status & CI_C))
#define ci_closure(ci) ((ci)->func->v.l)

struct ErrJmp {
  struct ErrJmp *prev;
  jmp_buf buf;
  volatile int status;
};

struct Global;
typedef struct Global Global;
struct Thr;
typedef struct Thr Thr;
struct ModLock;
typedef struct ModLock ModLock;

struct lua_State {
  Value *top;
  CallInfo *ci;
  Thr *m; /* the OS thread that runs this Lua thread; set by whoever claims it */
  Global *g;
  Value *stack, *stack_last;
  UpVal *openuv;
  uint8_t status; /* LUA_OK, LUA_YIELD or the error that killed it */
  uint8_t allowhook, is_base;
  volatile uint8_t trap; /* hooks set or frames escaped: executor leaves its fast table */
  volatile int hookmask;
  uint8_t claimed; /* (a) 1 while an OS thread runs or manipulates this shared coroutine */
  uint16_t cdepth; /* C calls in progress, resumers' included */
  uint16_t nny;    /* calls that cannot be yielded across */
  struct ErrJmp *errjmp;
  ptrdiff_t errfunc;
  lua_State *from; /* resumer, while running */
  volatile lua_Hook hook;
  int basehookcount, hookcount;
  int oldpc;
  uint32_t *tbc; /* offsets of pending to-be-closed slots */
  uint32_t ntbc, captbc;
  uint32_t nci;
  CallInfo base_ci;
};

/* ---- an OS thread of a heap ---- */
typedef struct Page {
  struct Page *next;
  uint32_t cell, ncell, carved;
  uint8_t swept; /* epoch in which it was last swept */
  bool small;    /* a raw block */
  uint8_t pad[2];
  uint64_t pad2[5];
} Page; /* 64 bytes, then the cells */
#define PAGE_BYTES 16384

typedef struct Large {
  struct Large *next;
  size_t size;
} Large; /* 16 bytes, then the object */

typedef struct Run { /* free memory for raw blocks of any size */
  struct Run *next;
  size_t size;
} Run;

typedef struct ObjVec {
  Object **a;
  size_t n, cap;
} ObjVec;

typedef struct Retired {
  void *p;
  size_t size;
} Retired;

enum { THR_RUN = 0, THR_SAFE = 1 };
enum {
  THR_COUNTING = 1, /* instructions are counted: hook.c */
  THR_GUARDED = 2   /* C functions may belong to a module that has a lock: modlock.c */
};

struct Thr {
  uint32_t poll; /* (a) nonzero: look at the requests at the next safepoint */
  uint32_t id;   /* (w) owner id */
  Global *g;     /* (c) */
  size_t debt;   /* (t) bytes allocated and not yet reported to Global.alloc */
  uint8_t epoch; /* (w) mark of new objects */
  uint8_t in_finalizer, gc_wanted, sweep_wanted;
  uint8_t modes;       /* THR_COUNTING (t), THR_GUARDED (w): what is seldom, in one look */
  uint8_t strtab_full; /* (t) the table of strings is to grow at the next safepoint */
  uint32_t nstr;       /* (t) new strings not yet counted in Global.nstr */
  /* The allocator: from here to pool_end it moves as a whole (core_heap_swap). */
  void *fl[OBJ_CLASSES];
  void *rawfl[RAW_CLASSES];
  char *rawb, *rawe;
  Run *runs;
  size_t compact_bytes; /* size of the heap when free blocks were last put together */
  Page *pages[OBJ_CLASSES];
  Page **sweep[OBJ_CLASSES]; /* next page to sweep; NULL when done */
  Large *large;
  Page *spare; /* empty pages kept for later */
  uint32_t nspare;
  uint8_t pieces, small_pages; /* taken at the beginning: heap.c */
  char pool_end;
  Node *batch_of; /* nodes set aside for this thread's insertions: batch_left below batch_at */
  uint32_t batch_at, batch_left;
  const Value *hot; /* [hot]: a slot in which another thread's store was found, and when */
  uint64_t hot_seen;
  /* seldom used below */
  int state;     /* (a) THR_RUN or THR_SAFE, seq_cst: pairs with stw_begin and handshake */
  uint32_t ack;  /* (a) last handshake seen */
  uint8_t poked; /* (a) the poll callback is due */
  uint8_t is_main;
  bool count_lines;         /* (t) hook.c */
  int count_left;           /* (t) instructions until the next event */
  const CallInfo *count_ci; /* (t) where the last counted instruction was */
  const uint32_t *count_pc;
  uint32_t deferred; /* imprecise polls that left a collection undone */
  uint32_t stw_depth;
  lua_State *L; /* running Lua thread; its `from` chain leads to base */
  lua_State *base;
  Thr *next;                       /* (m) */
  struct ModLock *modlock;         /* (t) the lock of a C module that it holds; NULL: none */
  const char *cstack, *cstack_end; /* (t) the C stack in use, while an emergency collection waits */
  const void *cfake;               /* (t) the same of AddressSanitizer */
  uint8_t refuse;                  /* (t) tests: an allocation fails a second time */
  Object *pin[4];                  /* (t) objects held by C locals across a lock wait: roots */
  ObjVec finobj;                   /* (t) objects with finalizers, oldest first */
  Retired *retired; /* (t) blocks that readers may still hold; freed in the next collection */
  size_t nretired, capretired;
  void *hidden[OBJ_CLASSES]; /* free cells while allocation failures are injected */
  uint64_t rng[4];
  struct gilt_core_counters count; /* (t) read by others while it runs: approximate */
  uint64_t stop_began;             /* (t) when this thread had stopped the world */
};

#define COUNT(m, what, n) RLX_SET((m)->count.what, (m)->count.what + (n))

/* ---- the heap ---- */
struct Global {
  Value registry;
  Table *mt[LUA_NUMTYPES]; /* metatables of basic types */
  String *metaname[META_COUNT];
  String *memerr;
  String **strtab; /* (a) buckets; CAS push, removal and growth with the world stopped */
  uint32_t strmask;
  lua_CFunction panic;
  lua_WarnFunction warnf;
  void *ud_warn;
  lua_Alloc frealloc;
  void *ud;
  lua_State *mainL;
  /* threads */
  pthread_mutex_t mu;       /* thread list, stop-the-world, handshakes */
  pthread_mutex_t alloc_mu; /* leaf: the allocation function, chunks, free pages */
  pthread_mutex_t fin_mu;   /* leaf: tobefnz, while threads run */
  Thr *thr;                 /* (m) */
  uint32_t nrunning;        /* (m) threads that ran when the world was last stopped, at least 1 */
  Thr *dead;                /* (m) ended threads: what they allocated, until the next collection */
  struct gilt_core_counters count; /* (m) of ended threads */
  Thr *main;
  uint32_t stw; /* (a) seq_cst: pairs with Thr.state */
  uint32_t hs;  /* (a) handshake counter */
  uint32_t nextid;
  uint8_t parallel; /* (w) threads have distinct owner ids */
  Thr *runner;      /* not parallel: the thread that ran last, whose allocator the next one takes */
  uint8_t closing;
  gilt_core_poll_fn pollfn;
  void *poll_ud;
  const struct gilt_core_counter *counter;
  struct ModLock *modlocks; /* (w) */
  gilt_core_gc_fn gcfn;
  void *gc_ud;
  /* collector */
  size_t credits;              /* (a) relaxed: what steps count for, as if it had been allocated */
  uint8_t epoch, epoch_before; /* (w) of this collection and the last: see gc.c */
  uint8_t gc_stopped, gc_gen, gc_stress;
  int gcpause, gcstepmul;
  size_t estimate;       /* live bytes after the last collection */
  size_t limit;          /* collect when alloc exceeds it */
  uint32_t markers;      /* how many mark; 0: as many as pay and as there are processors */
  uint32_t markers_last; /* that took part in the last collection */
  uint8_t mark_starved;  /* tests: no memory for marking */
  uint8_t mark_overflow; /* (a) relaxed: an object could not be kept for scanning */
  struct MarkPool *pool; /* helpers, once a collection was worth them */
  int pid;               /* of the process that opened the heap */
  ObjVec tobefnz;        /* (m) resurrected, finalizer pending; called from the end */
  Page *freepages;       /* (m) by alloc_mu */
  char *chunkb, *chunke;
  struct Chunk *chunks; /* everything obtained for pages and raw blocks, for lua_close */
  size_t chunkbytes;
  uint64_t ncollect, gc_ns, mark_ns, pause_last_ns, pause_max_ns;
  uint64_t nemergency;
  uint8_t collecting;       /* (w) */
  uint8_t mark_all_slots;   /* (w) this collection found a thread in the middle of an allocation */
  long failcount;           /* >= 0: allocations until one fails (tests) */
  gilt_core_fail_fn failfn; /* asked at each allocation (tests) */
  void *fail_ud;
  /* What threads write while they run in parallel: apart from what they read all the time. */
  char apart[64];
  size_t alloc;  /* (a) bytes reported by threads since the last collection */
  uint32_t nstr; /* (a) relaxed; strings in strtab, approximate while parallel */
  char apart2[64];
};

#endif
