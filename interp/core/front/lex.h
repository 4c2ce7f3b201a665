/* lex.h: source text to tokens. */
#ifndef GILT_FRONT_LEX_H
#define GILT_FRONT_LEX_H

#include "comp.h"

void fe_lex_start(struct comp *c);
void fe_next(struct comp *c);     /* c->tok becomes the next token */
int fe_lookahead(struct comp *c); /* kind of the token after c->tok */

/* Errors at the current line; the second form shows the current token. */
_Noreturn void fe_error(struct comp *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void fe_error_near(struct comp *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void fe_error_token(struct comp *c, const char *msg, int kind);
/* A token kind as messages show it; `buf` holds it where it is made up. */
const char *fe_token_text(int kind, char buf[16]);

/* strings.c: interning; the literals. */
struct fe_str *fe_intern(struct comp *c, const char *s, size_t len);
struct fe_str *fe_intern_hashed(struct comp *c, const char *s, size_t len, uint32_t hash);
void fe_lex_string(struct comp *c, int delim, struct token *t);
/* The cursor is after '[' or ']' and '=' follows or the same bracket: the level, or -1. All that is
 * read goes to the text buffer. */
int fe_lex_brackets(struct comp *c, int bracket);
void fe_lex_long_string(struct comp *c, int level, struct token *t); /* t NULL: a comment */

/* Character classes of Lua's lexer, whatever the locale. */
enum { CH_ALPHA = 1, CH_DIGIT = 2, CH_HEX = 4, CH_SPACE = 8, CH_PRINT = 16 };
extern const uint8_t fe_chars[257]; /* by character + 1, so that FE_EOZ has none */
static inline bool fe_is(int ch, int classes) { return (fe_chars[ch + 1] & classes) != 0; }

static inline uint32_t fe_hash_step(uint32_t h, unsigned char ch) { return (h ^ ch) * 0x01000193u; }
#define FE_HASH_SEED 0x811c9dc5u

static inline void fe_text_put(struct comp *c, int ch) {
  fe_vec_room(&c->job, &c->text, 1);
  ((char *)c->text.v)[c->text.n++] = (char)ch;
}
/* Take the character under the cursor into the text; the next one. */
static inline int fe_text_take(struct comp *c) {
  fe_text_put(c, *c->job.p++);
  return fe_peek(&c->job);
}
/* Step over a line end at the cursor ("\n", "\r", "\r\n" or "\n\r"). */
void fe_newline(struct comp *c);

#endif
