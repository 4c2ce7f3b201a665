/* opcodes.h: the instruction set of Lua 5.4, as binary chunks hold it.
 *
 *   bit  31      24 23      16 15 14       7 6      0
 *   ABC  [   C    ] [   B    ] [k] [   A    ] [  op  ]
 *   ABx  [        Bx (17 bits)   ] [   A    ] [  op  ]   sBx = Bx - 65535
 *   Ax   [            Ax (25 bits)          ] [  op  ]
 *   sJ   [            sJ (25 bits)          ] [  op  ]   sJ = Ax - 16777215
 *
 * R[x] register, K[x] constant, U[x] upvalue, RK(C) = k ? K[C] : R[C], sB/sC = B/C - 127.
 */
#ifndef GILT_FRONT_OPCODES_H
#define GILT_FRONT_OPCODES_H

#include <stdbool.h>
#include <stdint.h>

/* X(name, format, sets A, test (a jump follows), reads the open top when B == 0, sets the open top
 * when C == 0, calls a metamethod for the instruction before it) */
#define FE_OPCODES(X)                                                                              \
  X(MOVE, ABC, 1, 0, 0, 0, 0)       /* R[A] = R[B] */                                              \
  X(LOADI, ASBX, 1, 0, 0, 0, 0)     /* R[A] = sBx */                                               \
  X(LOADF, ASBX, 1, 0, 0, 0, 0)     /* R[A] = (float)sBx */                                        \
  X(LOADK, ABX, 1, 0, 0, 0, 0)      /* R[A] = K[Bx] */                                             \
  X(LOADKX, ABX, 1, 0, 0, 0, 0)     /* R[A] = K[next Ax] */                                        \
  X(LOADFALSE, ABC, 1, 0, 0, 0, 0)  /* R[A] = false */                                             \
  X(LFALSESKIP, ABC, 1, 0, 0, 0, 0) /* R[A] = false; pc++ */                                       \
  X(LOADTRUE, ABC, 1, 0, 0, 0, 0)   /* R[A] = true */                                              \
  X(LOADNIL, ABC, 1, 0, 0, 0, 0)    /* R[A..A+B] = nil */                                          \
  X(GETUPVAL, ABC, 1, 0, 0, 0, 0)   /* R[A] = U[B] */                                              \
  X(SETUPVAL, ABC, 0, 0, 0, 0, 0)   /* U[B] = R[A] */                                              \
  X(GETTABUP, ABC, 1, 0, 0, 0, 0)   /* R[A] = U[B][K[C]], short string */                          \
  X(GETTABLE, ABC, 1, 0, 0, 0, 0)   /* R[A] = R[B][R[C]] */                                        \
  X(GETI, ABC, 1, 0, 0, 0, 0)       /* R[A] = R[B][C] */                                           \
  X(GETFIELD, ABC, 1, 0, 0, 0, 0)   /* R[A] = R[B][K[C]], short string */                          \
  X(SETTABUP, ABC, 0, 0, 0, 0, 0)   /* U[A][K[B]] = RK(C), short string */                         \
  X(SETTABLE, ABC, 0, 0, 0, 0, 0)   /* R[A][R[B]] = RK(C) */                                       \
  X(SETI, ABC, 0, 0, 0, 0, 0)       /* R[A][B] = RK(C) */                                          \
  X(SETFIELD, ABC, 0, 0, 0, 0, 0)   /* R[A][K[B]] = RK(C), short string */                         \
  X(NEWTABLE, ABC, 1, 0, 0, 0, 0)   /* R[A] = {}; B log2 of hash + 1, C array; EXTRAARG follows */ \
  X(SELF, ABC, 1, 0, 0, 0, 0)       /* R[A+1] = R[B]; R[A] = R[B][RK(C)], string */                \
  X(ADDI, ABC, 1, 0, 0, 0, 0)       /* R[A] = R[B] + sC */                                         \
  X(ADDK, ABC, 1, 0, 0, 0, 0)       /* R[A] = R[B] op K[C], number */                              \
  X(SUBK, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(MULK, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(MODK, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(POWK, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(DIVK, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(IDIVK, ABC, 1, 0, 0, 0, 0)                                                                     \
  X(BANDK, ABC, 1, 0, 0, 0, 0) /* R[A] = R[B] op K[C], integer */                                  \
  X(BORK, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(BXORK, ABC, 1, 0, 0, 0, 0)                                                                     \
  X(SHRI, ABC, 1, 0, 0, 0, 0) /* R[A] = R[B] >> sC */                                              \
  X(SHLI, ABC, 1, 0, 0, 0, 0) /* R[A] = sC << R[B] */                                              \
  X(ADD, ABC, 1, 0, 0, 0, 0)  /* R[A] = R[B] op R[C] */                                            \
  X(SUB, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(MUL, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(MOD, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(POW, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(DIV, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(IDIV, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(BAND, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(BOR, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(BXOR, ABC, 1, 0, 0, 0, 0)                                                                      \
  X(SHL, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(SHR, ABC, 1, 0, 0, 0, 0)                                                                       \
  X(MMBIN, ABC, 0, 0, 0, 0, 1)  /* metamethod C over R[A], R[B] */                                 \
  X(MMBINI, ABC, 0, 0, 0, 0, 1) /* metamethod C over R[A], sB; k: swapped */                       \
  X(MMBINK, ABC, 0, 0, 0, 0, 1) /* metamethod C over R[A], K[B]; k: swapped */                     \
  X(UNM, ABC, 1, 0, 0, 0, 0)    /* R[A] = -R[B] */                                                 \
  X(BNOT, ABC, 1, 0, 0, 0, 0)   /* R[A] = ~R[B] */                                                 \
  X(NOT, ABC, 1, 0, 0, 0, 0)    /* R[A] = not R[B] */                                              \
  X(LEN, ABC, 1, 0, 0, 0, 0)    /* R[A] = #R[B] */                                                 \
  X(CONCAT, ABC, 1, 0, 0, 0, 0) /* R[A] = R[A] .. ... .. R[A+B-1] */                               \
  X(CLOSE, ABC, 0, 0, 0, 0, 0)  /* close upvalues and variables >= R[A] */                         \
  X(TBC, ABC, 0, 0, 0, 0, 0)    /* R[A] is to be closed */                                         \
  X(JMP, SJ, 0, 0, 0, 0, 0)     /* pc += sJ */                                                     \
  X(EQ, ABC, 0, 1, 0, 0, 0)     /* if ((R[A] == R[B]) ~= k) pc++ */                                \
  X(LT, ABC, 0, 1, 0, 0, 0)     /* if ((R[A] < R[B]) ~= k) pc++ */                                 \
  X(LE, ABC, 0, 1, 0, 0, 0)     /* if ((R[A] <= R[B]) ~= k) pc++ */                                \
  X(EQK, ABC, 0, 1, 0, 0, 0)    /* if ((R[A] == K[B]) ~= k) pc++ */                                \
  X(EQI, ABC, 0, 1, 0, 0, 0)    /* if ((R[A] == sB) ~= k) pc++; C: was a float */                  \
  X(LTI, ABC, 0, 1, 0, 0, 0)                                                                       \
  X(LEI, ABC, 0, 1, 0, 0, 0)                                                                       \
  X(GTI, ABC, 0, 1, 0, 0, 0)                                                                       \
  X(GEI, ABC, 0, 1, 0, 0, 0)                                                                       \
  X(TEST, ABC, 0, 1, 0, 0, 0)       /* if (not R[A] == k) pc++ */                                  \
  X(TESTSET, ABC, 1, 1, 0, 0, 0)    /* if (not R[B] == k) pc++ else R[A] = R[B] */                 \
  X(CALL, ABC, 1, 0, 1, 1, 0)       /* R[A..A+C-2] = R[A](R[A+1..A+B-1]) */                        \
  X(TAILCALL, ABC, 1, 0, 1, 1, 0)   /* return R[A](R[A+1..A+B-1]); k: close; C: 1 + parameters */  \
  X(RETURN, ABC, 0, 0, 1, 0, 0)     /* return R[A..A+B-2]; k, C as in TAILCALL */                  \
  X(RETURN0, ABC, 0, 0, 0, 0, 0)    /* return */                                                   \
  X(RETURN1, ABC, 0, 0, 0, 0, 0)    /* return R[A] */                                              \
  X(FORLOOP, ABX, 1, 0, 0, 0, 0)    /* count R[A], R[A+3]; if it goes on pc -= Bx */               \
  X(FORPREP, ABX, 1, 0, 0, 0, 0)    /* prepare R[A..A+3]; if it never runs pc += Bx + 1 */         \
  X(TFORPREP, ABX, 0, 0, 0, 0, 0)   /* R[A+3] is to be closed; pc += Bx */                         \
  X(TFORCALL, ABC, 0, 0, 0, 0, 0)   /* R[A+4..A+3+C] = R[A](R[A+1], R[A+2]) */                     \
  X(TFORLOOP, ABX, 1, 0, 0, 0, 0)   /* if R[A+4] ~= nil: R[A+2] = R[A+4]; pc -= Bx */              \
  X(SETLIST, ABC, 0, 0, 1, 0, 0)    /* R[A][C+i] = R[A+i], 1 <= i <= B; k: EXTRAARG follows */     \
  X(CLOSURE, ABX, 1, 0, 0, 0, 0)    /* R[A] = closure of P[Bx] */                                  \
  X(VARARG, ABC, 1, 0, 0, 1, 0)     /* R[A..A+C-2] = varargs */                                    \
  X(VARARGPREP, ABC, 1, 0, 1, 0, 0) /* move A fixed parameters above the varargs */                \
  X(EXTRAARG, AX, 0, 0, 0, 0, 0)    /* argument of the instruction before it */

enum fe_op {
#define X(name, ...) OP_##name,
  FE_OPCODES(X)
#undef X
      FE_OP_COUNT
};

/* Numbers of the metamethod events that MMBIN, MMBINI and MMBINK carry. */
enum fe_event {
  FE_TM_ADD = 6,
  FE_TM_SUB,
  FE_TM_MUL,
  FE_TM_MOD,
  FE_TM_POW,
  FE_TM_DIV,
  FE_TM_IDIV,
  FE_TM_BAND,
  FE_TM_BOR,
  FE_TM_BXOR,
  FE_TM_SHL,
  FE_TM_SHR
};

#define FE_MAX_A    255
#define FE_MAX_B    255
#define FE_MAX_C    255
#define FE_MAX_BX   ((1 << 17) - 1)
#define FE_MAX_AX   ((1 << 25) - 1)
#define FE_BIAS_SBX (FE_MAX_BX >> 1)
#define FE_BIAS_SC  (FE_MAX_C >> 1)
#define FE_BIAS_SJ  (FE_MAX_AX >> 1)
#define FE_NO_REG   FE_MAX_A

static inline enum fe_op fe_op_of(uint32_t i) { return (enum fe_op)(i & 0x7f); }
static inline int fe_a(uint32_t i) { return (int)(i >> 7 & 0xff); }
static inline int fe_k(uint32_t i) { return (int)(i >> 15 & 1); }
static inline int fe_b(uint32_t i) { return (int)(i >> 16 & 0xff); }
static inline int fe_c(uint32_t i) { return (int)(i >> 24); }
static inline int fe_sb(uint32_t i) { return fe_b(i) - FE_BIAS_SC; }
static inline int fe_sc(uint32_t i) { return fe_c(i) - FE_BIAS_SC; }
static inline int fe_bx(uint32_t i) { return (int)(i >> 15); }
static inline int fe_sbx(uint32_t i) { return fe_bx(i) - FE_BIAS_SBX; }
static inline int fe_ax(uint32_t i) { return (int)(i >> 7); }
static inline int fe_sj(uint32_t i) { return fe_ax(i) - FE_BIAS_SJ; }

static inline uint32_t fe_abck(enum fe_op op, int a, int b, int c, int k) {
  return (uint32_t)op | (uint32_t)a << 7 | (uint32_t)k << 15 | (uint32_t)b << 16 |
         (uint32_t)c << 24;
}
static inline uint32_t fe_abx(enum fe_op op, int a, int bx) {
  return (uint32_t)op | (uint32_t)a << 7 | (uint32_t)bx << 15;
}
static inline uint32_t fe_axop(enum fe_op op, int ax) { return (uint32_t)op | (uint32_t)ax << 7; }

/* What an opcode does, for tables and dumps. */
enum fe_format { FE_FMT_ABC, FE_FMT_ABX, FE_FMT_ASBX, FE_FMT_AX, FE_FMT_SJ };
struct fe_opinfo {
  const char *name;
  uint8_t format;
  bool sets_a, test, open_in, open_out, metamethod;
};
extern const struct fe_opinfo fe_opinfo[FE_OP_COUNT];

#endif
