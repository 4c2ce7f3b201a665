/* ffi_impl.h: what the files of interp/ffi/ share. README.md has the design and the lock order.
 *
 * A gffi_state is the ffi of one runtime: its types, its names, its callbacks. Types live as long
 * as the state and, once published, do not change; so a pointer to a type is its identity. */
#ifndef GILT_FFI_IMPL_H
#define GILT_FFI_IMPL_H

#include <ffi.h>
#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime.h"

typedef struct gffi_state gffi_state;
typedef struct ctype ctype;

/* ------------------------------------------------------------------ types (ctype.c) */

enum ctype_kind {
  CK_VOID,
  CK_BOOL,
  CK_INT,
  CK_FLOAT,
  CK_COMPLEX,
  CK_OPAQUE, /* a size and an alignment; __int128, _Float128 */
  CK_ENUM,
  CK_PTR,
  CK_ARRAY,
  CK_FUNC,
  CK_RECORD, /* struct or union */
  CK_CTYPE,  /* the type of a ctype object */
};

/* How a value is loaded, stored and passed. */
enum ctype_prim {
  CP_NONE,
  CP_BOOL,
  CP_I8,
  CP_U8,
  CP_I16,
  CP_U16,
  CP_I32,
  CP_U32,
  CP_I64,
  CP_U64,
  CP_F32,
  CP_F64,
  CP_LD,
  CP_PTR,
  CP_C32,
  CP_C64,
  CP_CLD,
  CP_AGG, /* record, array, opaque, function: by reference */
};

#define CQ_CONST    1u
#define CQ_VOLATILE 2u

#define CF_UNSIGNED 1u
#define CF_UNION    2u
#define CF_VARIADIC 4u
#define CF_VLA      8u  /* array [?], or a record whose last member is one */
#define CF_OPEN     16u /* array [] */
#define CF_PACKED   32u
#define CF_ALIGNED  64u  /* alignment set by an attribute */
#define CF_BITS     128u /* a record with bit-fields, itself or in a member */
#define CF_FLEX     256u /* a record whose last member is [] */

#define CT_INCOMPLETE SIZE_MAX

typedef struct cfield {
  const char *name; /* NULL: unnamed (anonymous record, padding bit-field) */
  ctype *ct;
  size_t offset;
  uint8_t bits;   /* width; 0: no bit-field */
  uint8_t bitpos; /* first bit, from the byte at `offset` */
  bool bitfield;  /* true for `: 0` too */
  bool packed;    /* input of the layout */
  bool last;      /* last member of its record: an array [0] or [1] there has no bound */
  bool is_const;  /* the field itself or the anonymous record that it lies in */
  uint32_t align; /* input of the layout: an attribute; 0: none */
} cfield;

struct ctype_meta;
struct call_plan;

/* Locking key: (c) constant once the type is published; (m) changes under gffi_state.mtx only,
 * before `complete`; (a) atomic. */
struct ctype {
  uint8_t kind;         /* (c) */
  uint8_t prim;         /* (c) */
  uint8_t quals;        /* (c) */
  atomic_bool complete; /* (a) [ctype-complete] release after size, align, fields */
  uint32_t flags;       /* (m) */
  uint32_t align;       /* (m) */
  uint32_t nfields;     /* (m) members, and function parameters */
  size_t size;          /* (m) CT_INCOMPLETE: not known */
  ctype *un;            /* (c) the same without qualifiers; itself where it has none */
  ctype *base;          /* (c) pointee, element, result, an enum's integer */
  ctype *origin;        /* (c) of a copy of a record with another alignment: the record; NULL */
  size_t nelem;         /* (c) of an array */
  uint8_t elem_get;     /* (c) of arrays and pointers to numbers: how an element is loaded */
  uint8_t elem_set;     /* (c) ... and stored; CP_NONE where it is not that simple */
  uint16_t elem_size;   /* (c) */
  uint8_t access; /* (c) both in one, for the cookie: AC_* and the element's enum ctype_prim */
  gffi_state *st; /* (c) */
  union {
    cfield *fields; /* (m) record */
    ctype **params; /* (c) function */
  };
  const char *name;            /* (c) basic type's name, or a tag; NULL */
  _Atomic(const char *) alias; /* (a) relaxed: the first typedef of a record without a tag */
  const char *where;           /* (m) place of the definition, for messages */
  uint32_t line;               /* (m) */
  uint32_t hash;               /* (c) of interned types */
  ctype *next;                 /* (m) chain of the intern table */
  /* Built on first use, one winner by compare-and-swap; never replaced. */
  _Atomic(struct ctype_meta *) meta; /* (a) [ctype-meta] Lua side: metatable, names */
  _Atomic(struct call_plan *) plan;  /* (a) [ctype-plan] functions */
  _Atomic(ffi_type *) ffitype;       /* (a) [ctype-ffi] */
};

