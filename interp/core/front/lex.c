/* lex.c: tokens: names, operators, numerals, comments; messages that quote a token. */
#include "lex.h"
#include "number.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define A (CH_ALPHA | CH_PRINT)
#define H (CH_ALPHA | CH_HEX | CH_PRINT)
#define D (CH_DIGIT | CH_HEX | CH_PRINT)
#define S CH_SPACE
#define P CH_PRINT
const uint8_t fe_chars[257] = {
    0,                                                  /* end of input */
    0,     0, 0, 0, 0, 0, 0, 0, 0, S, S, S, S, S, 0, 0, /* 00 */
    0,     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 10 */
    S | P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, /* 20 */
    D,     D, D, D, D, D, D, D, D, D, P, P, P, P, P, P, /* 30 */
    P,     H, H, H, H, H, H, A, A, A, A, A, A, A, A, A, /* 40 */
    A,     A, A, A, A, A, A, A, A, A, A, P, P, P, P, A, /* 50 */
    P,     H, H, H, H, H, H, A, A, A, A, A, A, A, A, A, /* 60 */
    A,     A, A, A, A, A, A, A, A, A, A, P, P, P, P, 0, /* 70 */
};
#undef A
#undef H
#undef D
#undef S
#undef P

/* --- messages --- */

static const char *const token_names[] = {"and",    "break",   "do",     "else",     "elseif",
                                          "end",    "false",   "for",    "function", "goto",
                                          "if",     "in",      "local",  "nil",      "not",
                                          "or",     "repeat",  "return", "then",     "true",
                                          "until",  "while",   "//",     "..",       "...",
                                          "==",     ">=",      "<=",     "~=",       "<<",
                                          ">>",     "::",      "<eof>",  "<number>", "<integer>",
                                          "<name>", "<string>"};

const char *fe_token_text(int kind, char buf[16]) {
  if (kind < TK_AND) {
    snprintf(buf, 16, fe_is(kind, CH_PRINT) ? "'%c'" : "'<\\%d>'", kind);
    return buf;
  }
  const char *name = token_names[kind - TK_AND];
  if (kind >= TK_EOS) return name;
  snprintf(buf, 16, "'%s'", name);
  return buf;
}

/* A literal that never went through the buffer: put it there, as it stood in the source. */
static void rebuild_text(struct comp *c) {
  const struct fe_str *s = c->tok.u.s;
  c->text.n = 0;
  fe_text_put(c, c->delim);
  for (size_t i = 0; i < s->len; i++) fe_text_put(c, s->data[i]);
  fe_text_put(c, c->delim);
}

static const char *quoted_token(struct comp *c, int kind, char buf[16]) {
  if (kind == TK_NAME) return c->tok.u.s->data;
  if (kind == TK_STRING || kind == TK_FLT || kind == TK_INT) {
    if (kind == TK_STRING && c->delim != DELIM_BUFFER) rebuild_text(c);
    fe_text_put(c, '\0');
    return c->text.v;
  }
  return fe_token_text(kind, buf);
}

static _Noreturn void fail_at_line(struct comp *c, const char *msg, const char *near, bool quote) {
  char id[FE_IDSIZE];
  fe_chunkid(id, c->source->data, c->source->len);
  if (near == NULL) fe_fail(&c->job, FE_ERRSYNTAX, "%s:%d: %s", id, c->line, msg);
  const char *q = quote ? "'" : "";
  fe_fail(&c->job, FE_ERRSYNTAX, "%s:%d: %s near %s%s%s", id, c->line, msg, q, near, q);
}

void fe_error_token(struct comp *c, const char *msg, int kind) {
  if (kind == 0) fail_at_line(c, msg, NULL, false); /* stock Lua takes a NUL for no token */
  char buf[16];
  bool quote = kind == TK_NAME || kind == TK_STRING || kind == TK_FLT || kind == TK_INT;
  fail_at_line(c, msg, quoted_token(c, kind, buf), quote);
}

