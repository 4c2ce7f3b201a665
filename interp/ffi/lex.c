/* lex.c: tokens of C declarations, after preprocessing: comments, line markers and #pragma pack are
 * understood here. Every read is checked against the end of the text. */
#include "decl_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void decl_error(struct parser *P, const char *fmt, ...) {
  va_list ap;
  int n = snprintf(P->err, DECL_ERROR_MAX, "%u:%u: ", (unsigned)P->lx.start_lineno,
                   (unsigned)(P->lx.start - P->lx.start_line + 1));
  va_start(ap, fmt);
  vsnprintf(P->err + n, (size_t)(DECL_ERROR_MAX - n), fmt, ap);
  va_end(ap);
  longjmp(P->jmp, 1);
}

void decl_no_memory(struct parser *P) { decl_error(P, "not enough memory"); }

void decl_enter(struct parser *P) {
  if (++P->depth > DECL_DEPTH_MAX) decl_error(P, "nested too deeply (%d levels)", DECL_DEPTH_MAX);
}

const char *lex_describe(struct parser *P, char *buf, size_t cap) {
  size_t len = (size_t)(P->lx.p - P->lx.start);
  if (P->lx.tok == TK_EOF) {
    snprintf(buf, cap, "the end");
  } else {
    bool cut = len > 40;
    snprintf(buf, cap, "'%.*s%s'", cut ? 40 : (int)len, P->lx.start, cut ? "..." : "");
  }
  return buf;
}

void decl_expected(struct parser *P, const char *what) {
  char buf[64];
  decl_error(P, "expected %s before %s", what, lex_describe(P, buf, sizeof buf));
}

void lex_expect(struct parser *P, int tok, const char *what) {
  if (!lex_accept(P, tok)) decl_expected(P, what);
}

/* ------------------------------------------------------------------ keywords */

struct keyword {
  const char *name;
  int tok;
};
static const struct keyword keywords[] = {
    /* sorted by strcmp */
    {"_Alignas", TK_ALIGNAS},
    {"_Alignof", TK_ALIGNOF},
    {"_Atomic", TK_FRIENDLY},
    {"_Bool", TK_BOOL},
    {"_Complex", TK_COMPLEX},
    {"_Float128", TK_FLOAT128},
    {"_Float16", TK_FLOAT16},
    {"_Float32", TK_FLOAT32},
    {"_Float32x", TK_FLOAT64},
    {"_Float64", TK_FLOAT64},
    {"_Float64x", TK_FLOAT64X},
    {"_Imaginary", TK_IMAGINARY},
    {"_Nonnull", TK_FRIENDLY},
    {"_Noreturn", TK_NORETURN},
    {"_Nullable", TK_FRIENDLY},
    {"_Static_assert", TK_STATIC_ASSERT},
    {"_Thread_local", TK_FRIENDLY},
    {"__alignof", TK_ALIGNOF},
    {"__alignof__", TK_ALIGNOF},
    {"__asm", TK_ASM},
    {"__asm__", TK_ASM},
    {"__attribute", TK_ATTRIBUTE},
    {"__attribute__", TK_ATTRIBUTE},
    {"__bf16", TK_BF16},
    {"__cdecl", TK_CALLCONV},
    {"__complex", TK_COMPLEX},
    {"__complex__", TK_COMPLEX},
    {"__const", TK_CONST},
    {"__const__", TK_CONST},
    {"__declspec", TK_DECLSPEC},
    {"__extension__", TK_EXTENSION},
    {"__fastcall", TK_CALLCONV},
    {"__float128", TK_FLOAT128},
    {"__fp16", TK_FLOAT16},
    {"__inline", TK_INLINE},
    {"__inline__", TK_INLINE},
    {"__int128", TK_INT128},
    {"__int16", TK_INT16},
    {"__int32", TK_INT32},
    {"__int64", TK_INT64},
    {"__int8", TK_INT8},
    {"__noreturn__", TK_NORETURN},
    {"__restrict", TK_RESTRICT},
    {"__restrict__", TK_RESTRICT},
    {"__signed", TK_SIGNED},
    {"__signed__", TK_SIGNED},
    {"__stdcall", TK_CALLCONV},
    {"__thiscall", TK_CALLCONV},
    {"__thread", TK_FRIENDLY},
    {"__typeof", TK_TYPEOF},
    {"__typeof__", TK_TYPEOF},
    {"__volatile", TK_VOLATILE},
    {"__volatile__", TK_VOLATILE},
    {"alignas", TK_ALIGNAS},
    {"alignof", TK_ALIGNOF},
    {"asm", TK_ASM},
    {"auto", TK_AUTO},
    {"bool", TK_BOOL},
    {"char", TK_CHAR},
    {"complex", TK_COMPLEX},
    {"const", TK_CONST},
    {"double", TK_DOUBLE},
    {"enum", TK_ENUM},
    {"extern", TK_EXTERN},
    {"float", TK_FLOATKW},
    {"inline", TK_INLINE},
    {"int", TK_INTKW},
    {"long", TK_LONG},
    {"register", TK_FRIENDLY},
    {"restrict", TK_RESTRICT},
    {"short", TK_SHORT},
    {"signed", TK_SIGNED},
    {"sizeof", TK_SIZEOF},
    {"static", TK_STATIC},
    {"struct", TK_STRUCT},
    {"typedef", TK_TYPEDEF},
    {"typeof", TK_TYPEOF},
    {"union", TK_UNION},
    {"unsigned", TK_UNSIGNED},
    {"void", TK_VOID},
    {"volatile", TK_VOLATILE},
};