/* A name: typedef, function, variable, constant. */
enum csym_kind { CS_TYPEDEF, CS_EXTERN, CS_INT, CS_FLOAT };
typedef struct csym {
  struct csym *next;
  const char *name;
  enum csym_kind kind;
  ctype *ct;
  const char *asmname; /* NULL: name */
  union {
    int64_t i;
    double d;
  };
  const char *where;
  uint32_t line;
  bool builtin; /* a declaration by the script may replace it */
} csym;

struct symtab {
  csym **slot;
  uint32_t cap, count;
};

struct arena_block;
struct callback;

/* Locks: mtx guards everything marked (m) here and in ctype. It is a leaf: no Lua API, no lock,
 * nothing that blocks under it.
 * hold_mtx, with the GIL off only: who has it is in C, in a call of mode `hold`. It is taken and
 * given up outside of the runtime, and nothing else is taken under it: see lock.c. */
struct gffi_state {
  pthread_mutex_t mtx;
  pthread_mutex_t hold_mtx;
  atomic_int holding;        /* (a) relaxed: calls that have hold_mtx or wait for it */
  gffi_state *next;          /* of all states: lock.c */
  gilt_runtime *rt;          /* (c) not a reference: the state dies with the runtime's heap */
  struct arena_block *arena; /* (m) */
  ctype **intern;            /* (m) */
  uint32_t intern_cap, intern_count;
  struct symtab names, tags;                /* (m) */
  struct ctype_meta *metas;                 /* (m) */
  struct callback *callbacks;               /* (m) all live ones */
  struct callback *freed_head, *freed_tail; /* (m) oldest first: kept from reuse for a while */
  uint32_t freed_count;
  uint32_t anon_count;     /* (m) */
  atomic_bool strict;      /* (a) relaxed */
  atomic_int default_mode; /* (a) relaxed: of ffi.C */
  uintptr_t cookie;        /* (c) */
  /* Basic types, (c). */
  ctype *t_void, *t_bool, *t_char, *t_schar, *t_uchar, *t_short, *t_ushort, *t_int, *t_uint;
  ctype *t_long, *t_ulong, *t_llong, *t_ullong, *t_float, *t_double, *t_ldouble;
  ctype *t_cfloat, *t_cdouble, *t_cldouble, *t_valist;
  ctype *t_int128, *t_uint128, *t_float128, *t_cfloat128, *t_float16, *t_cfloat16,
      *t_bf16; /* opaque */
  ctype *t_voidp, *t_ccharp, *t_ctype;
};

gffi_state *gffi_state_create(gilt_runtime *rt); /* NULL: no memory */
void gffi_state_destroy(gffi_state *st);

/* The functions below that make types are called with st->mtx held and return NULL without memory.
 */
void *arena_alloc(gffi_state *st, size_t size);
char *arena_strdup(gffi_state *st, const char *s, size_t len);
ctype *ctype_ptr(gffi_state *st, ctype *base);
ctype *ctype_array(gffi_state *st, ctype *base, size_t nelem, unsigned flags);
ctype *ctype_func(gffi_state *st, ctype *ret, ctype **params, uint32_t n, bool variadic);
ctype *ctype_qualified(gffi_state *st, ctype *ct, unsigned quals);
ctype *ctype_aligned(gffi_state *st, ctype *ct, uint32_t align); /* a basic type, other alignment */
ctype *ctype_new(gffi_state *st, enum ctype_kind kind);
ctype *ctype_new_record(gffi_state *st, const char *tag, bool is_union);
/* Same layout and meaning, names of basic types aside. */
bool ctype_same(const ctype *a, const ctype *b);
/* ... where anonymous records with the same members count as the same. */
bool ctype_equivalent(const ctype *a, const ctype *b, int depth);

csym *symtab_find(const struct symtab *tab, const char *name, size_t len);
csym *symtab_add(gffi_state *st, struct symtab *tab, const char *name, size_t len);