void fe_error(struct comp *c, const char *fmt, ...) {
  va_list args;
  size_t len;
  va_start(args, fmt);
  const char *msg = fe_format(&c->job, &len, fmt, args);
  va_end(args);
  fail_at_line(c, msg, NULL, false);
}

void fe_error_near(struct comp *c, const char *fmt, ...) {
  va_list args;
  size_t len;
  va_start(args, fmt);
  const char *msg = fe_format(&c->job, &len, fmt, args);
  va_end(args);
  fe_error_token(c, msg, c->tok.kind);
}

/* --- characters --- */

void fe_newline(struct comp *c) {
  int first = *c->job.p++, second = fe_peek(&c->job);
  if ((second == '\n' || second == '\r') && second != first) c->job.p++;
  if (++c->line >= INT_MAX) fe_error(c, "chunk has too many lines");
}

static bool accept(struct comp *c, int ch) {
  if (fe_peek(&c->job) != ch) return false;
  c->job.p++;
  return true;
}

/* --- names --- */

static int set_name(struct token *t, struct fe_str *s) {
  t->u.s = s;
  return s->token != 0 ? s->token : TK_NAME;
}

/* The name runs into the end of the piece: collect it. */
static int lex_name_slow(struct comp *c, struct token *t) {
  c->text.n = 0;
  while (fe_is(fe_text_take(c), CH_ALPHA | CH_DIGIT)) {
  }
  return set_name(t, fe_intern(c, c->text.v, (size_t)c->text.n));
}

static int lex_name(struct comp *c, struct token *t) {
  const unsigned char *start = c->job.p, *end = c->job.end, *p = start;
  uint32_t hash = FE_HASH_SEED;
  do hash = fe_hash_step(hash, *p++);
  while (p < end && fe_is(*p, CH_ALPHA | CH_DIGIT));
  if (p == end) return lex_name_slow(c, t);
  c->job.p = p;
  return set_name(t, fe_intern_hashed(c, (const char *)start, (size_t)(p - start), hash));
}

/* --- numerals --- */

/* Reads whatever looks like a numeral, then asks whether it is one. */
static int lex_number(struct comp *c, struct token *t) {
  int ch = *c->job.p, exponent = 'e';
  struct fe_number num;
  int first = ch;
  ch = fe_text_take(c);
  if (first == '0' && (ch == 'x' || ch == 'X')) {
    exponent = 'p';
    ch = fe_text_take(c);
  }
  for (;;) {
    if ((ch | 0x20) == exponent) {
      ch = fe_text_take(c);
      if (ch == '-' || ch == '+') ch = fe_text_take(c);
    } else if (ch == '.' || fe_is(ch, CH_HEX)) {
      ch = fe_text_take(c);
    } else {
      break;
    }
  }
  if (fe_is(ch, CH_ALPHA)) fe_text_take(c); /* a letter touches it: make it malformed */
  fe_text_put(c, '\0');
  c->text.n--;
  if (fe_str2num(c->text.v, &num) == 0) fe_error_token(c, "malformed number", TK_FLT);
  if (num.is_int) {
    t->u.i = num.u.i;
    return TK_INT;
  }
  t->u.n = num.u.n;
  return TK_FLT;
}

/* Most numerals are short decimal integers within one piece. */
static int lex_digit(struct comp *c, struct token *t) {
  const unsigned char *p = c->job.p, *end = c->job.end;
  int64_t v = 0;
  int n = 0;
  c->text.n = 0;
  while (p < end && n < 18 && fe_is(*p, CH_DIGIT)) {
    v = v * 10 + (*p - '0');
    ((char *)c->text.v)[n++] = (char)*p++; /* the buffer is never smaller than that */
  }
  if (p == end || *p == '.' || fe_is(*p, CH_ALPHA | CH_DIGIT)) return lex_number(c, t);
  c->job.p = p;
  c->text.n = n;
  t->u.i = v;
  return TK_INT;
}

