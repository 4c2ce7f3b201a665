/* idle.c: OS threads whose task has ended wait here for the next one: waking a thread costs a third
 * of making one. The wake-up is put off until the starter gives the lock up, at most for some
 * hundred instructions: before that the new thread could only queue for the lock. At most IDLE_MAX
 * of a runtime wait; they touch no Lua and hold a reference to it. */
#include "thread.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IDLE_MAX 8

/* Lives on the waiting thread's C stack, in rt->idle while it waits. */
struct rt_idle {
  rt_task *task;         /* written before `word`, by whoever took it out of the list; NULL: end */
  _Atomic uint32_t word; /* a futex: 1 = `task` is there */
  struct rt_idle *next;  /* with rt->mtx held */
};

/* The entry is out of the list, `task` set. It may be gone when the system call is made: a wake-up
 * of nobody. */
static void wake(struct rt_idle *idle) {
  /* [idle] release: `task` is visible to who finds the word set; pairs with rt_idle_wait's acquire.
   */
  atomic_store_explicit(&idle->word, 1, memory_order_release);
  syscall(SYS_futex, &idle->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

void rt_flush_start(rt_thread *t) {
  struct rt_idle *idle = t->starting;
  t->starting = NULL;
  if (idle != NULL) wake(idle);
}

bool rt_idle_start(rt_thread *self, rt_task *task) {
  gilt_runtime *rt = task->rt;
  pthread_mutex_lock(&rt->mtx);
  struct rt_idle *idle = rt->idle;
  if (idle != NULL) {
    rt->idle = idle->next;
    rt->idle_count--;
  }
  pthread_mutex_unlock(&rt->mtx);
  if (idle == NULL) return false;
  idle->task = task;
  rt_flush_start(self);
  self->starting = idle;
  if (!rt_safepoint_soon(self)) rt_flush_start(self);
  return true;
}

rt_task *rt_idle_wait(gilt_runtime *rt) {
  struct rt_idle me = {.task = NULL};
  atomic_init(&me.word, 0);
  pthread_mutex_lock(&rt->mtx);
  /* Read under mtx: rt_idle_close takes it after `closing` was set, so nobody comes too late. */
  bool full =
      rt->idle_count >= IDLE_MAX || atomic_load_explicit(&rt->closing, memory_order_relaxed);
  if (!full) {
    me.next = rt->idle;
    rt->idle = &me;
    rt->idle_count++;
  }
  rt_thread_ended_locked(rt);
  pthread_mutex_unlock(&rt->mtx);
  if (full) return NULL;
  while (atomic_load_explicit(&me.word, memory_order_acquire) == 0)
    syscall(SYS_futex, &me.word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
  return me.task;
}

void rt_idle_close(gilt_runtime *rt) {
  pthread_mutex_lock(&rt->mtx);
  struct rt_idle *next, *idle = rt->idle;
  rt->idle = NULL;
  rt->idle_count = 0;
  pthread_mutex_unlock(&rt->mtx);
  for (; idle != NULL; idle = next) {
    next = idle->next; /* before it is told: then its stack is its own again */
    idle->task = NULL;
    wake(idle);
  }
}