static int keyword_compare(const void *key, const void *elem) {
  const struct parser *P = key;
  const struct keyword *k = elem;
  int c = strncmp(P->name, k->name, P->name_len);
  return c != 0 ? c : k->name[P->name_len] == '\0' ? 0 : -1;
}

static bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* ------------------------------------------------------------------ blanks */

static void newline(struct parser *P) {
  P->lx.lineno++;
  P->lx.line = P->lx.p;
  P->lx.bol = true;
}

static void set_start(struct parser *P) {
  P->lx.start = P->lx.p;
  P->lx.start_line = P->lx.line;
  P->lx.start_lineno = P->lx.lineno;
}

static void skip_comment(struct parser *P) {
  set_start(P);
  for (P->lx.p += 2; P->end - P->lx.p >= 2;) {
    if (P->lx.p[0] == '*' && P->lx.p[1] == '/') {
      P->lx.p += 2;
      return;
    }
    if (*P->lx.p++ == '\n') newline(P);
  }
  decl_error(P, "unfinished comment");
}

/* Words of a #pragma line, into buf. */
static const char *directive_word(const char *p, const char *end, char *buf, size_t cap) {
  size_t n = 0;
  while (p < end && (*p == ' ' || *p == '\t' || *p == '(' || *p == ',')) p++;
  while (p < end && (is_alpha(*p) || is_digit(*p)) && n + 1 < cap) buf[n++] = *p++;
  buf[n] = '\0';
  return p;
}

static void pragma_pack(struct parser *P, const char *p, const char *end) {
  char word[16];
  while (p < end && *p != '(') p++;
  if (p == end) decl_error(P, "expected '(' after #pragma pack");
  bool reset = true;
  for (p = directive_word(p, end, word, sizeof word); word[0] != '\0';
       p = directive_word(p, end, word, sizeof word)) {
    if (strcmp(word, "push") == 0) {
      if (P->pack_depth == PACK_DEPTH) decl_error(P, "#pragma pack(push) nested too deeply");
      P->pack_stack[P->pack_depth++] = P->pack;
    } else if (strcmp(word, "pop") == 0) {
      if (P->pack_depth > 0) P->pack = P->pack_stack[--P->pack_depth];
    } else if (is_digit(word[0])) {
      unsigned long n = strtoul(word, NULL, 10);
      if (n > 16 || (n & (n - 1)) != 0)
        decl_error(P, "#pragma pack(%s): 0, 1, 2, 4, 8 or 16", word);
      P->pack = (uint32_t)n;
    }
    reset = false;
  }
  if (reset) P->pack = 0;
}

