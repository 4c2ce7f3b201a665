/* schedule_report.c: reads lists of switches, keeps account of a run, and writes it down for
 * `gilt explore`.
 *
 * The report is text, a record per line, fields separated by tabs, with \n, \t and \\ for the
 * characters that would break it; the last line is "end". scripts/lab/schedule.lua reads it. */
#include "schedule_impl.h"
#include "thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the texts after --schedule ---- */

static bool read_number(const char **p, uint64_t *out) {
  char *end;
  if (**p < '0' || **p > '9') return false;
  errno = 0;
  *out = strtoull(*p, &end, 10);
  *p = end;
  return errno == 0;
}

static bool read_char(const char **p, char c) {
  if (**p != c) return false;
  (*p)++;
  return true;
}

bool schedule_parse(const char *text, struct schedule_plan *plan) {
  uint64_t depth = 3;
  plan->steps = 1000;
  plan->depth = 1;
  if (strncmp(text, "list:", 5) == 0) {
    plan->mode = SCHEDULE_LIST;
    plan->points = text + 5;
    return true;
  }
  plan->mode = strncmp(text, "pct:", 4) == 0 ? SCHEDULE_PCT : SCHEDULE_RANDOM;
  if (plan->mode == SCHEDULE_RANDOM && strncmp(text, "seed:", 5) != 0) return false;
  const char *p = strchr(text, ':') + 1;
  if (!read_number(&p, &plan->seed)) return false;
  if (plan->mode == SCHEDULE_PCT) {
    if (*p != '\0' && (!read_char(&p, ':') || !read_number(&p, &depth))) return false;
    if (*p != '\0' && (!read_char(&p, ':') || !read_number(&p, &plan->steps))) return false;
    if (depth < 1 || depth > 1000 || plan->steps < 1) return false;
    plan->depth = (uint32_t)depth;
  }
  return *p == '\0';
}

static bool read_point(const char **p, struct point *out) {
  uint64_t thread, to;
  if (!read_number(p, &thread) || !read_char(p, '.') || !read_number(p, &out->part) ||
      !read_char(p, '.') || !read_number(p, &out->at) || !read_char(p, ':') ||
      !read_number(p, &to) || thread > INT32_MAX || to > INT32_MAX)
    return false;
  out->thread = (int)thread;
  out->to = (int)to;
  return true;
}

bool schedule_read_points(struct rt_schedule *s) {
  const char *p = s->plan.points;
  size_t room = 1;
  for (const char *q = p; *q != '\0'; q++) room += *q == ',';
  if ((s->points = calloc(room, sizeof *s->points)) == NULL) return false;
  if (*p == '\0') return true;
  do {
    if (!read_point(&p, &s->points[s->point_count++])) return false;
  } while (read_char(&p, ','));
  return *p == '\0';
}

/* ---- the account ---- */

void schedule_mix(struct rt_schedule *s, uint64_t value) {
  const struct turn *h = s->holder;
  const uint64_t all[] = {value, h != NULL ? (uint64_t)h->id : 0, h != NULL ? h->part : 0,
                          h != NULL ? h->at : 0};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    for (int shift = 0; shift < 64; shift += 8)
      s->hash = (s->hash ^ ((all[i] >> shift) & 0xff)) * UINT64_C(0x100000001b3);
}

void schedule_record(struct rt_schedule *s, const struct turn *from, const struct turn *to) {
  if (s->plan.report == NULL || s->records_lost) return;
  if (s->record_count == s->record_room) {
    size_t room = s->record_room == 0 ? 256 : 2 * s->record_room;
    struct record *more = room <= RECORDS_MAX ? realloc(s->records, room * sizeof *more) : NULL;
    if (more == NULL) {
      s->records_lost = true;
      return;
    }
    s->records = more;
    s->record_room = room;
  }
  s->records[s->record_count++] =
      (struct record){.from = from->id, .to = to->id, .part = from->part, .at = from->at};
}

static int source_index(struct rt_schedule *s, const char *source) {
  for (int i = 0; i < s->source_count; i++)
    if (strcmp(s->sources[i], source) == 0) return i;
  if (s->source_count == SOURCES_MAX) return -1;
  char *copy = strdup(source);
  if (copy == NULL) return -1;
  s->sources[s->source_count] = copy;
  return s->source_count++;
}

static struct event *new_event(struct rt_schedule *s) {
  struct event *e = &s->events[s->event_count++ % TRACE_EVENTS];
  memset(e, 0, sizeof *e);
  return e;
}

void schedule_trace_line(struct rt_schedule *s, struct turn *me, lua_State *L, lua_Debug *ar) {
  lua_getinfo(L, "Sl", ar);
  me->source = source_index(s, ar->source);
  me->line = ar->currentline;
  me->line_steps = 0;
  struct event *e = new_event(s);
  e->thread = me->id;
  e->line = me->line;
  e->source = me->source;
}

/* The line that a stopped thread goes on with. */
static int line_now(const struct turn *me) {
  lua_Debug ar;
  lua_State *L = me->t != NULL ? rt_top(me->t) : NULL;
  for (int level = 0; L != NULL && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "l", &ar);
    if (ar.currentline > 0) return ar.currentline;
  }
  return 0;
}

void schedule_trace_switch(struct rt_schedule *s, struct turn *me, const struct turn *to,
                           bool waits) {
  if (!s->plan.trace) return;
  struct event *e = new_event(s);
  e->thread = me->id;
  e->to = to->id;
  e->line = me->line;
  e->next = line_now(me);
  e->waits = waits;
  e->ends = me->state == TURN_ENDED;
  e->mid = !waits && e->next == e->line && me->line_steps > 0;
  e->source = me->source;
}

