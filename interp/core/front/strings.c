/* strings.c: interned strings; string literals and their escapes. */
#include "lex.h"

#include <stdio.h>
#include <string.h>

/* --- interning --- */

static int keyword_of(const char *s, size_t len) {
  static const struct {
    uint8_t len;
    char text[9];
  } words[] = {{3, "and"},   {5, "break"},  {2, "do"},     {4, "else"},     {6, "elseif"},
               {3, "end"},   {5, "false"},  {3, "for"},    {8, "function"}, {4, "goto"},
               {2, "if"},    {2, "in"},     {5, "local"},  {3, "nil"},      {3, "not"},
               {2, "or"},    {6, "repeat"}, {6, "return"}, {4, "then"},     {4, "true"},
               {5, "until"}, {5, "while"}};
  if (len < 2 || len > 8 || s[0] < 'a' || s[0] > 'w') return 0;
  for (int i = 0; i < (int)(sizeof words / sizeof *words) && words[i].text[0] <= s[0]; i++) {
    if (words[i].len == len && memcmp(words[i].text, s, len) == 0) return TK_AND + i;
  }
  return 0;
}

static void grow_names(struct comp *c) {
  int cap = c->names_cap * 2;
  struct fe_str **old = c->names;
  /* in the arena: doubling wastes at most as much again, and there is nothing to free */
  struct fe_str **names = fe_new_array(&c->job, cap, sizeof *names);
  memset(names, 0, (size_t)cap * sizeof *names);
  for (int i = 0; i < c->names_cap; i++) {
    if (old[i] == NULL) continue;
    uint32_t at = old[i]->hash;
    while (names[at & (uint32_t)(cap - 1)] != NULL) at++;
    names[at & (uint32_t)(cap - 1)] = old[i];
  }
  c->names = names;
  c->names_cap = cap;
}

struct fe_str *fe_intern_hashed(struct comp *c, const char *s, size_t len, uint32_t hash) {
  uint32_t at = (hash ^= hash >> 15), mask = (uint32_t)c->names_cap - 1;
  struct fe_str *f;
  for (; (f = c->names[at & mask]) != NULL; at++) {
    if (f->hash == hash && f->len == len && memcmp(f->data, s, len) == 0) return f;
  }
  f = fe_new(&c->job, sizeof *f + len + 1);
  f->len = len;
  f->hash = hash;
  f->kindex = -1;
  memcpy(f->data, s, len);
  f->data[len] = '\0';
  f->token = keyword_of(s, len);
  c->names[at & mask] = f;
  if (++c->nnames > c->names_cap / 4 * 3) grow_names(c);
  return f;
}

struct fe_str *fe_intern(struct comp *c, const char *s, size_t len) {
  uint32_t hash = FE_HASH_SEED;
  for (size_t i = 0; i < len; i++) hash = fe_hash_step(hash, (unsigned char)s[i]);
  return fe_intern_hashed(c, s, len, hash);
}

/* --- escapes: the cursor is on the character after the backslash, which is already in the text,
 * so that messages show it; each function replaces it by what it means --- */

static void drop_text(struct comp *c, int n) { c->text.n -= n; }

static _Noreturn void bad_escape(struct comp *c, const char *msg) {
  if (fe_peek(&c->job) != FE_EOZ) fe_text_take(c); /* show the offending character too */
  fe_error_token(c, msg, TK_STRING);
}

static int hex_digit(int ch) { return fe_is(ch, CH_DIGIT) ? ch - '0' : (ch | 0x20) - 'a' + 10; }

/* Takes the character under the cursor; the value of the hexadecimal digit after it. */
static int take_then_hex(struct comp *c) {
  int ch = fe_text_take(c);
  if (!fe_is(ch, CH_HEX)) bad_escape(c, "hexadecimal digit expected");
  return hex_digit(ch);
}

static void escape_char(struct comp *c, int ch) {
  c->job.p++;
  drop_text(c, 1);
  fe_text_put(c, ch);
}

static void escape_hex(struct comp *c) {
  int v = take_then_hex(c) << 4;
  v |= take_then_hex(c);
  drop_text(c, 2);
  escape_char(c, v);
}

static void escape_decimal(struct comp *c) {
  int v = 0, n = 0, ch = fe_peek(&c->job);
  for (; n < 3 && fe_is(ch, CH_DIGIT); n++) {
    v = v * 10 + (ch - '0');
    ch = fe_text_take(c);
  }
  if (v > UINT8_MAX) bad_escape(c, "decimal escape too large");
  drop_text(c, n + 1);
  fe_text_put(c, v);
}

/* The original UTF-8 scheme, up to 31 bits in 6 bytes. */
static void put_utf8(struct comp *c, uint32_t v) {
  char bytes[8];
  int n = 0;
  if (v < 0x80) {
    fe_text_put(c, (int)v);
    return;
  }
  uint32_t first_max = 0x3f; /* what fits into the first byte */
  do {
    bytes[n++] = (char)(0x80 | (v & 0x3f));
    v >>= 6;
    first_max >>= 1;
  } while (v > first_max);
  bytes[n++] = (char)((~first_max << 1) | v);
  while (n > 0) fe_text_put(c, bytes[--n]);
}