/* C declaration of ct around `name` ("" for none); always terminated, cut where too long. */
const char *ctype_repr(const ctype *ct, const char *name, char *buf, size_t cap);
#define CTYPE_REPR_MAX 256

static inline bool ctype_is_complete(const ctype *ct) {
  /* [ctype-complete] acquire: pairs with the release in the parser. */
  return atomic_load_explicit(&ct->un->complete, memory_order_acquire);
}
/* CT_INCOMPLETE for an incomplete type, a function, void and arrays without a size. */
static inline size_t ctype_size(const ctype *ct) {
  return ctype_is_complete(ct) ? ct->un->size : CT_INCOMPLETE;
}
static inline size_t ctype_align(const ctype *ct) {
  return ctype_is_complete(ct) ? ct->un->align : 1;
}
static inline bool ctype_is_aggregate(const ctype *ct) {
  return ct->kind == CK_RECORD || ct->kind == CK_ARRAY || ct->kind == CK_OPAQUE;
}
static inline bool ctype_is_integer(const ctype *ct) {
  return ct->kind == CK_INT || ct->kind == CK_BOOL || ct->kind == CK_ENUM;
}
static inline bool ctype_is_number(const ctype *ct) {
  return ct->kind == CK_INT || ct->kind == CK_FLOAT;
}
static inline bool ctype_is_byte(const ctype *ct) {
  return ct->kind == CK_INT && (ct->prim == CP_I8 || ct->prim == CP_U8);
}
/* A pointer to a function. */
static inline bool ctype_is_funcptr(const ctype *ct) {
  return ct->kind == CK_PTR && ct->base->kind == CK_FUNC;
}

/* layout.c: sets offsets, size and align from the members' types and attributes.
 * pack: of #pragma pack, 0 for none. False: the size does not fit. */
struct layout_attr {
  uint32_t pack, align;
  bool packed;
};
bool layout_record(ctype *ct, const struct layout_attr *attr);
/* Member by name, in anonymous members too. `out` gets the offset from the outermost record. */
bool record_find(const ctype *ct, const char *name, size_t len, cfield *out);

/* ------------------------------------------------------------------ declarations */

/* A `$` in a declaration. */
struct decl_param {
  enum { DP_TYPE, DP_INT, DP_NAME } kind;
  ctype *ct;
  int64_t i;
  const char *s;
  size_t len;
};
struct decl_source {
  const char *text;
  size_t len;
  const char *where; /* "script.lua:12" or NULL */
  const struct decl_param *params;
  size_t nparams;
};
#define DECL_ERROR_MAX 512
/* Take st->mtx. On failure `err` has the message, starting with line and column. */
bool decl_parse_all(gffi_state *st, const struct decl_source *src, char *err);
ctype *decl_parse_type(gffi_state *st, const struct decl_source *src, char *err);

/* ------------------------------------------------------------------ cdata (cdata.c) */

/* A C value in Lua: a full userdata. User value 1, where it has one, keeps alive what p points
 * into. The cookie makes any other userdata recognizable by its first word: it is the address,
 * COOKIE and, in the low bits, the type's access code, all combined by xor. */
#define AC_POINTER 32u /* through a pointer, not an array */
#define AC_CONST   64u /* elements that cannot be set */
#define AC_MASK    127u
typedef struct cdata {
  uintptr_t cookie;
  ctype *ct;
  void *p;      /* the value: behind this header, or elsewhere (a reference) */
  size_t nelem; /* elements of [?] and of arrays; CD_UNBOUNDED: not known */
} cdata;
#define CD_UNBOUNDED SIZE_MAX

/* What the closure of a C function keeps; follows its cdata. */
enum lock_mode { LOCK_RELEASE, LOCK_HOLD, LOCK_AUTO };
struct lock_stat {
  atomic_int mode;  /* enum lock_mode; relaxed */
  atomic_bool hold; /* what `auto` has learnt; relaxed */
  atomic_uint calls;
  _Atomic double mean_ns; /* of the samples; relaxed, a lost update is a lost sample */
};
typedef struct cfunc {
  cdata cd;
  const char *name; /* lives in the state */
  struct call_plan *plan;
  struct lock_stat lock;
} cfunc;

