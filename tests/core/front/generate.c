/* generate.c: see generate.h. A grammar walked at random, as a list of tokens. */
#include "generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t rng_next(struct rng *r) {
  r->state += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = r->state;
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)(z >> 32);
}

enum { TOKENS_MAX = 6000, NAMES = 12 };

struct gen {
  struct rng rng;
  char *tokens[TOKENS_MAX];
  int n;
  int depth;  /* of expressions and blocks */
  int loops;  /* around this point of the function */
  int vararg; /* the function is */
  int labels; /* so far, for fresh names */
};

static int below(struct gen *g, int n) { return rng_below(&g->rng, n); }
static bool maybe(struct gen *g, int percent) { return below(g, 100) < percent; }

static void tok(struct gen *g, const char *s) {
  if (g->n < TOKENS_MAX) g->tokens[g->n++] = strdup(s);
}

static void expr(struct gen *g);
static void block(struct gen *g);

static void name(struct gen *g) {
  static const char *const names[NAMES] = {"a", "b", "c", "d",   "e",    "f",
                                           "g", "x", "y", "tbl", "_ENV", "k1"};
  tok(g, names[below(g, maybe(g, 97) ? NAMES - 2 : NAMES)]);
}

static void numeral(struct gen *g) {
  static const char *const some[] = {"0",
                                     "1",
                                     "2",
                                     "3",
                                     "5",
                                     "7",
                                     "10",
                                     "127",
                                     "128",
                                     "-1",
                                     "255",
                                     "256",
                                     "65535",
                                     "65536",
                                     "65537",
                                     "100000",
                                     "0.0",
                                     "0.5",
                                     "1.0",
                                     "2.0",
                                     "3.25",
                                     "128.0",
                                     "1e5",
                                     "1e9",
                                     "1e16",
                                     "1e300",
                                     "0x10",
                                     "0xff",
                                     "0x7fffffffffffffff",
                                     "0xffffffffffffffff",
                                     "9223372036854775807",
                                     "9223372036854775808",
                                     "1e999",
                                     "0x1p4",
                                     "0x.8p1",
                                     "4503599627370497.0",
                                     "1152921504606846976.0",
                                     "1.0000000000000002",
                                     "2147483648",
                                     "3e-5",
                                     "0x1p-1074"};
  char buf[32];
  if (maybe(g, 60)) {
    tok(g, some[below(g, (int)(sizeof some / sizeof *some))]);
    return;
  }
  snprintf(buf, sizeof buf, "%u", rng_next(&g->rng) >> below(g, 31));
  tok(g, buf);
}

static void string(struct gen *g) {
  static const char *const some[] = {"'a'",
                                     "\"b\"",
                                     "'x'",
                                     "'k1'",
                                     "[[long]]",
                                     "[==[\nlong]]\n]==]",
                                     "''",
                                     "'\\n\\065\\x41\\u{20AC}'",
                                     "'forty bytes are the last that are short '",
                                     "'forty-one bytes make a string a long one.'",
                                     "'\\z   z'",
                                     "'\\0'",
                                     "'a\\\nb'",
                                     "\"'\"",
                                     "'and'"};
  tok(g, some[below(g, (int)(sizeof some / sizeof *some))]);
}

static void args(struct gen *g) {
  int how = below(g, 10);
  if (how == 0) {
    string(g);
    return;
  }
  if (how == 1) {
    tok(g, "{");
    if (maybe(g, 50)) expr(g);
    tok(g, "}");
    return;
  }
  tok(g, "(");
  for (int n = below(g, 4), i = 0; i < n; i++) {
    if (i > 0) tok(g, ",");
    expr(g);
  }
  tok(g, ")");
}

static void suffix(struct gen *g) {
  switch (below(g, 4)) {
  case 0:
    tok(g, ".");
    name(g);
    break;
  case 1:
    tok(g, "[");
    expr(g);
    tok(g, "]");
    break;
  case 2:
    tok(g, ":");
    name(g);
    args(g);
    break;
  default: args(g); break;
  }
}

static void prefix_expr(struct gen *g) {
  if (maybe(g, 85)) {
    name(g);
  } else {
    tok(g, "(");
    expr(g);
    tok(g, ")");
  }
}

static void suffixed(struct gen *g) {
  prefix_expr(g);
  while (maybe(g, 40)) suffix(g);
}

static void call(struct gen *g) {
  suffixed(g);
  if (maybe(g, 30)) {
    tok(g, ":");
    name(g);
  }
  args(g);
}

static void variable(struct gen *g) {
  if (maybe(g, 60)) {
    name(g);
    return;
  }
  suffixed(g);
  tok(g, maybe(g, 50) ? "." : "[");
  if (strcmp(g->tokens[g->n - 1], ".") == 0) {
    name(g);
  } else {
    expr(g);
    tok(g, "]");
  }
}

