/* number.c: text to number, by Lua's rules (reference manual, 3.1 and 3.4.3). */
#include "proto.h"
#include "number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static int hex_value(int c) {
  if (is_digit(c)) return c - '0';
  int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static const char *skip_spaces(const char *s) {
  while (is_space((unsigned char)*s)) s++;
  return s;
}

/* A hexadecimal integer wraps around modulo 2^64. NULL when it is not one. */
static const char *scan_hex_int(const char *s, uint64_t *out) {
  uint64_t v = 0;
  const char *start = s;
  for (int d; (d = hex_value((unsigned char)*s)) >= 0; s++) v = v << 4 | (uint64_t)d;
  *out = v;
  return s == start ? NULL : s;
}

/* A decimal integer must fit (one more below zero than above), or it is a float. */
static const char *scan_dec_int(const char *s, bool negative, uint64_t *out) {
  uint64_t v = 0;
  const uint64_t max = (uint64_t)INT64_MAX + (negative ? 1 : 0);
  const char *start = s;
  for (; is_digit((unsigned char)*s); s++) {
    unsigned d = (unsigned)(*s - '0');
    if (v > (max - d) / 10) return NULL;
    v = v * 10 + d;
  }
  *out = v;
  return s == start ? NULL : s;
}

/* Scale a hexadecimal mantissa: value = (mant, plus a bit more when `sticky`) * 2^exp.
 * Rounded once, to nearest even, also where the result is subnormal. */
static double scale_hex(uint64_t mant, bool sticky, int64_t exp) {
  if (mant == 0) return 0.0;
  while (mant < UINT64_C(1) << 63) {
    mant <<= 1;
    exp--;
  }
  if (exp > 2000) exp = 2000;
  if (exp < -4000) exp = -4000;
  int drop = 11; /* 64 bits to the 53 of a double, fewer below 2^-1022 */
  if (exp + 63 < -1022) drop += (int)(-1022 - (exp + 63));
  if (drop > 65) return 0.0;
  uint64_t kept = drop >= 64 ? 0 : mant >> drop;
  uint64_t half = drop > 64 ? 0 : UINT64_C(1) << (drop - 1);
  uint64_t rest = drop >= 64 ? mant : mant & ((UINT64_C(1) << drop) - 1);
  if (drop <= 64 && (rest > half || (rest == half && (sticky || (kept & 1))))) kept++;
  return ldexp((double)kept, (int)exp + drop);
}

/* The decimal exponent after 'p' or 'e'; saturates. NULL without a digit. */
static const char *scan_exponent(const char *s, int64_t *out) {
  bool negative = *s == '-';
  int64_t e = 0;
  if (*s == '-' || *s == '+') s++;
  if (!is_digit((unsigned char)*s)) return NULL;
  for (; is_digit((unsigned char)*s); s++) {
    if (e < INT32_MAX) e = e * 10 + (*s - '0');
  }
  *out = negative ? -e : e;
  return s;
}

static const char *scan_hex_float(const char *s, double *out) {
  uint64_t mant = 0;
  int64_t exp = 0;
  bool sticky = false, any = false, point = false;
  for (;; s++) {
    int d = hex_value((unsigned char)*s);
    if (d < 0) {
      if (*s != '.' || point) break;
      point = true;
      continue;
    }
    any = true;
    if (mant >> 60 == 0) {
      mant = mant << 4 | (uint64_t)d;
      if (point) exp -= 4;
    } else { /* beyond 64 bits only "was there anything" matters */
      sticky = sticky || d != 0;
      if (!point) exp += 4;
    }
  }
  if (!any) return NULL;
  if (*s == 'p' || *s == 'P') {
    int64_t e;
    const char *after = scan_exponent(s + 1, &e);
    if (after != NULL) {
      s = after;
      exp += e;
    }
  }
  *out = scale_hex(mant, sticky, exp);
  return s;
}

/* strtod wants the decimal point of the thread's locale in place of '.'. */
static double libc_strtod(const char *s, size_t len) {
  const char *point = localeconv()->decimal_point;
  if (point[0] == '.' && point[1] == '\0') return strtod(s, NULL);
  char buf[FE_NUMERAL_MAX];
  size_t point_len = strlen(point), n = 0;
  for (size_t i = 0; i < len && n + point_len + 1 < sizeof buf; i++) {
    if (s[i] == '.') {
      memcpy(buf + n, point, point_len);
      n += point_len;
    } else {
      buf[n++] = s[i];
    }
  }
  buf[n] = '\0';
  return strtod(buf, NULL);
}

/* Up to 19 digits and a small power of ten are exact in two doubles, so that one rounding is the
 * right one; everything else goes to the C library. */
static const char *scan_dec_float(const char *s, double *out) {
  static const double pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char *start = s;
  uint64_t mant = 0;
  int64_t exp = 0;
  int digits = 0;
  bool any = false, point = false;
  for (;; s++) {
    if (*s == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit((unsigned char)*s)) break;
    any = true;
    if (mant != 0 || *s != '0') digits++;
    if (digits <= 19) mant = mant * 10 + (uint64_t)(*s - '0');
    if (point) exp--;
  }
  if (!any) return NULL;
  if (*s == 'e' || *s == 'E') {
    int64_t e;
    const char *after = scan_exponent(s + 1, &e);
    if (after != NULL) {
      s = after;
      exp += e;
    }
  }
  if (mant == 0)
    *out = 0.0;
  else if (digits <= 19 && mant <= UINT64_C(1) << 53 && exp >= -22 && exp <= 22)
    *out = exp < 0 ? (double)mant / pow10[-exp] : (double)mant * pow10[exp];
  else
    *out = libc_strtod(start, (size_t)(s - start));
  return s;
}

size_t fe_str2num(const char *text, struct fe_number *num) {
  const char *s = skip_spaces(text);
  bool negative = *s == '-', is_hex;
  uint64_t i = 0;
  if (*s == '-' || *s == '+') s++;
  is_hex = s[0] == '0' && (s[1] | 0x20) == 'x';
  if (is_hex) s += 2;

  const char *end = is_hex ? scan_hex_int(s, &i) : scan_dec_int(s, negative, &i);
  if (end != NULL && *(end = skip_spaces(end)) == '\0') {
    num->is_int = true;
    num->u.i = (int64_t)(negative ? 0 - i : i);
    return (size_t)(end - text) + 1;
  }

  double d;
  end = is_hex ? scan_hex_float(s, &d) : scan_dec_float(s, &d);
  if (end == NULL || *(end = skip_spaces(end)) != '\0') return 0;
  num->is_int = false;
  num->u.n = negative ? -d : d;
  return (size_t)(end - text) + 1;
}

bool fe_float_to_int(double n, int64_t *out) {
  if (!(n >= -0x1p63 && n < 0x1p63) || floor(n) != n) return false;
  *out = (int64_t)n;
  return true;
}
