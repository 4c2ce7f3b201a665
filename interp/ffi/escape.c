/* escape.c: can a Lua function hand on what it gets in its parameters? Where it provably cannot, a
 * callback passes the same pointer objects again in every call, instead of new ones.
 *
 * The answer comes from the function's code, as string.dump gives it for Lua 5.4. Its parameters
 * are the first registers. The proof is local: no instruction may read one of these registers but
 * as the thing that is indexed. Whatever copies a parameter (a local, an argument of a call, a
 * result, an upvalue of an inner function, an operand with metamethods of others) is refused, so
 * no other register ever holds it. An instruction that is not listed is refused too. */
#include "callback_impl.h"

#define DUMP_KEPT 4096 /* header and code of any function worth looking at */

struct dump {
  size_t len;
  unsigned char bytes[DUMP_KEPT];
};

static int keep(lua_State *L, const void *p, size_t n, void *user) {
  struct dump *d = user;
  (void)L;
  size_t room = sizeof d->bytes - d->len;
  if (n > room) n = room;
  if (n > 0) memcpy(d->bytes + d->len, p, n);
  d->len += n;
  return d->len == sizeof d->bytes;
}

/* A number of the dump: seven bits in each byte, the high bit marks the last. */
static bool read_number(const struct dump *d, size_t *at, size_t *out) {
  size_t v = 0;
  while (*at < d->len && v <= SIZE_MAX >> 8) {
    unsigned char b = d->bytes[(*at)++];
    v = v << 7 | (b & 0x7fu);
    if ((b & 0x80u) == 0) continue;
    *out = v;
    return true;
  }
  return false;
}

/* The layout that this reader knows: Lua 5.4, 4-byte instructions, 8-byte numbers. */
static bool known_header(const struct dump *d) {
  static const unsigned char head[] = {0x1b, 'L',  'u',  'a',  0x54, 0, 0x19, 0x93,
                                       '\r', '\n', 0x1a, '\n', 4,    8, 8};
  return d->len > 32 && memcmp(d->bytes, head, sizeof head) == 0;
}

enum roles {            /* how an instruction uses its operands */
             NEVER = 0, /* refused */
             KNOWN = 1, /* A is written, or there is nothing to check */
             READ_A = 2,
             READ_B = 4,
             READ_C = 8,
             READ_CK = 16, /* C is a register unless k is set */
};

