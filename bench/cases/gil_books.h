/* gil_books.h: what gil_books.c and its modules agree on. */
#ifndef GILT_BENCH_GIL_BOOKS_H
#define GILT_BENCH_GIL_BOOKS_H

enum books_work { BOOKS_COMPUTE, BOOKS_SHORT, BOOKS_READ, BOOKS_BLOCK };

double books_run(enum books_work work, int threads, long turns);

#endif