/* A line that starts with `#`: only #pragma pack means something after preprocessing. */
static void directive(struct parser *P) {
  char word[16];
  const char *eol = memchr(P->lx.p, '\n', (size_t)(P->end - P->lx.p));
  if (eol == NULL) eol = P->end;
  set_start(P);
  const char *p = directive_word(P->lx.p + 1, eol, word, sizeof word);
  if (strcmp(word, "pragma") == 0) {
    p = directive_word(p, eol, word, sizeof word);
    if (strcmp(word, "pack") == 0) pragma_pack(P, p, eol);
  } else if (word[0] != '\0' && !is_digit(word[0]) && strcmp(word, "line") != 0 &&
             strcmp(word, "ident") != 0) {
    decl_error(P, "#%s: declarations are read after preprocessing (cc -E -P)", word);
  }
  P->lx.p = eol;
}

static void skip_blanks(struct parser *P) {
  while (P->lx.p < P->end) {
    char c = *P->lx.p;
    if (c == '\n') {
      P->lx.p++;
      newline(P);
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      P->lx.p++;
    } else if (c == '\\' && P->end - P->lx.p >= 2 && P->lx.p[1] == '\n') {
      P->lx.p += 2;
      newline(P);
    } else if (c == '/' && P->end - P->lx.p >= 2 && P->lx.p[1] == '*') {
      skip_comment(P);
    } else if (c == '/' && P->end - P->lx.p >= 2 && P->lx.p[1] == '/') {
      while (P->lx.p < P->end && *P->lx.p != '\n') P->lx.p++;
    } else if (c == '#' && P->lx.bol) {
      directive(P);
    } else {
      break;
    }
  }
}

/* ------------------------------------------------------------------ numbers, characters, strings
 */

static int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

static int lex_float(struct parser *P, size_t len) {
  char buf[64], *endp;
  if (len >= sizeof buf) decl_error(P, "number too long");
  memcpy(buf, P->lx.start, len);
  buf[len] = '\0';
  P->num = (struct value){.is_float = true, .size = sizeof(double), .d = strtod(buf, &endp)};
  if (*endp != '\0' && (strchr("fFlL", *endp) == NULL || endp[1] != '\0'))
    decl_error(P, "malformed number '%s'", buf);
  if (*endp == 'f' || *endp == 'F') P->num.size = sizeof(float);
  if (*endp == 'l' || *endp == 'L') P->num.size = sizeof(long double);
  return TK_FLOAT;
}

static int lex_number(struct parser *P) {
  const char *p = P->lx.p, *end = P->end;
  int base = 10;
  bool is_float = false, overflow = false;
  uint64_t v = 0;
  while (p < end && (is_alpha(*p) || is_digit(*p) || *p == '.' ||
                     ((*p == '+' || *p == '-') && strchr("eEpP", p[-1]) != NULL)))
    p++;
  size_t len = (size_t)(p - P->lx.start);
  P->lx.p = p;
  const char *q = P->lx.start;
  if (q[0] == '0') base = 8;
  if (len > 2 && q[0] == '0' && (q[1] == 'x' || q[1] == 'X')) base = 16;
  if (len > 2 && q[0] == '0' && (q[1] == 'b' || q[1] == 'B')) base = 2;
  if (base == 16 || base == 2) q += 2;
  for (const char *s = q; s < p; s++)
    if (*s == '.' || (base != 16 && (*s == 'e' || *s == 'E')) || *s == 'p' || *s == 'P')
      is_float = true;
  if (is_float) return lex_float(P, len);
  for (; q < p && digit_value(*q) < base; q++) {
    if (v > (UINT64_MAX - (uint64_t)digit_value(*q)) / (uint64_t)base) overflow = true;
    v = v * (uint64_t)base + (uint64_t)digit_value(*q);
  }
  bool is_unsigned = false, is_long = false;
  for (; q < p; q++) {
    if (*q == 'u' || *q == 'U')
      is_unsigned = true;
    else if (*q == 'l' || *q == 'L')
      is_long = true;
    else
      decl_error(P, "malformed number '%.*s'", len > 40 ? 40 : (int)len, P->lx.start);
  }
  if (overflow) decl_error(P, "number too large");
  bool wide = is_long || v > UINT32_MAX || (v > INT32_MAX && !is_unsigned && base == 10);
  P->num = (struct value){.i = (int64_t)v, .size = wide ? 8 : 4};
  P->num.is_unsigned = is_unsigned || (wide ? v > INT64_MAX : v > INT32_MAX);
  return TK_INT;
}

