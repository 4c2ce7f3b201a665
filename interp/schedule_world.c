/* schedule_world.c: what a run could depend on besides the schedule: addresses and the clock.
 *
 * Lua hashes objects used as keys by their address, and mixes three addresses and the time into its
 * string hashes (luai_makeseed), so `pairs` would go another way in every process. Under a schedule
 *   - the Lua heap lies at a fixed address and places blocks by their sizes and order alone,
 *   - lua_newstate runs on a C stack at a fixed address,
 *   - time() and clock(), as Lua calls them, are virtual,
 *   - the command restarts itself with address randomisation off, for the addresses of C functions.
 * Where the system forbids the last (a container's filter on personality), the order of pairs can
 * differ from process to process; all else is the same. So can it between two builds of gilt. */
#include "schedule.h"
#include "runtime_impl.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

bool schedule_heap, schedule_fixed;

/* ---- code addresses ---- */

void schedule_fix_addresses(char **argv) {
  int now = personality(0xffffffff);
  if (now == -1 || now & ADDR_NO_RANDOMIZE) return;
  if (personality((unsigned long)now | ADDR_NO_RANDOMIZE) == -1) return;
  /* The new image sees the flag, so this happens once even where it has no effect. */
  execv("/proc/self/exe", argv);
}

/* ---- the heap ---- */

/* Below where Linux puts programs, libraries and stacks, and within 39 bits. */
#define HEAP_BASE   ((uintptr_t)0x2000000000)
#define HEAP_BYTES  ((size_t)64 << 30)
#define HEAP_STEP   ((size_t)4 << 20) /* made accessible at a time */
#define STACK_BASE  ((uintptr_t)0x1ff0000000)
#define STACK_BYTES ((size_t)1 << 20)
#define CLASSES     40

static struct {
  char *bump, *ready, *end;
  void *free[CLASSES]; /* by power of two; linked through the first word */
} heap;

static void *map_at(uintptr_t base, size_t bytes, int prot) {
  void *want = (void *)base; /* NOLINT: a fixed place is the point */
  void *p = mmap(want, bytes, prot,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  if (p == want) return p;
  munmap(p, bytes); /* a kernel before 4.17 takes it for a hint */
  return NULL;
}

void schedule_fix_heap(void) {
  schedule_fixed = true;
#ifdef M_ARENA_MAX
  mallopt(M_ARENA_MAX, 1);
#endif
#if !RT_PLAIN_MALLOC
  char *base = map_at(HEAP_BASE, HEAP_BYTES, PROT_NONE);
  if (base == NULL) return; /* then addresses are as fixed as malloc makes them */
  heap.bump = heap.ready = base;
  heap.end = base + HEAP_BYTES;
  schedule_heap = true;
#endif
}

static int class_of(size_t size) {
  int c = 4;
  while (((size_t)1 << c) < size) c++;
  return c;
}

size_t schedule_heap_room(size_t size) { return (size_t)1 << class_of(size); }

static bool make_ready(size_t size) {
  while ((size_t)(heap.ready - heap.bump) < size) {
    if ((size_t)(heap.end - heap.ready) < HEAP_STEP) return false;
    if (mprotect(heap.ready, HEAP_STEP, PROT_READ | PROT_WRITE) != 0) return false;
    heap.ready += HEAP_STEP;
  }
  return true;
}

void *schedule_heap_alloc(size_t size) {
  int c = class_of(size);
  if (c >= CLASSES) return NULL;
  void *p = heap.free[c];
  if (p != NULL) {
    memcpy(&heap.free[c], p, sizeof(void *));
    return p;
  }
  if (!make_ready((size_t)1 << c)) return NULL;
  p = heap.bump;
  heap.bump += (size_t)1 << c;
  return p;
}

void schedule_heap_free(void *p, size_t size) {
  int c = class_of(size);
  memcpy(p, &heap.free[c], sizeof(void *));
  heap.free[c] = p;
}

/* ---- the stack for lua_newstate ---- */

static struct {
  void (*fn)(void *);
  void *arg;
} call;

static void trampoline(void) { call.fn(call.arg); }

void schedule_call_on_fixed_stack(void (*fn)(void *), void *arg) {
  ucontext_t here, there;
  void *stack = schedule_heap ? map_at(STACK_BASE, STACK_BYTES, PROT_READ | PROT_WRITE) : NULL;
  if (stack == NULL || getcontext(&there) != 0) {
    fn(arg);
    return;
  }
  call.fn = fn;
  call.arg = arg;
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = STACK_BYTES;
  there.uc_link = &here;
  makecontext(&there, trampoline, 0);
  swapcontext(&here, &there);
  munmap(stack, STACK_BYTES);
}
