/* fold.c: arithmetic on constants at compile time, with the results that it has at run time. */
#include "code.h"
#include "number.h"

#include <math.h>

/* --- integers: two's complement, wrapping --- */

static int64_t shift_left(int64_t x, int64_t by) {
  if (by <= -64 || by >= 64) return 0;
  return (int64_t)(by >= 0 ? (uint64_t)x << by : (uint64_t)x >> -by);
}

/* Quotient and remainder round towards minus infinity; `b` is not 0. */
static int64_t int_div(int64_t a, int64_t b) {
  if (b == -1) return (int64_t)(0 - (uint64_t)a);
  int64_t q = a / b;
  return a % b != 0 && (a ^ b) < 0 ? q - 1 : q;
}

static int64_t int_mod(int64_t a, int64_t b) {
  if (b == -1) return 0;
  int64_t r = a % b;
  return r != 0 && (r ^ b) < 0 ? r + b : r;
}

static int64_t fold_int(enum binop op, int64_t a, int64_t b) {
  uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
  switch ((int)op) {
  case BIN_ADD: return (int64_t)(ua + ub);
  case BIN_SUB: return (int64_t)(ua - ub);
  case BIN_MUL: return (int64_t)(ua * ub);
  case BIN_MOD: return int_mod(a, b);
  case BIN_IDIV: return int_div(a, b);
  case BIN_BAND: return (int64_t)(ua & ub);
  case BIN_BOR: return (int64_t)(ua | ub);
  case BIN_BXOR: return (int64_t)(ua ^ ub);
  case BIN_SHL: return shift_left(a, b);
  default: return b == INT64_MIN ? 0 : shift_left(a, -b);
  }
}

static double flt_mod(double a, double b) {
  double r = fmod(a, b);
  if (r > 0 ? b < 0 : r < 0 && b > 0) r += b;
  return r;
}

static double fold_flt(enum binop op, double a, double b) {
  switch ((int)op) {
  case BIN_ADD: return a + b;
  case BIN_SUB: return a - b;
  case BIN_MUL: return a * b;
  case BIN_MOD: return flt_mod(a, b);
  case BIN_POW: return b == 2 ? a * a : pow(a, b);
  case BIN_DIV: return a / b;
  default: return floor(a / b);
  }
}

static double as_flt(const struct expr *e) { return e->kind == X_INT ? (double)e->u.i : e->u.n; }

static bool as_int(const struct expr *e, int64_t *out) {
  if (e->kind != X_INT) return fe_float_to_int(e->u.n, out);
  *out = e->u.i;
  return true;
}

/* NaN and zero stay with the executor: their bits (-0, payload) would not survive the constants. */
static bool set_flt(struct expr *e, double n) {
  if (isnan(n) || n == 0) return false;
  e->kind = X_FLT;
  e->u.n = n;
  return true;
}

bool fe_fold_binary(enum binop op, struct expr *e1, const struct expr *e2) {
  if (op > BIN_SHR || !fe_is_numeral(e1) || !fe_is_numeral(e2)) return false;
  if ((op == BIN_DIV || op == BIN_IDIV || op == BIN_MOD) && as_flt(e2) == 0) return false;

  bool bitwise = op >= BIN_BAND;
  bool integers =
      bitwise || (e1->kind == X_INT && e2->kind == X_INT && op != BIN_DIV && op != BIN_POW);
  if (!integers) return set_flt(e1, fold_flt(op, as_flt(e1), as_flt(e2)));
  int64_t a, b;
  if (!as_int(e1, &a) || !as_int(e2, &b)) return false; /* an error at run time */
  e1->kind = X_INT;
  e1->u.i = fold_int(op, a, b);
  return true;
}

bool fe_fold_unary(enum unop op, struct expr *e) {
  int64_t i;
  if (!fe_is_numeral(e)) return false;
  if (op == UN_MINUS && e->kind == X_FLT) return set_flt(e, -e->u.n);
  if (!as_int(e, &i)) return false;
  e->kind = X_INT;
  e->u.i = op == UN_MINUS ? (int64_t)(0 - (uint64_t)i) : ~i;
  return true;
}