static int hex_escape(struct parser *P) {
  unsigned v = 0;
  if (P->lx.p == P->end || digit_value(*P->lx.p) > 15) decl_error(P, "\\x without digits");
  while (P->lx.p < P->end && digit_value(*P->lx.p) <= 15)
    v = v * 16 + (unsigned)digit_value(*P->lx.p++);
  return (signed char)(v & 0xff);
}

static int escape(struct parser *P) {
  static const char from[] = "abfnrtv\\'\"?e", to[] = "\a\b\f\n\r\t\v\\'\"?\033";
  if (P->lx.p == P->end) decl_error(P, "unfinished character constant");
  char c = *P->lx.p++;
  if (c == 'x') return hex_escape(P);
  if (c >= '0' && c <= '7') {
    int v = c - '0';
    for (int i = 0; i < 2 && P->lx.p < P->end && *P->lx.p >= '0' && *P->lx.p <= '7'; i++)
      v = v * 8 + (*P->lx.p++ - '0');
    return (signed char)(v & 0xff);
  }
  const char *at = c == '\0' ? NULL : strchr(from, c);
  if (at == NULL) decl_error(P, "unknown escape sequence");
  return to[at - from];
}

static int lex_char(struct parser *P) {
  int v = 0, n = 0;
  for (P->lx.p++; P->lx.p < P->end && *P->lx.p != '\'' && *P->lx.p != '\n'; n++) {
    char c = *P->lx.p++;
    int one = c == '\\' ? escape(P) : c;
    v = n == 0 ? one : (int)((unsigned)v << 8 | (unsigned char)one);
  }
  if (P->lx.p == P->end || *P->lx.p != '\'' || n == 0)
    decl_error(P, "unfinished character constant");
  P->lx.p++;
  P->num = (struct value){.i = v, .size = 4};
  return TK_INT;
}

static int lex_string(struct parser *P) {
  P->name = ++P->lx.p;
  while (P->lx.p < P->end && *P->lx.p != '"' && *P->lx.p != '\n') {
    if (*P->lx.p == '\\' && P->end - P->lx.p >= 2) P->lx.p++;
    P->lx.p++;
  }
  if (P->lx.p >= P->end || *P->lx.p != '"') decl_error(P, "unfinished string");
  P->name_len = (size_t)(P->lx.p - P->name);
  P->lx.p++;
  return TK_STRING;
}

/* ------------------------------------------------------------------ tokens */

static int lex_ident(struct parser *P) {
  const char *p = P->lx.p;
  while (p < P->end && (is_alpha(*p) || is_digit(*p))) p++;
  P->name = P->lx.p;
  P->name_len = (size_t)(p - P->lx.p);
  P->lx.p = p;
  if (p < P->end && *p == '\'' && P->name_len == 1 && strchr("LuU", *P->name) != NULL)
    return lex_char(P);
  const struct keyword *k = bsearch(P, keywords, sizeof keywords / sizeof keywords[0],
                                    sizeof keywords[0], keyword_compare);
  return k != NULL ? k->tok : TK_IDENT;
}