static void escape_utf8(struct comp *c) {
  int used = 4; /* backslash, 'u', '{', first digit */
  int ch = fe_text_take(c);
  if (ch != '{') bad_escape(c, "missing '{'");
  uint32_t v = (uint32_t)take_then_hex(c);
  while (fe_is(ch = fe_text_take(c), CH_HEX)) {
    used++;
    if (v > 0x7fffffffu >> 4) bad_escape(c, "UTF-8 value too large");
    v = v << 4 | (uint32_t)hex_digit(ch);
  }
  if (ch != '}') bad_escape(c, "missing '}'");
  c->job.p++;
  drop_text(c, used);
  put_utf8(c, v);
}

/* \z: skip the white space that follows, line ends included. */
static void escape_skip(struct comp *c) {
  int ch;
  drop_text(c, 1);
  c->job.p++;
  while (fe_is(ch = fe_peek(&c->job), CH_SPACE)) {
    if (ch == '\n' || ch == '\r')
      fe_newline(c);
    else
      c->job.p++;
  }
}

static void escape_newline(struct comp *c) {
  fe_newline(c);
  drop_text(c, 1);
  fe_text_put(c, '\n');
}

static void lex_escape(struct comp *c) {
  int ch = fe_text_take(c); /* the backslash */
  switch (ch) {
  case FE_EOZ: return; /* the caller says "unfinished" */
  case 'a': escape_char(c, '\a'); return;
  case 'b': escape_char(c, '\b'); return;
  case 'f': escape_char(c, '\f'); return;
  case 'n': escape_char(c, '\n'); return;
  case 'r': escape_char(c, '\r'); return;
  case 't': escape_char(c, '\t'); return;
  case 'v': escape_char(c, '\v'); return;
  case '\\':
  case '"':
  case '\'': escape_char(c, ch); return;
  case 'x': escape_hex(c); return;
  case 'u': escape_utf8(c); return;
  case 'z': escape_skip(c); return;
  case '\n':
  case '\r': escape_newline(c); return;
  default:
    if (!fe_is(ch, CH_DIGIT)) bad_escape(c, "invalid escape sequence");
    escape_decimal(c);
  }
}

/* --- quoted literals --- */

static void lex_string_slow(struct comp *c, int delim, struct token *t) {
  c->delim = DELIM_BUFFER;
  c->text.n = 0;
  int ch = fe_text_take(c);
  while (ch != delim) {
    switch (ch) {
    case FE_EOZ: fe_error_token(c, "unfinished string", TK_EOS);
    case '\n':
    case '\r': fe_error_token(c, "unfinished string", TK_STRING);
    case '\\':
      lex_escape(c);
      ch = fe_peek(&c->job);
      break;
    default: ch = fe_text_take(c);
    }
  }
  fe_text_take(c);
  t->u.s = fe_intern(c, (char *)c->text.v + 1, (size_t)c->text.n - 2);
}

/* Most literals have no escape and end within the piece: take them from there. */
void fe_lex_string(struct comp *c, int delim, struct token *t) {
  const unsigned char *start = c->job.p + 1, *end = c->job.end, *p = start;
  uint32_t hash = FE_HASH_SEED;
  while (p < end && *p != delim && *p != '\\' && *p != '\n' && *p != '\r')
    hash = fe_hash_step(hash, *p++);
  if (p == end || *p != delim) {
    lex_string_slow(c, delim, t);
    return;
  }
  c->job.p = p + 1;
  c->delim = delim;
  t->u.s = fe_intern_hashed(c, (const char *)start, (size_t)(p - start), hash);
}

/* --- long brackets --- */

int fe_lex_brackets(struct comp *c, int bracket) {
  int level = 0, ch = fe_text_take(c);
  while (ch == '=') {
    level++;
    ch = fe_text_take(c);
  }
  return ch == bracket ? level : -1;
}

void fe_lex_long_string(struct comp *c, int level, struct token *t) {
  int line = c->line;
  int ch = fe_text_take(c); /* the second '[' */
  if (ch == '\n' || ch == '\r') fe_newline(c);
  for (;;) {
    switch (ch = fe_peek(&c->job)) {
    case FE_EOZ: {
      char msg[64];
      const char *what = t != NULL ? "string" : "comment";
      snprintf(msg, sizeof msg, "unfinished long %s (starting at line %d)", what, line);
      fe_error_token(c, msg, TK_EOS);
    }
    case ']':
      if (t == NULL) c->text.n = 0;
      if (fe_lex_brackets(c, ']') != level) continue;
      fe_text_take(c);
      if (t == NULL) return;
      t->u.s = fe_intern(c, (char *)c->text.v + level + 2, (size_t)(c->text.n - 2 * (level + 2)));
      return;
    case '\n':
    case '\r':
      fe_newline(c);
      if (t != NULL) fe_text_put(c, '\n');
      break;
    default:
      if (t != NULL)
        fe_text_take(c);
      else
        c->job.p++;
    }
  }
}