/* Lua 5.4's instructions by number. What is indexed by GETI, SETI and the like is not "read". */
static const unsigned char roles[] = {
    [0] = KNOWN | READ_B,            /* MOVE */
    [1] = KNOWN,                     /* LOADI */
    [2] = KNOWN,                     /* LOADF */
    [3] = KNOWN,                     /* LOADK */
    [5] = KNOWN,                     /* LOADFALSE */
    [6] = KNOWN,                     /* LFALSESKIP */
    [7] = KNOWN,                     /* LOADTRUE */
    [8] = KNOWN,                     /* LOADNIL */
    [9] = KNOWN,                     /* GETUPVAL */
    [10] = KNOWN | READ_A,           /* SETUPVAL */
    [11] = KNOWN,                    /* GETTABUP */
    [12] = KNOWN | READ_C,           /* GETTABLE */
    [13] = KNOWN,                    /* GETI */
    [15] = KNOWN | READ_CK,          /* SETTABUP */
    [16] = KNOWN | READ_B | READ_CK, /* SETTABLE */
    [17] = KNOWN | READ_CK,          /* SETI */
    [21] = KNOWN | READ_B,           /* ADDI */
    [22] = KNOWN | READ_B,           /* ADDK and on */
    [23] = KNOWN | READ_B,
    [24] = KNOWN | READ_B,
    [25] = KNOWN | READ_B,
    [26] = KNOWN | READ_B,
    [27] = KNOWN | READ_B,
    [28] = KNOWN | READ_B,
    [29] = KNOWN | READ_B,
    [30] = KNOWN | READ_B,
    [31] = KNOWN | READ_B,
    [32] = KNOWN | READ_B,          /* SHRI */
    [33] = KNOWN | READ_B,          /* SHLI */
    [34] = KNOWN | READ_B | READ_C, /* ADD and on */
    [35] = KNOWN | READ_B | READ_C,
    [36] = KNOWN | READ_B | READ_C,
    [37] = KNOWN | READ_B | READ_C,
    [38] = KNOWN | READ_B | READ_C,
    [39] = KNOWN | READ_B | READ_C,
    [40] = KNOWN | READ_B | READ_C,
    [41] = KNOWN | READ_B | READ_C,
    [42] = KNOWN | READ_B | READ_C,
    [43] = KNOWN | READ_B | READ_C,
    [44] = KNOWN | READ_B | READ_C,
    [45] = KNOWN | READ_B | READ_C, /* SHR */
    [46] = KNOWN | READ_A | READ_B, /* MMBIN */
    [47] = KNOWN | READ_A,          /* MMBINI */
    [48] = KNOWN | READ_A,          /* MMBINK */
    [49] = KNOWN | READ_B,          /* UNM */
    [50] = KNOWN | READ_B,          /* BNOT */
    [51] = KNOWN | READ_B,          /* NOT */
    [52] = KNOWN | READ_B,          /* LEN */
    [53] = KNOWN | READ_A,          /* CONCAT: from A up */
    [56] = KNOWN,                   /* JMP */
    [57] = KNOWN | READ_A | READ_B, /* EQ */
    [58] = KNOWN | READ_A | READ_B, /* LT */
    [59] = KNOWN | READ_A | READ_B, /* LE */
    [60] = KNOWN | READ_A,          /* EQK */
    [61] = KNOWN | READ_A,          /* EQI and on */
    [62] = KNOWN | READ_A,
    [63] = KNOWN | READ_A,
    [64] = KNOWN | READ_A,
    [65] = KNOWN | READ_A, /* GEI */
    [66] = KNOWN | READ_A, /* TEST */
    [67] = KNOWN | READ_B, /* TESTSET */
    [68] = KNOWN | READ_A, /* CALL: function and arguments from A up */
    [70] = KNOWN | READ_A, /* RETURN: from A up */
    [71] = KNOWN,          /* RETURN0 */
    [72] = KNOWN | READ_A, /* RETURN1 */
    [73] = KNOWN | READ_A, /* FORLOOP */
    [74] = KNOWN | READ_A, /* FORPREP */
};

static bool harmless(uint32_t code, unsigned nparams) {
  unsigned op = code & 0x7fu, a = code >> 7 & 0xffu, b = code >> 16 & 0xffu, c = code >> 24;
  bool k = (code >> 15 & 1u) != 0;
  unsigned r = op < sizeof roles ? roles[op] : NEVER;
  if (r == NEVER) return false;
  if ((r & READ_A) != 0 && a < nparams) return false;
  if ((r & READ_B) != 0 && b < nparams) return false;
  if ((r & READ_C) != 0 && c < nparams) return false;
  return (r & READ_CK) == 0 || k || c >= nparams;
}

bool escape_free(lua_State *L, int idx) {
  struct dump d = {0};
  size_t at = 32, skipped, ncode; /* behind the header and the number of upvalues */
  if (!lua_isfunction(L, idx) || lua_iscfunction(L, idx)) return false;
  lua_pushvalue(L, idx);
  lua_dump(L, keep, &d, 1);
  lua_pop(L, 1);
  if (!known_header(&d) || d.bytes[at++] != 0x80) return false; /* stripped: no source */
  if (!read_number(&d, &at, &skipped) || !read_number(&d, &at, &skipped)) return false;
  if (d.len - at < 4) return false;
  unsigned nparams = d.bytes[at], vararg = d.bytes[at + 1];
  at += 3;
  if (vararg != 0 || !read_number(&d, &at, &ncode) || ncode > (d.len - at) / 4) return false;
  for (size_t i = 0; i < ncode; i++, at += 4) {
    uint32_t code;
    memcpy(&code, d.bytes + at, sizeof code);
    if (!harmless(code, nparams)) return false;
  }
  return true;
}