/* `$`: the next parameter, as a name, a type or a number. */
static int lex_param(struct parser *P) {
  P->lx.p++;
  if (P->lx.param >= P->src->nparams)
    decl_error(P, "'$' number %u has no parameter", (unsigned)P->lx.param + 1);
  const struct decl_param *d = &P->src->params[P->lx.param++];
  if (d->kind == DP_NAME) {
    P->name = d->s;
    P->name_len = d->len;
    return TK_IDENT;
  }
  if (d->kind == DP_INT) {
    P->num = (struct value){.i = d->i, .size = 8};
    return TK_INT;
  }
  P->param = d;
  P->name = "$";
  P->name_len = 1;
  return TK_IDENT;
}

static int lex_punct(struct parser *P) {
  static const struct {
    char s[4];
    int tok;
  } puncts[] = {{"...", TK_ELLIPSIS}, {"<<", TK_SHL},  {">>", TK_SHR}, {"<=", TK_LE},
                {">=", TK_GE},        {"==", TK_EQ},   {"!=", TK_NE},  {"&&", TK_AND},
                {"||", TK_OR},        {"->", TK_ARROW}};
  size_t left = (size_t)(P->end - P->lx.p);
  for (size_t i = 0; i < sizeof puncts / sizeof puncts[0]; i++) {
    size_t n = strlen(puncts[i].s);
    if (n <= left && memcmp(P->lx.p, puncts[i].s, n) == 0) {
      P->lx.p += n;
      return puncts[i].tok;
    }
  }
  char c = *P->lx.p++;
  if (c == '\0' || strchr("(){}[]*,;:=?+-/%&|^~!<>.", c) == NULL)
    decl_error(P, c >= 32 && c < 127 ? "unexpected character '%c'" : "unexpected byte 0x%02x",
               (unsigned char)c);
  return c;
}

static int lex_token(struct parser *P) {
  char c = *P->lx.p;
  P->lx.bol = false;
  if (is_alpha(c)) return lex_ident(P);
  if (is_digit(c) || (c == '.' && P->end - P->lx.p >= 2 && is_digit(P->lx.p[1])))
    return lex_number(P);
  if (c == '\'') return lex_char(P);
  if (c == '"') return lex_string(P);
  if (c == '$') return lex_param(P);
  return lex_punct(P);
}

void lex_next(struct parser *P) {
  P->param = NULL;
  skip_blanks(P);
  set_start(P);
  P->lx.tok = P->lx.p == P->end ? TK_EOF : lex_token(P);
}

void lex_init(struct parser *P) {
  memset(&P->lx, 0, sizeof P->lx);
  P->lx.p = P->lx.line = P->src->text;
  P->end = P->src->text + P->src->len;
  P->lx.lineno = 1;
  P->lx.bol = true;
  lex_next(P);
}

/* Goes back to the begin of pos's token and reads it again, for its name and value. */
void lex_seek(struct parser *P, const struct lex_pos *pos) {
  uint32_t param = pos->param;
  P->lx = *pos;
  if (pos->tok == TK_EOF) return;
  P->lx.p = pos->start;
  P->lx.line = pos->start_line;
  P->lx.lineno = pos->start_lineno;
  if (*pos->start == '$') P->lx.param = param - 1;
  P->param = NULL;
  P->lx.tok = lex_token(P);
}

void lex_skip_balanced(struct parser *P) {
  struct lex_pos open = P->lx;
  size_t depth = 0;
  do {
    int t = P->lx.tok;
    if (t == '(' || t == '[' || t == '{') depth++;
    if (t == ')' || t == ']' || t == '}') depth--;
    if (t == TK_EOF) {
      int c = open.tok;
      P->lx = open;
      decl_error(P, "'%c' is never closed", c);
    }
    lex_next(P);
  } while (depth > 0);
}
