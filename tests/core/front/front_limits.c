/* front_limits.c: programs at, just below and just above each limit: same code or same message as
 * stock Lua. Built by repetition, so no files. */
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lauxlib.h>
#include <lua.h>

static lua_State *L;
static int failed, total;

static void put(struct buffer *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct buffer *b, const char *fmt, ...) {
  char s[2048];
  va_list args;
  va_start(args, fmt);
  int n = vsnprintf(s, sizeof s, fmt, args);
  va_end(args);
  buffer_write(b, s, (size_t)n);
}

static void repeat(struct buffer *b, const char *s, int n) {
  for (; n > 0; n--) buffer_write(b, s, strlen(s));
}

static void check(struct buffer *b, const char *what, int n) {
  char name[128];
  snprintf(name, sizeof name, "=%s %d", what, n);
  total++;
  failed += !oracle_agrees(L, b->data, b->len, name, 0);
  buffer_free(b);
}

/* open * n, middle, close * n */
static void nested(const char *what, const char *open, const char *middle, const char *close,
                   int n) {
  struct buffer b = {NULL, 0, 0};
  repeat(&b, open, n);
  put(&b, "%s", middle);
  repeat(&b, close, n);
  check(&b, what, n);
}

static void nesting(void) {
  static const struct {
    const char *what, *open, *middle, *close;
  } cases[] = {{"parentheses", "(", "x", ")"},
               {"parenthesised value", "x = x + (", "1", ")"},
               {"unary", "x = - ", "1", ""},
               {"not", "local x = not ", "a", " not b"},
               {"blocks", "do ", "local a", " end"},
               {"functions", "function f() ", "", " end"},
               {"closures", "return function() ", "", " end"},
               {"ifs", "if x then ", "", " end"},
               {"elses", "if x then else ", "", " end"},
               {"whiles", "while x do ", "break", " end"},
               {"repeats", "repeat ", "local a", " until a"},
               {"fors", "for i = 1, 2 do ", "", " end"},
               {"generic fors", "for i in x do ", "", " end"},
               {"tables", "{", "1", "}"},
               {"indices", "x[", "1", "] = 1"},
               {"arguments", "f(", "1", ")"},
               {"labels", "::l:: ", "", ""},
               {"assignment", "a, ", "a = 1", ""},
               {"semicolons", ";", "", ""},
               {"else ifs", "if x then elseif y then else ", "", " end"}};
  static const char *const prefix[] = {"", "x = ", "return 1 .. ", "x = 2 ^ "};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int n = 1; n <= 260; n += n >= 60 && n < 68    ? 1
                                   : n > 90 && n < 102  ? 1
                                   : n > 180 && n < 204 ? 1
                                                        : 7)
      nested(cases[i].what, cases[i].open, cases[i].middle, cases[i].close, n);
  }
  for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++) {
    for (int n = 180; n <= 202; n++) {
      struct buffer b = {NULL, 0, 0};
      put(&b, "%s", prefix[i]);
      repeat(&b, "(", n);
      put(&b, "x");
      repeat(&b, ")", n);
      check(&b, "prefixed parentheses", n);
    }
  }
  for (int n = 190; n <= 256; n++) nested("concat", "x = y .. ", "z", "", 1);
  for (int n = 100; n <= 260; n += 3) {
    struct buffer b = {NULL, 0, 0};
    put(&b, "x = y");
    repeat(&b, " .. y", n);
    check(&b, "chain of ..", n);
    put(&b, "x = y");
    repeat(&b, " ^ y", n);
    check(&b, "chain of ^", n);
    put(&b, "x = y");
    repeat(&b, " and y or z", n);
    check(&b, "chain of and/or", n);
  }
}

static void locals(int n, bool in_function, bool used) {
  struct buffer b = {NULL, 0, 0};
  if (in_function) put(&b, "\n\nlocal function f()\n");
  for (int i = 0; i < n; i++) put(&b, "local v%d = %d\n", i, i);
  if (used) put(&b, "return f(v0, v%d, ...)", n - 1);
  if (in_function) put(&b, " end");
  check(&b, "locals", n);
}