struct name_slot {
  const void *key;  /* an anchored short Lua string: equal pointers are equal strings */
  uint8_t get, set; /* how a number is loaded and stored; CP_NONE: not that simple */
  cfield field;
};
struct ctype_meta {
  struct ctype_meta *next;               /* all of the state, to be freed with it; under st->mtx */
  uint32_t mask;                         /* slots - 1 */
  atomic_bool taken;                     /* by the one ffi.metatype; relaxed */
  atomic_bool has_user, has_new, has_gc; /* set once, by ffi.metatype; relaxed */
  struct name_slot slot[];
};

gffi_state *gffi_of(lua_State *L); /* of L's runtime; raises when ffi is not open */
/* The cdata at idx, or NULL. Function closures are looked through. */
cdata *cdata_at(lua_State *L, int idx);
cdata *cdata_test(lua_State *L, int idx); /* userdata only */
/* New objects; they raise without memory. */
cdata *cdata_new(lua_State *L, ctype *ct, size_t size, size_t nelem); /* zeroed, owns its memory */
cdata *cdata_ref(lua_State *L, ctype *ct, void *p, size_t nelem, int anchor); /* anchor 0: none */
cdata *cdata_pointer(lua_State *L, ctype *ct, void *p, int anchor);
void cdata_bare_pointer(lua_State *L, ctype *ct, void *p); /* the caller sets the metatable */
void ctype_push(lua_State *L, ctype *ct);                  /* a ctype object */
void cdata_open(lua_State *L, gffi_state *st);
struct ctype_meta *cdata_push_metatable(lua_State *L, ctype *ct);
bool cdata_push_usermeta(lua_State *L, ctype *ct, const char *event); /* pushes if there is one */
void cdata_set_finalizer(lua_State *L, int obj);   /* the function or nil on the top; pops it */
void cdata_new_finalizer(lua_State *L, ctype *ct); /* __gc of a metatype, for the object on top */
bool cdata_has_new(const ctype *ct);
void cdata_set_metatype(lua_State *L, ctype *ct); /* the table at 2 */
int ctype_construct(lua_State *L);                /* lib_ffi.c: ffi.new with a ctype object at 1 */
int cdata_index(lua_State *L);
int cdata_newindex(lua_State *L);
void arith_register(lua_State *L); /* adds the metamethods to the table on the top */
void cdata_check_read(lua_State *L, const cdata *cd, const char *what);
/* Bytes from cd's data that are known to be there; CD_UNBOUNDED. */
size_t cdata_extent(const cdata *cd);
/* The address that a pointer, array, record or function cdata stands for. */
void *cdata_address(const cdata *cd);

/* ------------------------------------------------------------------ conversions (conv.c) */

/* For messages: what is being converted. */
struct conv_ctx {
  gffi_state *st;
  const char *func; /* argument `arg` of function `func`, or */
  int arg;
  const char *field; /* member `field` of `owner`, or */
  const ctype *owner;
  bool cast;  /* ffi.cast: pointers and numbers convert freely */
  size_t vla; /* ffi.new: elements of the record's last member [?] */
};
/* Stores the Lua value at idx into p as a ct. Raises on failure. */
void conv_store(lua_State *L, const struct conv_ctx *cx, ctype *ct, void *p, int idx);
/* Pushes the C value at p. Aggregates are pushed as references with `anchor` (0: none). */
void conv_push(lua_State *L, ctype *ct, void *p, int anchor);
void conv_push_bits(lua_State *L, const cfield *f, const void *base);
void conv_store_bits(lua_State *L, const struct conv_ctx *cx, const cfield *f, void *base, int idx);
void conv_push_u64(lua_State *L, gffi_state *st, uint64_t v);
/* The address for a parameter of pointer type ct; callbacks and records by value included. */
void *conv_pointer(lua_State *L, const struct conv_ctx *cx, ctype *ct, int idx);
int64_t conv_integer(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx);
double conv_number(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx);
/* Raises: cannot convert the value at idx to ct. */
int conv_fail(lua_State *L, const struct conv_ctx *cx, const ctype *ct, int idx, const char *why);
/* Initializers of ffi.new: n values from idx on (init.c). */
void init_store(lua_State *L, const struct conv_ctx *cx, cdata *cd, int idx, int n);
void init_table(lua_State *L, const struct conv_ctx *cx, ctype *ct, void *p, size_t nelem, int idx);
/* luaL_error, known not to return. */
_Noreturn void gffi_raise(lua_State *L, const char *fmt, ...);
ctype *gffi_pointer_type(lua_State *L, ctype *base); /* takes st->mtx; raises without memory */
/* Describes the Lua value at idx in a few words, on the stack; returns it. */
const char *value_repr(lua_State *L, int idx);

