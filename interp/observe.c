/* observe.c: see observe.h. One collector thread per observed runtime moves events from the rings
 * to a file; it never takes the GIL. */
#include "observe.h"
#include "runtime_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COLLECT_MS 10
#define BATCH      2048

#if GILT_GIL
struct observed {
  gilt_runtime *rt;
  pid_t pid; /* of the process that it was made in */
  int number;
  int events; /* descriptor; -1 none */
  uint64_t collector_ns;
  pthread_t collector;
  bool collecting;
  pthread_mutex_t mtx;
  pthread_cond_t wake;
  bool stop; /* (mtx) */
  gil_event batch[BATCH];
  struct observed *next;
};

static struct observe_plan plan;
static char *dir;
static pthread_mutex_t list_mtx = PTHREAD_MUTEX_INITIALIZER;
static struct observed *list; /* (list_mtx) */
static int made;              /* (list_mtx) */

static void path_of(const struct observed *o, const char *what, char *buf, size_t size) {
  snprintf(buf, size, "%s/%s.%ld.%d", dir, what, (long)o->pid, o->number);
}

static FILE *create(const struct observed *o, const char *what) {
  char path[4200];
  path_of(o, what, path, sizeof path);
  return fopen(path, "we");
}

/* ---- counters ---- */

static void put_histogram(FILE *f, gil *g, enum gil_histogram which, const char *name) {
  static const double q[] = {0.5, 0.9, 0.99, 0.999};
  static const char *const label[] = {"p50", "p90", "p99", "p999"};
  gil_hist *h = malloc(sizeof *h);
  if (h == NULL) return;
  gil_histogram(g, which, h);
  fprintf(f, "%s_count %" PRIu64 "\n%s_max %" PRIu64 "\n", name, h->count, name, h->max);
  for (int i = 0; i < 4; i++)
    fprintf(f, "%s_%s %" PRIu64 "\n", name, label[i], gil_hist_quantile(h, q[i]));
  free(h);
}

static void put_text(FILE *f, const char *key, const char *text) {
  fprintf(f, "%s ", key);
  for (; *text != '\0'; text++) fputc((unsigned char)*text < 32 ? ' ' : *text, f);
  fputc('\n', f);
}

/* Keys t1_..., t2_...: the threads one by one. */
static void write_each_thread(FILE *f, gil *g) {
  size_t n = gil_thread_reports(g, NULL, 0);
  gil_thread_report *r = calloc(n + 1, sizeof *r);
  if (r == NULL) return;
  size_t have = gil_thread_reports(g, r, n);
  for (size_t i = 0; i < n && i < have; i++) {
    char key[48];
    const gil_stats *s = &r[i].stats;
    snprintf(key, sizeof key, "t%zu_name", i + 1);
    put_text(f, key, r[i].name);
    snprintf(key, sizeof key, "t%zu_longest_what", i + 1);
    put_text(f, key, r[i].longest_what);
    fprintf(f,
            "t%zu_life_ns %" PRIu64 "\nt%zu_born_ns %" PRIu64 "\nt%zu_longest_hold_ns %" PRIu64
            "\nt%zu_longest_wait_ns %" PRIu64 "\nt%zu_acquisitions %" PRIu64 "\n",
            i + 1, s->life_ns, i + 1, r[i].born_ns, i + 1, s->longest_hold_ns, i + 1,
            s->longest_wait_ns, i + 1, s->acquisitions);
    for (int k = 0; k < GIL_STATE_COUNT; k++)
      fprintf(f, "t%zu_state_%s %" PRIu64 "\n", i + 1, gil_state_name((enum gil_state)k),
              s->state_ns[k]);
  }
  free(r);
}