/* '.', '..', '...' or a numeral */
static int lex_dot(struct comp *c, struct token *t) {
  c->text.n = 0;
  int ch = fe_text_take(c);
  if (ch == '.') {
    c->job.p++;
    return accept(c, '.') ? TK_DOTS : TK_CONCAT;
  }
  if (!fe_is(ch, CH_DIGIT)) return '.';
  return lex_number(c, t);
}

/* --- comments --- */

static void skip_line(struct comp *c) {
  int ch;
  while ((ch = fe_peek(&c->job)) != FE_EOZ && ch != '\n' && ch != '\r') {
    const unsigned char *p = c->job.p, *end = c->job.end;
    while (p < end && *p != '\n' && *p != '\r') p++;
    c->job.p = p;
  }
}

/* The cursor is after "--". */
static void skip_comment(struct comp *c) {
  if (fe_peek(&c->job) == '[') {
    c->text.n = 0;
    int level = fe_lex_brackets(c, '[');
    if (level >= 0) {
      fe_lex_long_string(c, level, NULL);
      return;
    }
  }
  skip_line(c);
}

/* --- the next token --- */

/* One character, or two when `second` follows. */
static int lex_pair(struct comp *c, int second, int pair) {
  int first = *c->job.p++;
  return accept(c, second) ? pair : first;
}

static int lex_angle(struct comp *c, int shift, int or_equal) {
  int first = *c->job.p++;
  if (accept(c, '=')) return or_equal;
  return accept(c, first) ? shift : first;
}

static int lex_bracket(struct comp *c, struct token *t) {
  c->text.n = 0;
  c->delim = DELIM_BUFFER;
  int level = fe_lex_brackets(c, '[');
  if (level >= 0) {
    fe_lex_long_string(c, level, t);
    return TK_STRING;
  }
  if (c->text.n > 1) fe_error_token(c, "invalid long string delimiter", TK_STRING);
  return '[';
}

static int lex(struct comp *c, struct token *t) {
  for (;;) {
    int ch = fe_peek(&c->job);
    switch (ch) {
    case FE_EOZ: return TK_EOS;
    case '\n':
    case '\r': fe_newline(c); continue;
    case ' ':
    case '\f':
    case '\t':
    case '\v': c->job.p++; continue;
    case '-':
      c->job.p++;
      if (!accept(c, '-')) return '-';
      skip_comment(c);
      continue;
    case '[': return lex_bracket(c, t);
    case '=': return lex_pair(c, '=', TK_EQ);
    case '<': return lex_angle(c, TK_SHL, TK_LE);
    case '>': return lex_angle(c, TK_SHR, TK_GE);
    case '/': return lex_pair(c, '/', TK_IDIV);
    case '~': return lex_pair(c, '=', TK_NE);
    case ':': return lex_pair(c, ':', TK_DBCOLON);
    case '"':
    case '\'': fe_lex_string(c, ch, t); return TK_STRING;
    case '.': return lex_dot(c, t);
    default:
      if (fe_is(ch, CH_ALPHA)) return lex_name(c, t);
      if (fe_is(ch, CH_DIGIT)) return lex_digit(c, t);
      c->job.p++;
      return ch;
    }
  }
}

void fe_lex_start(struct comp *c) {
  c->line = c->last_line = 1;
  c->ahead.kind = TK_EOS;
  c->delim = DELIM_BUFFER;
}

void fe_next(struct comp *c) {
  c->last_line = c->line;
  if (c->ahead.kind != TK_EOS) {
    c->tok = c->ahead;
    c->ahead.kind = TK_EOS;
    return;
  }
  c->tok.kind = lex(c, &c->tok);
}

int fe_lookahead(struct comp *c) { return c->ahead.kind = lex(c, &c->ahead); }