static void table(struct gen *g) {
  int n = maybe(g, 4) ? below(g, 120) : below(g, 5);
  bool simple = n > 5;
  tok(g, "{");
  for (int i = 0; i < n; i++) {
    switch (simple ? 3 : below(g, 4)) {
    case 0:
      name(g);
      tok(g, "=");
      expr(g);
      break;
    case 1:
      tok(g, "[");
      expr(g);
      tok(g, "]");
      tok(g, "=");
      expr(g);
      break;
    case 2: expr(g); break;
    default: simple ? numeral(g) : expr(g); break;
    }
    if (i + 1 < n || maybe(g, 20)) tok(g, maybe(g, 80) ? "," : ";");
  }
  tok(g, "}");
}

static void body(struct gen *g) {
  int loops = g->loops, vararg = g->vararg, n = below(g, 4);
  g->loops = 0;
  g->vararg = maybe(g, 30);
  tok(g, "(");
  for (int i = 0; i < n; i++) {
    if (i > 0) tok(g, ",");
    name(g);
  }
  if (g->vararg) {
    if (n > 0) tok(g, ",");
    tok(g, "...");
  }
  tok(g, ")");
  block(g);
  tok(g, "end");
  g->loops = loops;
  g->vararg = vararg;
}

static void simple_expr(struct gen *g) {
  switch (below(g, 14)) {
  case 0: tok(g, "nil"); break;
  case 1: tok(g, "true"); break;
  case 2: tok(g, "false"); break;
  case 3:
  case 4:
  case 5: numeral(g); break;
  case 6: string(g); break;
  case 7:
    if (g->vararg)
      tok(g, "...");
    else
      name(g);
    break;
  default: name(g); break;
  }
}

static void expr(struct gen *g) {
  static const char *const binary[] = {"+",  "-",   "*",  "/",   "//", "%",  "^",  "&", "|",  "~",
                                       "<<", ">>",  "..", "==",  "~=", "<",  "<=", ">", ">=", "and",
                                       "or", "and", "or", "and", "or", "..", "==", "<"};
  static const char *const unary[] = {"-", "not", "#", "~", "not", "not"};
  if (++g->depth > 9 || maybe(g, 35)) {
    simple_expr(g);
    g->depth--;
    return;
  }
  switch (below(g, 12)) {
  case 0:
  case 1:
  case 2:
  case 3:
  case 4:
    expr(g);
    tok(g, binary[below(g, (int)(sizeof binary / sizeof *binary))]);
    expr(g);
    break;
  case 5:
  case 6:
    tok(g, unary[below(g, (int)(sizeof unary / sizeof *unary))]);
    expr(g);
    break;
  case 7: suffixed(g); break;
  case 8: call(g); break;
  case 9: table(g); break;
  case 10:
    if (g->depth < 6 && maybe(g, 60)) {
      tok(g, "function");
      body(g);
    } else {
      simple_expr(g);
    }
    break;
  default:
    tok(g, "(");
    expr(g);
    tok(g, ")");
    break;
  }
  g->depth--;
}

static void expr_list(struct gen *g) {
  expr(g);
  while (maybe(g, 30)) {
    tok(g, ",");
    expr(g);
  }
}

static void local_stat(struct gen *g) {
  tok(g, "local");
  if (maybe(g, 20)) {
    tok(g, "function");
    name(g);
    body(g);
    return;
  }
  int n = 1 + (maybe(g, 30) ? below(g, 4) : 0);
  for (int i = 0; i < n; i++) {
    if (i > 0) tok(g, ",");
    name(g);
    if (maybe(g, 12)) {
      tok(g, "<");
      tok(g, maybe(g, 80) ? "const" : "close");
      tok(g, ">");
    }
  }
  if (maybe(g, 80)) {
    tok(g, "=");
    expr_list(g);
  }
}

static void assignment(struct gen *g) {
  variable(g);
  while (maybe(g, 20)) {
    tok(g, ",");
    variable(g);
  }
  tok(g, "=");
  expr_list(g);
}

static void if_stat(struct gen *g) {
  tok(g, "if");
  expr(g);
  tok(g, "then");
  if (g->loops > 0 && maybe(g, 30)) {
    tok(g, "break");
    if (maybe(g, 30)) tok(g, ";");
  }
  block(g);
  while (maybe(g, 20)) {
    tok(g, "elseif");
    expr(g);
    tok(g, "then");
    block(g);
  }
  if (maybe(g, 30)) {
    tok(g, "else");
    block(g);
  }
  tok(g, "end");
}

static void for_stat(struct gen *g) {
  tok(g, "for");
  name(g);
  if (maybe(g, 50)) {
    tok(g, "=");
    expr(g);
    tok(g, ",");
    expr(g);
    if (maybe(g, 40)) {
      tok(g, ",");
      expr(g);
    }
  } else {
    while (maybe(g, 30)) {
      tok(g, ",");
      name(g);
    }
    tok(g, "in");
    expr_list(g);
  }
  tok(g, "do");
  g->loops++;
  block(g);
  g->loops--;
  tok(g, "end");
}