/* Numbers without a call: false where the value is another kind, or may not fit. */
static inline bool conv_push_number(lua_State *L, unsigned prim, const void *p) {
#define GFFI_PUSH(T, push, as)                                                                     \
  do {                                                                                             \
    T t;                                                                                           \
    memcpy(&t, p, sizeof t);                                                                       \
    push(L, (as)t);                                                                                \
    return true;                                                                                   \
  } while (0)
  switch (prim) {
  case CP_I8: GFFI_PUSH(int8_t, lua_pushinteger, lua_Integer);
  case CP_U8: GFFI_PUSH(uint8_t, lua_pushinteger, lua_Integer);
  case CP_I16: GFFI_PUSH(int16_t, lua_pushinteger, lua_Integer);
  case CP_U16: GFFI_PUSH(uint16_t, lua_pushinteger, lua_Integer);
  case CP_I32: GFFI_PUSH(int32_t, lua_pushinteger, lua_Integer);
  case CP_U32: GFFI_PUSH(uint32_t, lua_pushinteger, lua_Integer);
  case CP_I64: GFFI_PUSH(int64_t, lua_pushinteger, lua_Integer);
  case CP_F32: GFFI_PUSH(float, lua_pushnumber, lua_Number);
  case CP_F64: GFFI_PUSH(double, lua_pushnumber, lua_Number);
  default: return false;
  }
#undef GFFI_PUSH
}

static inline bool conv_store_number(lua_State *L, unsigned prim, void *p, int idx) {
#define GFFI_STORE(T)                                                                              \
  do {                                                                                             \
    T t = (T)v;                                                                                    \
    if ((lua_Integer)t != v) return false;                                                         \
    memcpy(p, &t, sizeof t);                                                                       \
    return true;                                                                                   \
  } while (0)
  if (prim == CP_F64 || prim == CP_F32) {
    if (lua_type(L, idx) != LUA_TNUMBER) return false;
    double d = lua_tonumber(L, idx);
    float f = (float)d;
    if (prim == CP_F64)
      memcpy(p, &d, sizeof d);
    else
      memcpy(p, &f, sizeof f);
    return true;
  }
  if (prim < CP_I8 || prim > CP_I64 || !lua_isinteger(L, idx)) return false;
  lua_Integer v = lua_tointeger(L, idx);
  switch (prim) {
  case CP_I8: GFFI_STORE(int8_t);
  case CP_U8: GFFI_STORE(uint8_t);
  case CP_I16: GFFI_STORE(int16_t);
  case CP_U16: GFFI_STORE(uint16_t);
  case CP_I32: GFFI_STORE(int32_t);
  case CP_U32: GFFI_STORE(uint32_t);
  default: GFFI_STORE(int64_t);
  }
#undef GFFI_STORE
}

static inline bool gffi_is_strict(gffi_state *st) {
  return atomic_load_explicit(&st->strict, memory_order_relaxed);
}

/* ------------------------------------------------------------------ calls */

#define CALLBACK_FAST_PARAMS 6

/* One per foreign call in progress on this thread; the innermost first. */
struct call_frame {
  struct call_frame *prev;
  lua_State *L;
  gffi_state *st;
  rt_thread *thread;
  bool released;
  bool held;       /* has hold_mtx; then it is released, too */
  int error_index; /* stack slot of a callback's error; 0: none */
  bool running;    /* in a callback: L runs it, and its stack is not that of the foreign call */
  /* The last callback of callback_fast.c: where on the stack its function and objects are. */
  const struct callback *cb;
  uint64_t cb_generation;
  int cb_at;
  cdata *cb_object[CALLBACK_FAST_PARAMS];
};
/* [initial-exec]: one load instead of a call; these words fit the static TLS reserve of dlopen. */
#define GFFI_TLS _Thread_local __attribute__((tls_model("initial-exec")))
extern GFFI_TLS struct call_frame *gffi_frame;
extern GFFI_TLS int gffi_errno; /* of this thread's last foreign call */

