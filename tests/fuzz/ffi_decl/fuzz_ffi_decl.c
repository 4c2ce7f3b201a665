/* fuzz_ffi_decl.c: the declaration parser on arbitrary bytes, for libFuzzer, AFL++ and, with a main
 * of its own, for files named on the command line (the corpus, as a test).
 * The first byte chooses between a list of declarations and one type, and the `$` parameters. */
#include "ffi/ffi_impl.h"

#include <stdio.h>
#include <stdlib.h>

/* The parser makes no callbacks. */
void callback_state_close(gffi_state *st) { (void)st; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const ctype *ct) {
  char buf[CTYPE_REPR_MAX];
  cfield f;
  ctype_repr(ct, "name", buf, sizeof buf);
  if (ct->kind == CK_RECORD) record_find(ct, "a", 1, &f);
  if (ctype_size(ct) != CT_INCOMPLETE && ctype_align(ct) == 0) abort();
  if (!ctype_same(ct, ct) || !ctype_equivalent(ct, ct, 32)) abort();
}

static void look_at_names(gffi_state *st) {
  for (uint32_t i = 0; i < st->names.cap; i++)
    for (const csym *s = st->names.slot[i]; s != NULL; s = s->next) look_at(s->ct);
  for (uint32_t i = 0; i < st->tags.cap; i++)
    for (const csym *s = st->tags.slot[i]; s != NULL; s = s->next) look_at(s->ct);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char err[DECL_ERROR_MAX];
  gffi_state *st = gffi_state_create(NULL);
  if (st == NULL || size == 0) {
    gffi_state_destroy(st);
    return 0;
  }
  struct decl_param params[] = {{.kind = DP_TYPE, .ct = st->t_int},
                                {.kind = DP_INT, .i = 3},
                                {.kind = DP_NAME, .s = "tag", .len = 3},
                                {.kind = DP_TYPE, .ct = st->t_voidp}};
  /* A copy without a terminator: reading behind the end is found. */
  char *text = malloc(size - 1 > 0 ? size - 1 : 1);
  if (text == NULL) abort();
  memcpy(text, data + 1, size - 1);
  struct decl_source src = {text, size - 1, "fuzz", params, data[0] & 4 ? 4 : 0};
  if ((data[0] & 1) != 0) {
    const ctype *ct = decl_parse_type(st, &src, err);
    if (ct != NULL) look_at(ct);
  } else {
    decl_parse_all(st, &src, err);
    if ((data[0] & 2) != 0) decl_parse_all(st, &src, err); /* declared again */
  }
  look_at_names(st);
  free(text);
  gffi_state_destroy(st);
  return 0;
}

#ifdef FUZZ_MAIN
#  define INPUT_MAX (1u << 20)

static int one(FILE *f) {
  uint8_t *buf = malloc(INPUT_MAX);
  if (buf == NULL) return 1;
  size_t n = fread(buf, 1, INPUT_MAX, f);
  LLVMFuzzerTestOneInput(buf, n);
  free(buf);
  return 0;
}

/* Without arguments, standard input: what afl-fuzz feeds. */
int main(int argc, char **argv) {
  if (argc < 2) return one(stdin);
  for (int i = 1; i < argc; i++) {
    FILE *f = fopen(argv[i], "rb");
    if (f == NULL || one(f) != 0) {
      perror(argv[i]);
      return 1;
    }
    fclose(f);
  }
  return 0;
}
#endif