static void loop_stat(struct gen *g) {
  g->loops++;
  if (maybe(g, 50)) {
    tok(g, "while");
    expr(g);
    tok(g, "do");
    block(g);
    tok(g, "end");
  } else {
    tok(g, "repeat");
    block(g);
    tok(g, "until");
    expr(g);
  }
  g->loops--;
}

static void label(struct gen *g, const char *s) {
  tok(g, "::");
  tok(g, s);
  tok(g, "::");
}

/* A label with gotos to it: backward, forward, out of blocks, and to the end of a block. */
static void goto_stat(struct gen *g) {
  char l[16];
  snprintf(l, sizeof l, "l%d", g->labels++);
  bool back = maybe(g, 50);
  if (back) label(g, l);
  tok(g, "do");
  block(g);
  tok(g, "if");
  expr(g);
  tok(g, "then");
  tok(g, "goto");
  tok(g, l);
  tok(g, "end");
  block(g);
  if (!back && maybe(g, 50)) {
    label(g, l);
    back = true;
    if (maybe(g, 50)) tok(g, ";");
  }
  tok(g, "end");
  if (!back) label(g, l);
}

static void statement(struct gen *g) {
  switch (below(g, 20)) {
  case 0:
  case 1:
  case 2:
  case 3:
  case 4: local_stat(g); break;
  case 5:
  case 6:
  case 7:
  case 8: assignment(g); break;
  case 9:
  case 10: call(g); break;
  case 11:
  case 12: if_stat(g); break;
  case 13: for_stat(g); break;
  case 14: loop_stat(g); break;
  case 15: goto_stat(g); break;
  case 16:
    tok(g, "function");
    name(g);
    while (maybe(g, 30)) {
      tok(g, ".");
      name(g);
    }
    if (maybe(g, 30)) {
      tok(g, ":");
      name(g);
    }
    body(g);
    break;
  case 17:
    tok(g, "do");
    block(g);
    tok(g, "end");
    break;
  case 18: tok(g, ";"); break;
  default:
    if (g->loops > 0) tok(g, "break");
    break;
  }
}

static void block(struct gen *g) {
  if (++g->depth <= 8) {
    for (int n = below(g, g->depth < 3 ? 7 : 4); n > 0; n--) statement(g);
    if (maybe(g, 15)) {
      tok(g, "return");
      if (maybe(g, 70)) expr_list(g);
      if (maybe(g, 20)) tok(g, ";");
    }
  }
  g->depth--;
}

static void put(struct buffer *b, const char *s) { buffer_write(b, s, strlen(s)); }

/* Tokens with random space between them; now and then far apart, to need absolute lines. */
static void print(struct gen *g, struct buffer *out) {
  static const char *const space[] = {"\n", "\n\n", "\r\n", " -- c\n", "--[[ c ]]", "\t", " \n\r "};
  for (int i = 0; i < g->n; i++) {
    put(out, g->tokens[i]);
    put(out, " ");
    if (maybe(g, 20)) put(out, space[below(g, (int)(sizeof space / sizeof *space))]);
    if (below(g, 400) == 0) {
      for (int n = below(g, 300); n > 0; n--) put(out, "\n");
    }
  }
}

static void finish(struct gen *g, struct buffer *out) {
  print(g, out);
  for (int i = 0; i < g->n; i++) free(g->tokens[i]);
  free(g);
}

static struct gen *start(uint64_t seed) {
  struct gen *g = calloc(1, sizeof *g);
  if (g == NULL) abort();
  g->rng.state = seed;
  g->vararg = 1;
  for (int n = 2 + below(g, 8); n > 0; n--) statement(g);
  block(g);
  return g;
}

void generate_program(uint64_t seed, struct buffer *out) { finish(start(seed), out); }

void generate_broken(uint64_t seed, struct buffer *out) {
  static const char *const others[] = {"end",      "(",      ")",  "=",     ",",  "local", "x",
                                       "then",     "do",     "]",  "1",     "'s", "goto",  "break",
                                       "<",        "const",  "::", "...",   "}",  "\x80",  "0x",
                                       "function", "return", ".",  "until", "[=["};
  struct gen *g = start(seed);
  for (int n = 1 + below(g, 3); n > 0 && g->n > 0; n--) {
    char **at = &g->tokens[below(g, g->n)], **other = &g->tokens[below(g, g->n)], *t = *at;
    switch (below(g, 3)) {
    case 0:
      free(*at);
      *at = strdup("");
      break;
    case 1:
      *at = *other;
      *other = t;
      break;
    default: free(*at); *at = strdup(others[below(g, (int)(sizeof others / sizeof *others))]);
    }
  }
  finish(g, out);
}