/* With ct->st->mtx held. NULL: err says what cannot be passed by value. */
ffi_type *ffitype_of(ctype *ct, char *err, size_t cap);
ffi_type *ffitype_of_param(ctype *ct, char *err, size_t cap);
bool ffitype_closure_takes(ctype *ct); /* as a parameter of a callback */
/* Pushes the closure for a C function; `anchor` (0: none) is kept alive by it. */
void call_push_function(lua_State *L, ctype *fn, void *addr, const char *name, int mode,
                        int anchor);
cfunc *call_function_at(lua_State *L, int idx); /* NULL: no such closure */
int call_cdata(lua_State *L);                   /* __call of function pointers */

/* call_direct.c: without libffi, where the ABI allows it. */
enum direct_ret { DR_NONE, DR_VOID, DR_INT, DR_F64, DR_F32, DR_II, DR_DD, DR_ID, DR_DI, DR_MEM };
struct direct_regs {
  uint64_t i[6];
  double d[8];
};
union direct_result {
  uint64_t i;
  double d;
  float f;
  struct {
    uint64_t a, b;
  } ii;
  struct {
    double a, b;
  } dd;
  struct {
    uint64_t a;
    double b;
  } id;
  struct {
    double a;
    uint64_t b;
  } di;
};
struct direct_arg { /* where a parameter goes: up to two registers */
  uint8_t n;        /* eightbytes */
  uint8_t reg[2];   /* 0..5 integer, 8..15 floating */
};
/* What compilers pass in different ways: bit-fields without a name that no integer shares the
 * eightbyte with (padding for clang, an integer for gcc), and ones of a union at an offset that is
 * not a multiple of the bytes they need (in memory for gcc, in registers for clang). */
bool bits_disputed(const ctype *record);
/* The registers of a record on x86-64: of each eightbyte 1 for integer, 2 for floating, 0 for
 * padding. False: memory, or only libffi knows. */
bool direct_record_classes(const ctype *ct, uint8_t cls[2]);
/* Plans the registers; false: this signature needs libffi. */
bool direct_plan(ctype *fn, struct direct_arg *args, enum direct_ret *ret, uint8_t *shape_out);
void direct_call(void *fn, enum direct_ret ret, uint8_t shape, const struct direct_regs *regs,
                 union direct_result *res);

/* lock.c: the modes. */
void lock_init(struct lock_stat *s, int mode);
bool lock_mode_parse(const char *name, int *mode_out);
const char *lock_mode_name(int mode);
uint64_t lock_now(void); /* nanoseconds */
/* auto: shall this call release? *sample: time it, for lock_learn. */
bool lock_decide(struct lock_stat *s, bool *sample);
/* Is call number n one that is timed? While calls are short one in 32 is; the first ones are. */
static inline bool lock_samples(unsigned n) { return n < 4 || (n & 31u) == 0; }
void lock_learn(struct lock_stat *s, uint64_t ns);
int lib_gil(lua_State *L); /* ffi.gil */
void lock_open(gffi_state *st);
void lock_close(gffi_state *st);
/* A call of mode `hold` on gilt's own core: with the GIL off it is the only such call meanwhile. */
void lock_hold_begin(struct call_frame *f);
void lock_hold_end(struct call_frame *f);   /* outside */
void lock_hold_again(struct call_frame *f); /* outside, after a callback */

/* callback.c */
void callback_fork_prepare(void); /* its locks: taken, given back in parent and child */
void callback_fork_done(void);
void *callback_create(lua_State *L, ctype *fn, int idx); /* raises; lives until freed */
void *callback_cached(lua_State *L, ctype *fn, int idx); /* one for each function and type */
struct lock_stat *callback_lock(lua_State *L, const void *code); /* NULL: no callback */
void callback_open(lua_State *L);
int callback_free(lua_State *L);
int callback_set(lua_State *L);
int callback_onerror(lua_State *L);
void callback_state_close(gffi_state *st);

/* clib.c: the library at idx, or NULL; its mode is that of functions looked up later. */
struct clib {
  void *handle;
  atomic_int mode; /* relaxed */
  bool is_default;
  char name[];
};
struct clib *clib_at(lua_State *L, int idx);
void clib_set_mode(lua_State *L, int idx, int mode);
void clib_open(lua_State *L, gffi_state *st); /* pushes ffi.C */
int clib_load(lua_State *L);

int luaopen_ffi(lua_State *L);

#endif
