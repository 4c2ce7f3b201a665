/* trampoline.c: entry points for callbacks of the commonest kind, without libffi.
 *
 * Where arguments and result are integers and pointers in registers, a function that takes six
 * integers serves all signatures (the mirror image of call_direct.c): it finds what it got in the
 * registers that the caller has set. There is a fixed number of them, each with a slot that says
 * which callback it is; when all are taken callbacks are made by libffi, as all others are. */
#include "callback_impl.h"

#include <stdio.h>

#if (defined __x86_64__ || defined __aarch64__) && !defined _WIN32 && !defined __ILP32__

/* [tramp-slot] release when a callback moves in, acquire in run: its members are seen. */
static _Atomic(struct callback *) slots[128];

static uint64_t run(unsigned slot, const uint64_t *regs) {
  struct callback *cb = atomic_load_explicit(&slots[slot], memory_order_acquire);
  uint64_t ret[CALLBACK_RESULT_BYTES / 8] = {0};
  union {
    const uint64_t *in;
    void *out;
  } args[6];
  if (cb == NULL || !atomic_load_explicit(&cb->direct, memory_order_relaxed)) {
    fprintf(stderr, "gilt: C called a callback that has been freed\n");
    return 0;
  }
  for (unsigned i = 0; i < 6; i++) args[i].in = regs + i;
  callback_entry(&cb->cif, ret, &args[0].out, cb);
  return ret[0];
}

#  define ONE(k)                                                                                   \
    static uint64_t tramp_##k(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,          \
                              uint64_t f) {                                                        \
      return run(0x##k, (uint64_t[6]){a, b, c, d, e, f});                                          \
    }
#  define NAME(k) tramp_##k,
#  define SIXTEEN(X, h)                                                                            \
    X(h##0)                                                                                        \
    X(h##1) X(h##2) X(h##3) X(h##4) X(h##5) X(h##6) X(h##7) X(h##8) X(h##9) X(h##a) X(h##b)        \
        X(h##c) X(h##d) X(h##e) X(h##f)
#  define ALL(X)                                                                                   \
    SIXTEEN(X, 0)                                                                                  \
    SIXTEEN(X, 1)                                                                                  \
    SIXTEEN(X, 2) SIXTEEN(X, 3) SIXTEEN(X, 4) SIXTEEN(X, 5) SIXTEEN(X, 6) SIXTEEN(X, 7)

ALL(ONE)

typedef uint64_t tramp(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
static tramp *const table[] = {ALL(NAME)};
_Static_assert(sizeof table / sizeof table[0] == sizeof slots / sizeof slots[0], "a slot each");

static bool in_register(const ctype *ct) {
  return ct->kind == CK_PTR || (ctype_is_integer(ct) && ctype_size(ct) <= sizeof(uint64_t));
}

bool trampoline_takes(const ctype *fn) {
  if (fn->nfields > 6 || (fn->base->kind != CK_VOID && !in_register(fn->base))) return false;
  for (uint32_t i = 0; i < fn->nfields; i++)
    if (!in_register(fn->params[i])) return false;
  return true;
}

void *trampoline_take(struct callback *cb) {
  void *code;
  for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
    struct callback *none = NULL;
    if (!atomic_compare_exchange_strong_explicit(&slots[i], &none, cb, memory_order_release,
                                                 memory_order_relaxed))
      continue;
    memcpy(&code, &table[i], sizeof code);
    return code;
  }
  return NULL;
}

void trampoline_give(struct callback *cb) {
  for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
    struct callback *mine = cb;
    if (atomic_compare_exchange_strong_explicit(&slots[i], &mine, NULL, memory_order_relaxed,
                                                memory_order_relaxed))
      return;
  }
}

#else

bool trampoline_takes(const ctype *fn) {
  (void)fn;
  return false;
}
void *trampoline_take(struct callback *cb) {
  (void)cb;
  return NULL;
}
void trampoline_give(struct callback *cb) { (void)cb; }

#endif
