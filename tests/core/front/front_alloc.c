/* front_alloc.c: memory fails at every single allocation of a corpus, source and binary; each time
 * there must be a clean error and nothing left. */
#include "generate.h"
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto.h"

/* Counts; fails from allocation `fail_at` on (or only there); checks the sizes it is given. */
struct failing {
  long n, fail_at;
  bool only_once;
  size_t bytes;
};

static void *failing_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
  struct failing *f = ud;
  if (nsize == 0) {
    if (ptr != NULL) f->bytes -= osize;
    free(ptr);
    return NULL;
  }
  long n = f->n++;
  if (f->fail_at >= 0 && (f->only_once ? n == f->fail_at : n >= f->fail_at)) return NULL;
  void *p = realloc(ptr, nsize);
  if (p == NULL) abort();
  f->bytes += nsize - (ptr != NULL ? osize : 0);
  return p;
}

static int failed;

static void expect(bool ok, const char *what, long at) {
  if (ok) return;
  fprintf(stderr, "allocation %ld: %s\n", at, what);
  failed++;
}

static int load(const struct buffer *b, struct failing *f, struct fe_unit *unit) {
  struct source s = {b->data, b->len, 100, 0};
  struct fe_params params = {.read = source_read,
                             .read_ud = &s,
                             .alloc = failing_alloc,
                             .alloc_ud = f,
                             .chunkname = "=alloc"};
  return fe_compile(&params, unit);
}

/* Returns the number of allocations of a run without failure. */
static long sweep(const struct buffer *b) {
  struct failing f = {.fail_at = -1};
  struct fe_unit unit;
  int status = load(b, &f, &unit);
  long total = f.n;
  fe_free(&unit);
  expect(f.bytes == 0, "memory left after success", -1);
  for (long at = 0; at < 2 * total; at++) {
    f = (struct failing){.fail_at = at / 2, .only_once = at % 2 == 0};
    int got = load(b, &f, &unit);
    expect(got == FE_ERRMEM, "no memory error", at / 2);
    expect(got != FE_ERRMEM || strcmp(unit.message, "not enough memory") == 0, "wrong message",
           at / 2);
    expect(got != FE_ERRMEM || f.bytes == 0, "memory left after the error", at / 2);
    fe_free(&unit);
    expect(f.bytes == 0, "memory left after fe_free", at / 2);
  }
  (void)status;
  return total;
}

static void both(struct buffer *b) {
  struct failing none = {.fail_at = -1};
  struct fe_unit unit;
  struct buffer chunk = {NULL, 0, 0};
  sweep(b);
  if (load(b, &none, &unit) == FE_OK) {
    fe_dump(unit.main, false, buffer_write, &chunk);
    sweep(&chunk);
  }
  fe_free(&unit);
  buffer_free(&chunk);
  buffer_free(b);
}

static void repeat(struct buffer *b, const char *s, int n) {
  for (; n > 0; n--) buffer_write(b, s, strlen(s));
}

int main(void) {
  struct buffer b = {NULL, 0, 0};
  for (uint64_t seed = 1; seed <= 40; seed++) {
    generate_program(seed, &b);
    both(&b);
    generate_broken(seed, &b);
    both(&b);
  }
  repeat(&b, "x = 'a long line of a long program' .. y .. 1.5 + 2e10\n", 3000);
  both(&b);
  repeat(&b, "local function f(a, b) return function() return a, b end end do local q end\n", 150);
  both(&b);
  repeat(&b, "function f() ", 60);
  repeat(&b, "local a, b goto x do break end ::x::", 2);
  both(&b);
  for (int i = 0; i < 2000; i++) {
    char name[32];
    snprintf(name, sizeof name, "name%d = %d.25 ", i, i * 7);
    repeat(&b, name, 1);
  }
  both(&b);
  repeat(&b, "return '", 1);
  repeat(&b, "y", 300000);
  repeat(&b, "'", 1);
  both(&b);
  return failed != 0;
}