static void write_stats(struct observed *o) {
  gil *g = gilt_lock(o->rt);
  FILE *f = create(o, "stats");
  if (f == NULL) return;
  gil_stats s;
  gil_longest longest;
  gil_total_stats(g, &s);
  gil_longest_hold(g, &longest);
  fprintf(f, "policy %s\ninterval %" PRIu64 "\n", gil_policy(g), gil_interval(g));
  const struct {
    const char *key;
    uint64_t value;
  } figures[] = {{"acquisitions", s.acquisitions},
                 {"contended", s.contended},
                 {"quick", s.quick},
                 {"switches_requested", s.switches_requested},
                 {"switches_voluntary", s.switches_voluntary},
                 {"requests", s.requests},
                 {"failed_wakeups", s.failed_wakeups},
                 {"longest_wait_ns", s.longest_wait_ns},
                 {"life_ns", s.life_ns},
                 {"threads", s.threads}};
  for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    fprintf(f, "%s %" PRIu64 "\n", figures[i].key, figures[i].value);
  for (int i = 0; i < GIL_STATE_COUNT; i++)
    fprintf(f, "state_%s %" PRIu64 "\n", gil_state_name((enum gil_state)i), s.state_ns[i]);
  put_histogram(f, g, GIL_HISTOGRAM_HOLD, "hold");
  put_histogram(f, g, GIL_HISTOGRAM_WAIT, "wait");
  put_histogram(f, g, GIL_HISTOGRAM_HANDOFF, "handoff");
  write_each_thread(f, g);
  fprintf(f, "longest_hold_ns %" PRIu64 "\n", longest.hold_ns);
  put_text(f, "longest_hold_thread", longest.thread);
  put_text(f, "longest_hold_what", longest.what);
  fclose(f);
}

/* ---- events ---- */

static void write_threads(struct observed *o) {
  gil *g = gilt_lock(o->rt);
  size_t n = gil_trace_threads(g, NULL, 0);
  gil_trace_thread *thread = calloc(n + 1, sizeof *thread);
  FILE *f = create(o, "threads");
  if (thread != NULL && f != NULL) {
    size_t have = gil_trace_threads(g, thread, n);
    for (size_t i = 0; i < n && i < have; i++) {
      fprintf(f, "%u %" PRIu64 " %d ", thread[i].number, thread[i].lost, thread[i].ended);
      put_text(f, "", thread[i].name);
    }
    fprintf(f, "collector %" PRIu64 "\nnow %" PRIu64 "\n", o->collector_ns, rt_now_ns());
  }
  if (f != NULL) fclose(f);
  free(thread);
}

static void write_all(int fd, const void *data, size_t size) {
  const char *p = data;
  while (size > 0) {
    ssize_t n = write(fd, p, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return; /* a full disk: the trace ends here */
    p += n;
    size -= (size_t)n;
  }
}

static void collect(struct observed *o) {
  for (size_t n; (n = gil_trace_drain(gilt_lock(o->rt), o->batch, BATCH)) > 0;)
    write_all(o->events, o->batch, n * sizeof *o->batch);
}

static uint64_t own_cpu_ns(void) {
  struct timespec ts;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static void *collector_main(void *arg) {
  struct observed *o = arg;
  pthread_mutex_lock(&o->mtx);
  for (unsigned round = 0; !o->stop; round++) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += COLLECT_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
      until.tv_sec++;
      until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&o->wake, &o->mtx, &until);
    collect(o);
    o->collector_ns = own_cpu_ns();
    if (round % 100 == 0) write_threads(o); /* a worker may be killed: names so far */
  }
  pthread_mutex_unlock(&o->mtx);
  return NULL;
}

/* All signals stay with the threads of the program. */
static bool start_collector(struct observed *o) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  bool ok = pthread_create(&o->collector, NULL, collector_main, o) == 0;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return ok;
}

static void begin_events(struct observed *o) {
  char path[4200];
  path_of(o, "events", path, sizeof path);
  o->events = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (o->events < 0 || gil_trace_start(gilt_lock(o->rt), plan.trace, plan.capacity) != GILT_OK) {
    fprintf(stderr, "gilt: cannot trace: %s\n", strerror(errno));
    return;
  }
  o->collecting = start_collector(o);
}

