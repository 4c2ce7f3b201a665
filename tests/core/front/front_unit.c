/* front_unit.c: the interface of the front end: inputs, modes, captures, debug information,
 * numbers. */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opcodes.h"
#include "proto.h"

static int failed;

#define EXPECT(cond)                                                                               \
  do {                                                                                             \
    if (!(cond)) {                                                                                 \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                   \
      failed++;                                                                                    \
    }                                                                                              \
  } while (0)

static int compile(const char *text, struct fe_unit *unit) {
  struct source s = {text, strlen(text), 0, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=unit"};
  return fe_compile(&params, unit);
}

/* --- captures --- */

static const struct fe_upval *find_upval(const struct fe_proto *p, const char *name) {
  for (int i = 0; i < p->np; i++) {
    const struct fe_proto *inner = p->p[i];
    for (int u = 0; u < inner->nupvals; u++) {
      if (strcmp(inner->upvals[u].name->data, name) == 0) return &inner->upvals[u];
    }
    const struct fe_upval *deeper = find_upval(inner, name);
    if (deeper != NULL) return deeper;
  }
  return NULL;
}

static bool any_byref(const struct fe_proto *p) {
  return (p->byref[0] | p->byref[1] | p->byref[2] | p->byref[3]) != 0;
}

static void test_captures(void) {
  static const struct {
    const char *text;
    bool byvalue; /* of x */
  } cases[] = {
      {"local x = 1 f = function() return x end", true},
      {"local x <const> = {} f = function() return x end", true},
      {"local x <close> = nil f = function() return x end", true},
      {"local function g(x) return function() return x end end", true},
      {"local function g(x) x = x or 1 return function() return x end end", true},
      {"local x if a then x = 1 else x = 2 end f = function() return x end", true},
      {"local x while a do x = b end f = function() return x end", true},
      {"for x = 1, 9 do f[x] = function() return x end end", true},
      {"for k, x in p do f[k] = function() return x end end", true},
      {"while a do local x = b x = x + 1 f = function() return x end end", true},
      {"local function x(n) return x(n - 1) end", true},
      {"local function x() return function() return x end end", true},
      {"repeat local x = 1 f = function() return x end until x", true},
      {"do local x = 1 f = function() return x end goto e end ::e::", true},
      {"::top:: local x = a f = function() return x end if b then goto top end", true},
      {"local x = 1 f = function() return function() return function() return x end end end", true},
      {"local x = 1 f = function() return x end x = 2", false},
      {"local x = 1 f = function() x = 2 end", false},
      {"local x = 1 f = function() return x end g = function() x = 2 end", false},
      {"local x x = function() return x end", false},
      {"local x, y x, y = 1, function() return x end", false},
      {"local x = 0 while a do x = x + 1 f = function() return x end end", false},
      {"local x = 0 repeat x = x + 1 f = function() return x end until x > 9", false},
      {"local x = 0 for i = 1, 9 do x = x + i f = function() return x end end", false},
      {"local x = 0 for i in p do x = x + i f = function() return x end end", false},
      {"local x = 0 ::top:: x = x + 1 f = function() return x end if x < 9 then goto top end",
       false},
      {"for x = 1, 9 do f = function() return x end x = x + 1 end", false},
      {"local function g(x) local function h() x = 1 end return function() return x end end",
       false},
      {"local x = 1 f = function() return function() x = 2 end end", false},
      {"local x f = function() return x end function x() end", false},
      {"local x = 0 while a do local y = x f = function() return x end x = y end", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct fe_unit unit;
    EXPECT(compile(cases[i].text, &unit) == FE_OK);
    const struct fe_upval *u = unit.main != NULL ? find_upval(unit.main, "x") : NULL;
    if (u == NULL || u->byvalue != cases[i].byvalue) {
      fprintf(stderr, "capture of x in: %s\n", cases[i].text);
      failed++;
    }
    fe_free(&unit);
  }
}

static void test_frames(void) {
  struct fe_unit unit;
  EXPECT(compile("local a, x = 1, 2 f = function() x = a end", &unit) == FE_OK);
  EXPECT(unit.main->byref[0] == 2);
  EXPECT(unit.main->nlocvars == 2);
  EXPECT(unit.main->locvars[0].flags == FE_LOC_CAPTURED && unit.main->locvars[0].reg == 0);
  EXPECT(unit.main->locvars[1].flags == (FE_LOC_CAPTURED | FE_LOC_BYREF));
  EXPECT(unit.main->locvars[1].reg == 1);
  EXPECT(unit.main->upvals[0].byvalue == 1);
  fe_free(&unit);
  EXPECT(compile("local a = 1 f = function() return a end _ENV = {}", &unit) == FE_OK);
  EXPECT(!any_byref(unit.main));
  EXPECT(unit.main->upvals[0].byvalue == 0);
  fe_free(&unit);
}

/* --- input --- */

static const char *stopping_read(void *ud, size_t *size_out) {
  int *calls = ud;
  if ((*calls)++ > 0) {
    *size_out = FE_READ_FAILED;
    return NULL;
  }
  *size_out = 6;
  return "local ";
}

static void test_reader(void) {
  struct fe_unit unit;
  int calls = 0;
  struct fe_params params = {.read = stopping_read, .read_ud = &calls, .chunkname = "=r"};
  EXPECT(fe_compile(&params, &unit) == FE_STOPPED);
  EXPECT(unit.main == NULL && unit.message == NULL && calls == 2);
  fe_free(&unit);
  fe_free(&unit); /* may be repeated */
}

static void expect_message(const char *text, const char *mode, const char *message) {
  struct source s = {text, strlen(text), 0, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=m", .mode = mode};
  struct fe_unit unit;
  EXPECT(fe_compile(&params, &unit) == (message != NULL ? FE_ERRSYNTAX : FE_OK));
  if (message != NULL && strcmp(unit.message, message) != 0) {
    fprintf(stderr, "got: %s\nnot: %s\n", unit.message, message);
    failed++;
  }
  EXPECT(message == NULL || unit.message_len == strlen(message));
  fe_free(&unit);
}

static void test_modes(void) {
  expect_message("return 1", NULL, NULL);
  expect_message("return 1", "t", NULL);
  expect_message("return 1", "bt", NULL);
  expect_message("", "t", NULL);
  expect_message("return 1", "b", "attempt to load a text chunk (mode is 'b')");
  expect_message("", "b", "attempt to load a text chunk (mode is 'b')");
  expect_message("\x1bLua", "t", "attempt to load a binary chunk (mode is 't')");
  expect_message("\x1bLua", "b", "m: bad binary format (truncated chunk)");
  expect_message("\x1bLuaS", "b", "m: bad binary format (version mismatch)");
  expect_message("\x1bLux", "b", "m: bad binary format (not a binary chunk)");
}

static void test_levels(void) {
  struct source s = {"x = ((1))", 9, 0, 0};
  struct fe_params params = {.read = source_read, .read_ud = &s, .chunkname = "=l", .clevels = 196};
  struct fe_unit unit;
  EXPECT(fe_compile(&params, &unit) == FE_ERRRUN);
  EXPECT(unit.message != NULL && strcmp(unit.message, "C stack overflow") == 0);
  fe_free(&unit);
  s.at = 0;
  params.clevels = 195;
  EXPECT(fe_compile(&params, &unit) == FE_OK);
  fe_free(&unit);
}

/* --- names, lines, numbers --- */

static void expect_id(const char *source, const char *id) {
  char out[FE_IDSIZE];
  fe_chunkid(out, source, strlen(source));
  if (strcmp(out, id) == 0) return;
  fprintf(stderr, "%s: got %s, not %s\n", source, out, id);
  failed++;
}

static void test_chunkid(void) {
  expect_id("=stdin", "stdin");
  expect_id("=", "");
  expect_id("@", "");
  expect_id("@dir/file.lua", "dir/file.lua");
  expect_id("x = 1", "[string \"x = 1\"]");
  expect_id("x = 1\ny = 2", "[string \"x = 1...\"]");
  expect_id("\n", "[string \"...\"]");
  expect_id("", "[string \"\"]");
  expect_id("=0123456789012345678901234567890123456789012345678901234567890123456789",
            "01234567890123456789012345678901234567890123456789012345678");
  expect_id("@0123456789012345678901234567890123456789012345678901234567890123456789",
            "...45678901234567890123456789012345678901234567890123456789");
  expect_id("0123456789012345678901234567890123456789012345678901234567890123456789",
            "[string \"012345678901234567890123456789012345678901234...\"]");
}

static void test_debug_info(void) {
  struct fe_unit unit;
  EXPECT(compile("local a\nlocal b = 1\ndo local c = a end\n\nreturn b\n", &unit) == FE_OK);
  const struct fe_proto *p = unit.main;
  EXPECT(fe_line_of(p, 0) == 1 && fe_line_of(p, 1) == 1 && fe_line_of(p, 2) == 2);
  EXPECT(fe_line_of(p, 3) == 3 && fe_line_of(p, 4) == 5);
  EXPECT(fe_local_name(p, 1, 1) == NULL);
  EXPECT(strcmp(fe_local_name(p, 1, 2)->data, "a") == 0);
  EXPECT(strcmp(fe_local_name(p, 2, 4)->data, "b") == 0);
  EXPECT(fe_local_name(p, 3, 4) == NULL);
  EXPECT(fe_local_name(p, 4, 4) == NULL);
  fe_free(&unit);
}

static void expect_int(const char *s, int64_t i) {
  struct fe_number n;
  bool ok = fe_str2num(s, &n) == strlen(s) + 1 && n.is_int && n.u.i == i;
  if (!ok) fprintf(stderr, "integer: %s\n", s);
  failed += !ok;
}

static void expect_flt(const char *s, double d) {
  struct fe_number n;
  bool ok = fe_str2num(s, &n) == strlen(s) + 1 && !n.is_int && memcmp(&n.u.n, &d, sizeof d) == 0;
  if (!ok) fprintf(stderr, "float: %s\n", s);
  failed += !ok;
}

static void expect_no_number(const char *s) {
  struct fe_number n;
  bool ok = fe_str2num(s, &n) == 0;
  if (!ok) fprintf(stderr, "not a number: %s\n", s);
  failed += !ok;
}

static void test_numbers(void) {
  static const char *const bad[] = {
      "",    " ",    "x",    "0x",  "-",     "+ 1",   "1 2",      "1e",      "1e+",   "0x.", "0xp1",
      "nan", "inf",  "0x1p", "1_0", ".",     "-.",    "0x-1",     "--1",     "1..2",  "e5",  "0b1",
      "1f",  "0x1g", "Inf",  "NaN", "1e5.0", "1.2.3", "infinity", "0x1p1.5", "1\v\v2"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) expect_no_number(bad[i]);
  expect_int("0", 0);
  expect_int(" \t\n\v\f\r12 \n", 12);
  expect_int("-7", -7);
  expect_int("+7", 7);
  expect_int("0x10", 16);
  expect_int("-0x10", -16);
  expect_int("0Xff", 255);
  expect_int("0xffffffffffffffff", -1);
  expect_int("0x1ffffffffffffffff", -1);
  expect_int("9223372036854775807", INT64_MAX);
  expect_int("-9223372036854775808", INT64_MIN);
  expect_flt("9223372036854775808", 0x1p63);
  expect_flt("-9223372036854775809", -0x1p63);
  expect_flt("1e1", 10.0);
  expect_flt("-0.0", -0.0);
  expect_flt(".5", 0.5);
  expect_flt("5.", 5.0);
  expect_flt("0x.8", 0.5);
  expect_flt("0x8.", 8.0);
  expect_flt("0xA.8p1", 21.0);
  expect_flt("0x1p-1074", 0x1p-1074);
  expect_flt("0x1p-1075", 0.0);
  expect_flt("0x1.8p-1075", 0x1p-1074);
  expect_flt("0x1.00000000000008p0", 1.0);
  expect_flt("0x1.00000000000008000000000000000001p0", 0x1.0000000000001p0);
  expect_flt("0x1.fffffffffffff8p1023", strtod("0x1.fffffffffffff8p1023", NULL));
  expect_flt("0x1p99999999999", strtod("1e999", NULL));
  expect_flt("0x0p99999999999", 0.0);
  expect_flt("1e400", strtod("1e400", NULL));
  expect_flt("1e-400", 0.0);
  expect_flt("123456789012345678901234567890", 123456789012345678901234567890.0);
  expect_flt("0.1", 0.1);
  expect_flt("1e23", 1e23);
  expect_flt("9007199254740993.0", 9007199254740992.0);
  expect_flt("2.2250738585072011e-308", strtod("2.2250738585072011e-308", NULL));
}

static void expect_as_libc(const char *s) {
  struct fe_number n;
  double d = strtod(s, NULL);
  bool ok = fe_str2num(s, &n) != 0 && !n.is_int && memcmp(&n.u.n, &d, sizeof d) == 0;
  if (!ok) fprintf(stderr, "float: %s\n", s);
  failed += !ok;
}

/* Random floats against the C library, around every boundary of the exponent. */
static void test_random_floats(void) {
  uint64_t r = 1;
  for (int i = 0; i < 200000; i++) {
    char s[80];
    r = r * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    unsigned a = (unsigned)(r >> 32), b = (unsigned)(r >> 11);
    switch (i % 4) {
    case 0: snprintf(s, sizeof s, "0x%x.%08xp%d", a, b, (int)(a % 2300) - 1150); break;
    case 1: snprintf(s, sizeof s, "0x.%x%08xp%d", a, b & 0xf00000ff, (int)(b % 200) - 1130); break;
    case 2: snprintf(s, sizeof s, "%u.%ue%d", a, b, (int)(a % 50) - 25); break;
    default: snprintf(s, sizeof s, "%u%u.0e%d", a, b, (int)(b % 660) - 330); break;
    }
    expect_as_libc(s);
  }
}

int main(void) {
  test_captures();
  test_frames();
  test_reader();
  test_modes();
  test_levels();
  test_chunkid();
  test_debug_info();
  test_numbers();
  test_random_floats();
  return failed != 0;
}