static void constants_as_locals(int n) {
  struct buffer b = {NULL, 0, 0};
  for (int i = 0; i < n; i++) put(&b, "local v%d <const> = %d\n", i, i);
  put(&b, "return v0 + v1 + x");
  check(&b, "constant locals", n);
}

static void upvalues(int n) {
  struct buffer b = {NULL, 0, 0};
  put(&b, "local function outer()\n");
  for (int i = 0; i < n && i < 190; i++) put(&b, "local a%d\n", i);
  put(&b, "local function middle()\n");
  for (int i = 190; i < n; i++) put(&b, "local a%d\n", i);
  put(&b, "return function() return x");
  for (int i = 0; i < n; i++) put(&b, ", a%d", i);
  put(&b, " end end end");
  check(&b, "upvalues", n);
}

static void registers(const char *what, const char *open, const char *item, const char *close,
                      int n) {
  struct buffer b = {NULL, 0, 0};
  put(&b, "%s", open);
  for (int i = 0; i < n; i++) put(&b, "%s%s", i > 0 ? ", " : "", item);
  put(&b, "%s", close);
  check(&b, what, n);
}

static void many_registers(void) {
  for (int n = 240; n <= 258; n++) {
    registers("arguments", "f(", "x", ")", n);
    registers("results", "return ", "x", "", n);
    registers("values", "local a = ", "x", "", n);
    registers("nils", "local a = ", "nil", "", n);
    registers("for values", "for i in ", "x", " do end", n);
    registers("parameters", "function f(", "p", ") end", n);
    registers("many locals", "local ", "p", " = ...", n);
    registers("loop variables", "for ", "p", " in x do end", n);
    registers("targets", "", "p", " = ...", n);
    registers("method arguments", "a:b(", "x", ")", n);
  }
}

/* n constants between two pieces of text each. */
static void constants(int n, const char *left, const char *right, const char *after) {
  struct buffer b = {NULL, 0, 0};
  put(&b, "local t = {");
  for (int i = 0; i < n; i++) {
    put(&b, "%s%d%s,", left, i, right);
    if (i % 10 == 9) put(&b, "\n");
  }
  put(&b, "} local a, b\n%s", after);
  check(&b, "constants", n);
}

static void many_constants(void) {
  static const char after[] =
      "x = 'new' y = 1234567 a = 3.5 b = a + 77777 b = 77778 + a b = a & 88888 b = 88889 | a\n"
      "t.field = t.other t:method() t.f.g = 9999999 a = b == 'str' a = b == 1e100 a = a << 99\n"
      "t.x = nil t.y = true t[1] = false a.b.c = 'q' a = -a.b a = 1.5 - a a = a // 2.5 a = 7.5 ^ "
      "a\n"
      "local u <const> = 'zz' t.u = u return x.y, t[u], 5 // 0, 7.25 % 0 \n"
      "local function f() return x, a end function t.m.n:o() t.p = self end\n";
  static const int counts[] = {10,     240,    250,    251,    252,    253,    254,    255,
                               256,    257,    258,    300,    131060, 131066, 131067, 131068,
                               131069, 131070, 131071, 131072, 131073, 140000};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    constants(counts[i], "'s", "'", after);
    if (counts[i] > 1000 && i % 4 != 0) continue; /* the big ones take their time */
    constants(counts[i], "", ".25", after);
    constants(counts[i], "", "99999", after);
  }
}

static void long_jump(int n, const char *open, const char *close) {
  struct buffer b = {NULL, 0, 0};
  put(&b, "%s", open);
  repeat(&b, "x = a\n", n);
  put(&b, "%s", close);
  check(&b, open, n);
}