static void end_events(struct observed *o) {
  if (o->events < 0) return;
  gil_trace_stop(gilt_lock(o->rt));
  if (o->collecting) {
    pthread_mutex_lock(&o->mtx);
    o->stop = true;
    pthread_cond_signal(&o->wake);
    pthread_mutex_unlock(&o->mtx);
    pthread_join(o->collector, NULL);
  }
  collect(o);
  write_threads(o);
  close(o->events);
}

/* ---- runtimes ---- */

static void opened(gilt_runtime *rt) {
  struct observed *o = calloc(1, sizeof *o);
  if (o == NULL) return;
  o->rt = rt;
  o->pid = getpid();
  o->events = -1;
  pthread_mutex_init(&o->mtx, NULL);
  pthread_cond_init(&o->wake, NULL);
  pthread_mutex_lock(&list_mtx);
  o->number = ++made;
  o->next = list;
  list = o;
  pthread_mutex_unlock(&list_mtx);
  if (plan.trace != GIL_TRACE_OFF) begin_events(o);
}

static struct observed *take_out(gilt_runtime *rt) {
  struct observed *found = NULL;
  pthread_mutex_lock(&list_mtx);
  for (struct observed **p = &list; *p != NULL; p = &(*p)->next)
    if (rt == NULL || (*p)->rt == rt) {
      found = *p;
      *p = found->next;
      break;
    }
  pthread_mutex_unlock(&list_mtx);
  return found;
}

static void finish(struct observed *o) {
  end_events(o);
  if (plan.gil_stats) write_stats(o);
  pthread_cond_destroy(&o->wake);
  pthread_mutex_destroy(&o->mtx);
  free(o);
}

static void closing(gilt_runtime *rt) {
  struct observed *o = take_out(rt);
  if (o != NULL) finish(o);
}

/* In the child, where the collector does not exist: the parent's file is not ours to write. The
 * records of the parent's runtimes are left behind, they are few. */
static void forked(gilt_runtime *rt) {
  pthread_mutex_init(&list_mtx, NULL);
  for (struct observed *o = list; o != NULL; o = o->next)
    if (o->events >= 0) close(o->events);
  list = NULL;
  opened(rt);
}

/* os.exit: the runtimes are not closed. */
static void at_exit(void) {
  for (struct observed *o; (o = take_out(NULL)) != NULL;)
    if (o->pid == getpid()) finish(o);
}

int observe_start(const struct observe_plan *what, char **dir_out) {
  static const struct rt_observer observer = {
      .opened = opened, .closing = closing, .forked = forked};
  static bool registered;
  const char *tmp = getenv("TMPDIR");
  char *path;
  if (asprintf(&path, "%s/gilt-XXXXXX", tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp") < 0)
    return GILT_ENOMEM;
  if (mkdtemp(path) == NULL) {
    free(path);
    return GILT_ESYS;
  }
  plan = *what;
  dir = path;
  if (!registered) registered = atexit(at_exit) == 0;
  rt_set_observer(&observer);
  *dir_out = path;
  return GILT_OK;
}
#else
int observe_start(const struct observe_plan *what, char **dir_out) {
  (void)what, (void)dir_out;
  return GILT_EUNSUPPORTED;
}
#endif

void observe_push_files(lua_State *L, const char *path) {
  lua_newtable(L);
  DIR *d = opendir(path);
  if (d == NULL) return;
  lua_Integer n = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    if (e->d_name[0] != '.') {
      lua_pushstring(L, e->d_name);
      lua_rawseti(L, -2, ++n);
    }
  closedir(d);
}

void observe_end(char *path) {
  rt_set_observer(NULL);
  DIR *d = opendir(path);
  if (d != NULL) {
    for (struct dirent *e; (e = readdir(d)) != NULL;)
      if (e->d_name[0] != '.') unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
  }
  rmdir(path);
  free(path);
}