/* ---- writing it down ---- */

static void put_text(FILE *f, const char *text) {
  for (; *text != '\0'; text++) switch (*text) {
    case '\n': fputs("\\n", f); break;
    case '\t': fputs("\\t", f); break;
    case '\\': fputs("\\\\", f); break;
    default: fputc(*text, f);
    }
}

static void put_events(FILE *f, const struct rt_schedule *s) {
  uint64_t first = s->event_count > TRACE_EVENTS ? s->event_count - TRACE_EVENTS : 0;
  for (int i = 0; i < s->source_count; i++) {
    fprintf(f, "source\t%d\t", i);
    put_text(f, s->sources[i]);
    fputc('\n', f);
  }
  if (first > 0) fprintf(f, "cut\t%" PRIu64 "\n", first);
  for (uint64_t i = first; i < s->event_count; i++) {
    const struct event *e = &s->events[i % TRACE_EVENTS];
    if (e->to == 0)
      fprintf(f, "line\t%d\t%d\t%d\n", e->thread, e->source, e->line);
    else
      fprintf(f, "stop\t%d\t%d\t%d\t%d\t%d\t%s\n", e->thread, e->source, e->line, e->next, e->to,
              e->ends    ? "ends"
              : e->waits ? "waits"
              : e->mid   ? "inside"
                         : "before");
  }
}

void schedule_write_report(struct rt_schedule *s, const char *outcome, int thread,
                           const char *message) {
  s->told = true;
  if (s->plan.report == NULL) return;
  FILE *f = fopen(s->plan.report, "we");
  if (f == NULL) {
    fprintf(stderr, "gilt: cannot write %s: %s\n", s->plan.report, strerror(errno));
    return;
  }
  fprintf(f, "gilt-schedule\t1\n");
  for (const struct turn *u = s->first; u != NULL; u = u->next) {
    fprintf(f, "thread\t%d\t", u->id);
    put_text(f, u->name);
    fputc('\n', f);
  }
  for (size_t i = 0; i < s->record_count; i++) {
    const struct record *r = &s->records[i];
    fprintf(f, "switch\t%d\t%" PRIu64 "\t%" PRIu64 "\t%d\n", r->from, r->part, r->at, r->to);
  }
  if (s->records_lost) fprintf(f, "lost\n");
  if (s->plan.trace) put_events(f, s);
  fprintf(f, "outcome\t%s\t%d\t", outcome, thread);
  put_text(f, message);
  fprintf(f, "\nsteps\t%" PRIu64 "\nhash\t%016" PRIx64 "\nend\n", s->steps, s->hash);
  fclose(f);
}

bool schedule_finish(void) {
  struct rt_schedule *s = &schedule_state;
  if (schedule_on && !s->told) schedule_write_report(s, "ok", 1, "");
  return !s->failed;
}

/* A finding is what the explorer waits for: the rest of the run would tell nothing more. */
void schedule_failed(rt_thread *t, const char *kind, const char *message) {
  struct rt_schedule *s = &schedule_state;
  if (!schedule_on || s->told || t->turn == NULL) return;
  s->failed = true;
  schedule_write_report(s, kind, t->turn->id, message);
  if (s->plan.report == NULL) return;
  fflush(NULL);
  _exit(EXIT_FAILURE);
}

void schedule_thread_failed(rt_thread *t, lua_State *L) {
  if (t->turn == NULL) return;
  const char *msg = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (t->turn->interrupted && msg != NULL && strstr(msg, "interrupted") != NULL) return;
  char text[128];
  snprintf(text, sizeof text, "(error object is a %s value)", luaL_typename(L, -1));
  if (schedule_state.plan.report == NULL) {
    rt_task_report(t->task);
    atomic_store_explicit(&t->task->claimed, true, memory_order_relaxed); /* it has been told */
  }
  schedule_failed(t, "error", msg != NULL ? msg : text);
}

/* ---- deadlock ---- */

/* One text: each thread that is left, and where it waits. Runs protected. */
static int push_stacks(lua_State *L) {
  struct rt_schedule *s = lua_touserdata(L, 1);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, "deadlock: every thread waits for another one");
  for (const struct turn *u = s->first; u != NULL; u = u->next) {
    lua_State *L1 = u->state != TURN_ENDED && u->t != NULL ? rt_top(u->t) : NULL;
    if (L1 == NULL) continue;
    lua_pushfstring(L, "\nthread %d (%s) waits:\n", u->id, u->name);
    luaL_addvalue(&b);
    luaL_traceback(L, L1, NULL, 0);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

_Noreturn void schedule_deadlock(struct rt_schedule *s) {
  rt_thread *t = s->holder->t;
  if (t != NULL && !t->inside) rt_go_inside(t);
  lua_State *L = rt_service_begin(s->rt, t);
  const char *text = NULL;
  if (L != NULL && lua_checkstack(L, 3)) {
    lua_pushcfunction(L, push_stacks);
    lua_pushlightuserdata(L, s);
    lua_pcall(L, 1, 1, 0);
    text = lua_tostring(L, -1);
  }
  if (text == NULL) text = "deadlock: every thread waits for another one";
  fflush(stdout);
  fprintf(stderr, "gilt: %s\n", text);
  schedule_write_report(s, "deadlock", s->holder->id, text);
  fflush(NULL);
  _exit(EXIT_FAILURE);
}
