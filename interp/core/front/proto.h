/* proto.h: what the front end hands to the executor: a tree of compiled functions.
 *
 * The tree is plain C data without any collectable object. Everything that hangs off a fe_unit
 * (protos, arrays, strings, the error message) lives in that unit's arena and dies with fe_free().
 * All functions are reentrant: no static mutable state, any number of units at once in any threads.
 */
#ifndef GILT_FRONT_PROTO_H
#define GILT_FRONT_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string; `data` is followed by a NUL that `len` does not count. Equal strings of one text unit
 * share one fe_str, so the pointer may be used as a key while the unit lives. */
struct fe_str {
  size_t len;
  uint32_t hash;  /* of the contents; private to the front end */
  int32_t token;  /* private to the lexer */
  int32_t kindex; /* private to the code generator */
  char data[];
};

/* Lengths up to this are "short" strings for the instruction set (GETFIELD and its like). */
#define FE_SHORT_STRING_MAX 40

enum fe_ktype { FE_KNIL, FE_KFALSE, FE_KTRUE, FE_KINT, FE_KFLT, FE_KSTR };

struct fe_const {
  enum fe_ktype type;
  union {
    int64_t i;
    double n;
    const struct fe_str *s;
  } u;
};

/* Kinds of a variable, as binary chunks number them. */
enum fe_varkind { FE_VAR_REGULAR = 0, FE_VAR_CONST = 1, FE_VAR_TOCLOSE = 2, FE_VAR_COMPTIME = 3 };

struct fe_upval {
  const struct fe_str *name; /* NULL in stripped chunks */
  uint8_t instack;           /* 1: a register of the enclosing function; 0: one of its upvalues */
  uint8_t idx;               /* which register or upvalue */
  uint8_t kind;              /* enum fe_varkind */
  /* 1: no code can assign the variable once a closure has captured it, so OP_CLOSURE may copy the
   * value instead of linking to the register. `local function f` captures itself so: store the
   * closure in R[A] before copying. For the main function's _ENV: nothing in the chunk assigns it.
   * (debug.setlocal and debug.setupvalue are not code.) For binary chunks it is derived from the
   * instructions, a little less precisely. */
  uint8_t byvalue;
};

enum {
  FE_LOC_CAPTURED = 1, /* some closure captures it */
  FE_LOC_BYREF = 2     /* captured, and assigned after that: it must be shared with the closure */
};

struct fe_locvar {
  const struct fe_str *name;
  int32_t startpc; /* first instruction where it is alive */
  int32_t endpc;   /* first instruction where it is dead */
  uint8_t reg;     /* its register; 0 in binary chunks, which do not tell */
  uint8_t flags;   /* FE_LOC_*; 0 in binary chunks */
};

struct fe_absline {
  int32_t pc;
  int32_t line;
};

/* Marks an instruction in `lineinfo` whose line stands in `abslineinfo`. */
#define FE_ABSLINE       (-0x80)
#define FE_ABSLINE_EVERY 128 /* at most so many instructions between two absolute lines */

struct fe_proto {
  uint32_t *code; /* stock Lua 5.4 encoding, see opcodes.h */
  struct fe_const *k;
  struct fe_upval *upvals;
  struct fe_proto **p;
  int8_t *lineinfo; /* line difference to the previous instruction; NULL when stripped */
  struct fe_absline *abslineinfo;
  struct fe_locvar *locvars;
  const struct fe_str *source; /* the same pointer in the whole unit; NULL when stripped */
  int32_t ncode, nk, np, nlineinfo, nabslineinfo, nlocvars;
  int32_t linedefined, lastlinedefined; /* both 0 for a main function's start */
  uint8_t nupvals;
  uint8_t numparams;
  uint8_t is_vararg;
  uint8_t maxstacksize;
  /* Registers that at some time hold a local captured by reference (bit r of byref[r/64]): where
   * the upvalues with instack == 1 and byvalue == 0 of the functions in `p` point to. All zero
   * means that no closure needs to reach into a frame of this function. */
  uint64_t byref[4];
};

/* Supplies source in pieces like a lua_Reader; NULL or *size_out == 0 ends it. A piece stays valid
 * until the next call. To give up (say, because the reader raised an error that its caller has
 * caught), return NULL with *size_out == FE_READ_FAILED: fe_compile then returns FE_STOPPED. */
typedef const char *fe_reader(void *ud, size_t *size_out);
#define FE_READ_FAILED SIZE_MAX

/* Like lua_Alloc: nsize 0 frees, NULL means no memory. Never called with a lock held. */
typedef void *fe_alloc(void *ud, void *ptr, size_t osize, size_t nsize);

/* Returns 0 to go on, anything else to stop; like lua_Writer. */
typedef int fe_writer(void *ud, const void *p, size_t size);

/* Statuses: the values of lua.h's LUA_OK, LUA_ERRRUN, LUA_ERRSYNTAX, LUA_ERRMEM. */
enum fe_status {
  FE_OK = 0,
  FE_ERRRUN = 2,    /* "C stack overflow", "too many ..."; stock Lua calls the message handler */
  FE_ERRSYNTAX = 3, /* also a bad binary chunk or one that `mode` forbids */
  FE_ERRMEM = 4,
  FE_STOPPED = -1 /* the reader gave up; no message */
};

struct fe_params {
  fe_reader *read;
  void *read_ud;
  fe_alloc *alloc; /* NULL: malloc */
  void *alloc_ud;
  const char *chunkname; /* as in lua_load: "@file", "=name" or the source itself; NULL: "?" */
  const char *mode;      /* "b", "t", "bt"; NULL allows both */
  int clevels;           /* C levels (of the 200 allowed) in use when called */
};

struct fe_unit {
  const struct fe_proto *main; /* NULL on failure */
  const char *message;         /* on failure; NUL-terminated; NULL for FE_STOPPED */
  size_t message_len;
  void *arena; /* private */
  bool binary; /* the chunk was precompiled */
};

/* Compile source or load a binary chunk (fully validated, see verify.c).
 * Owns:    fills *unit_out in every case; the caller calls fe_free() in every case.
 * Returns: enum fe_status. After FE_ERRMEM everything is freed already and the message is static.
 */
int fe_compile(const struct fe_params *params, struct fe_unit *unit_out);
void fe_free(struct fe_unit *unit);

/* Write `main` as a binary chunk of stock Lua 5.4. Needs no arena: the executor may build the tree
 * as views of its own arrays. `source` pointers are compared to leave out repetitions.
 * Returns: 0, or what the writer returned. */
int fe_dump(const struct fe_proto *main, bool strip, fe_writer *write, void *ud);

/* Line of instruction pc, -1 when the chunk is stripped. */
int fe_line_of(const struct fe_proto *p, int pc);

/* Name of the `n`th (from 1) local alive at pc, or NULL. */
const struct fe_str *fe_local_name(const struct fe_proto *p, int n, int pc);

/* Text to number by Lua's rules: spaces around it, sign, decimal and hexadecimal integers (these
 * wrap around) and floats, decimal integers that do not fit become floats. `s` ends with NUL.
 * Returns: bytes used with the NUL (strlen(s) + 1), 0 when `s` is not a numeral. */
struct fe_number {
  bool is_int;
  union {
    int64_t i;
    double n;
  } u;
};
size_t fe_str2num(const char *s, struct fe_number *num_out);

/* Make the printable chunk name for messages; `out` gets at most FE_IDSIZE bytes with the NUL. */
#define FE_IDSIZE 60
void fe_chunkid(char *out, const char *source, size_t source_len);

#endif