static void long_jumps(void) {
  static const int counts[] = {10, 65500, 65535, 65536, 131000, 140000};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    long_jump(counts[i], "while x do ", "end");
    long_jump(counts[i], "for i = 1, 2 do ", "end");
    long_jump(counts[i], "for i in x do ", "end");
    long_jump(counts[i], "if x then ", "else y = 1 end");
    long_jump(counts[i], "repeat local a; function f() return a end ", "until a");
    long_jump(counts[i], "goto out ", "::out::");
    long_jump(counts[i], "::back:: ", "goto back");
  }
}

static void lines(int gap) {
  struct buffer b = {NULL, 0, 0};
  for (int i = 0; i < 300; i++) {
    put(&b, "x = a +");
    repeat(&b, "\n", gap);
    put(&b, "b(c) .. \n d");
    if (i % 7 == 0) repeat(&b, "\n", 126 + i % 5);
    put(&b, " for i = 1,\n 2 do x = not \n\n y end ");
  }
  check(&b, "lines", gap);
}

static void many_locvars(int n) {
  struct buffer b = {NULL, 0, 0};
  repeat(&b, "do local a end ", n);
  check(&b, "debug locals", n);
}

static void many_functions(int n) {
  struct buffer b = {NULL, 0, 0};
  for (int i = 0; i < n; i++) put(&b, "f%d = function() end\n", i & 1);
  check(&b, "functions", n);
}

static void many_labels(int n) {
  struct buffer b = {NULL, 0, 0};
  for (int i = 0; i < n; i++) put(&b, "goto l%d ", i);
  for (int i = 0; i < n; i++) put(&b, "::l%d:: ", i);
  check(&b, "gotos", n);
}

static void big_table(int n, const char *item, const char *last) {
  struct buffer b = {NULL, 0, 0};
  put(&b, "return {");
  for (int i = 0; i < n; i++) put(&b, "%s,%s", item, i % 20 == 0 ? "\n" : "");
  put(&b, "%s}", last);
  check(&b, "items", n);
}

static void big_tables(void) {
  static const int counts[] = {0, 1, 49, 50, 51, 99, 100, 101, 254, 255, 256, 257, 511, 512, 70000};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    big_table(counts[i], "1", "");
    big_table(counts[i], "x", "f()");
    big_table(counts[i], "x = 1", "...");
    big_table(counts[i], "[i] = j, 1", "(f())");
  }
}

static void long_tokens(int n) {
  struct buffer b = {NULL, 0, 0};
  put(&b, "local ");
  repeat(&b, "x", n);
  put(&b, " = '");
  repeat(&b, "y\\n", n);
  put(&b, "' .. [[");
  repeat(&b, "z\n", n);
  put(&b, "]]");
  check(&b, "long tokens", n);
  repeat(&b, "x", n);
  put(&b, " y = 1");
  check(&b, "long name in message", n);
  put(&b, "x = y '");
  repeat(&b, "y", n);
  put(&b, "' = 1");
  check(&b, "long string in message", n);
  put(&b, "x = 1");
  repeat(&b, "0", n);
  put(&b, " 1");
  check(&b, "long numeral", n);
}

int main(void) {
  L = luaL_newstate();
  nesting();
  for (int n = 195; n <= 205; n++) {
    locals(n, false, true);
    locals(n, true, false);
    constants_as_locals(n);
  }
  for (int n = 250; n <= 260; n++) upvalues(n);
  many_registers();
  many_constants();
  long_jumps();
  for (int gap = 0; gap <= 300; gap += gap > 120 && gap < 132 ? 1 : 10) lines(gap);
  many_locvars(32766);
  many_locvars(32767);
  many_locvars(32768);
  many_labels(300);
  many_labels(6000);
  many_functions(131071);
  many_functions(131072);
  big_tables();
  for (int n = 1; n <= 100000; n *= 3) long_tokens(n);
  lua_close(L);
  printf("%d programs, %d differ\n", total, failed);
  return failed != 0;
}
