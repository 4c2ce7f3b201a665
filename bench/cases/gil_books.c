/* gil_books.c: the lock's accounting against the same lock with it compiled out, in CPU time. Bar:
 * 1.01 for threads that compute, with ten times as many switches as by default, and for short
 * releases. The empty blocking region, in which nothing is done but the books and the lock,
 * shows what two entries cost at most. */
#include "gil_books.h"
#include "gil_case.h"

#include <dlfcn.h>

typedef double run_fn(enum books_work work, int threads, long turns);

struct books {
  run_fn *on, *off;
  enum books_work work;
  int threads;
  long turns;
};

static double on(void *arg) {
  struct books *b = arg;
  return b->on(b->work, b->threads, b->turns);
}
static double off(void *arg) {
  struct books *b = arg;
  return b->off(b->work, b->threads, b->turns);
}

static run_fn *load(const char *path) {
  void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void *symbol = module != NULL ? dlsym(module, "books_run") : NULL;
  run_fn *fn;
  if (symbol == NULL) {
    fprintf(stderr, "gil_books: %s\n", dlerror());
    exit(1);
  }
  memcpy(&fn, &symbol, sizeof fn);
  return fn;
}

int main(int argc, char **argv) {
  bool smoke = case_smoke(argc, argv);
  int rounds = smoke ? 3 : 21;
  struct books b = {.on = load(BOOKS_ON), .off = load(BOOKS_OFF)};
  const struct {
    const char *what;
    enum books_work work;
    int threads;
    long turns;
    double bar;
  } rows[] = {{"books: 1 thread computes", BOOKS_COMPUTE, 1, 200000, 1.01},
              {"books: 4 threads, 0.5 ms interval", BOOKS_COMPUTE, 4, 200000, 1.01},
              {"books: short releases", BOOKS_SHORT, 1, 2000000, 1.01},
              {"books: region round a system call", BOOKS_READ, 1, 200000, 1.2},
              {"books: empty blocking region", BOOKS_BLOCK, 1, 200000, 1.5}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    b.work = rows[i].work;
    b.threads = rows[i].threads;
    b.turns = smoke ? rows[i].turns / 100 : rows[i].turns;
    case_compare(rows[i].what, "compiled out", rows[i].bar, rounds, on, off, &b);
  }
  return 0;
}
