/* alloc.h: the memory of one interpreter: size classes with free lists, no lock of its own.
 *
 * lua_Alloc is only called by whoever holds the interpreter's GIL, so that lock guards it. glibc's
 * malloc would do too, but two threads under a GIL that free what the other allocated in another
 * arena lose a quarter of their speed. Small blocks are kept for reuse until the interpreter
 * closes. */
#ifndef GILT_ALLOC_H
#define GILT_ALLOC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define RT_PLAIN_MALLOC 1 /* the sanitizer should see each block */
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                       \
      __has_feature(thread_sanitizer)
#    define RT_PLAIN_MALLOC 1
#  endif
#endif
#ifndef RT_PLAIN_MALLOC
#  define RT_PLAIN_MALLOC 0
#endif

#define RT_HEAP_STEP    16
#define RT_HEAP_MAX     512 /* larger blocks come from malloc */
#define RT_HEAP_CLASSES (RT_HEAP_MAX / RT_HEAP_STEP)

struct rt_heap {
  void *free[RT_HEAP_CLASSES]; /* singly linked through the first word */
  char *bump, *bump_end;       /* the rest of the newest chunk */
  void *chunks;                /* every chunk, linked through its first word */
  size_t chunk_bytes;          /* of the next one */
  _Atomic size_t used;         /* bytes that Lua asked for; relaxed */
  size_t peak;                 /* its highest value */
  size_t limit;                /* 0: none */
  bool fixed;                  /* memory comes from a fixed place, see schedule.h */
};

void rt_heap_init(struct rt_heap *h, size_t limit);
void rt_heap_fini(struct rt_heap *h); /* Lua has given everything back */
/* A lua_Alloc; ud is the heap. */
void *rt_heap_alloc(void *ud, void *ptr, size_t osize, size_t nsize);

#endif
