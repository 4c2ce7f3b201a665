/* waitline.c: see waitline.h. */
#include "waitline.h"
#include "lib.h"

#include <sched.h>

#define SPINS                                                                                      \
  100 /* a guard is held for tens of nanoseconds, if its holder is not off its processor */

void guard_wait(struct guard *g, uint32_t generation) {
  for (int i = 0; i < SPINS; i++) {
    if (claim_is_free(atomic_load_explicit(&g->word, memory_order_relaxed), generation)) return;
    guard_relax();
  }
  sched_yield();
}

/* ---- lines ---- */

void line_join(struct line *line, struct line_entry *me, rt_thread *t) {
  *me = (struct line_entry){.t = t, .prev = line->last, .wants = me->wants};
  if (line->last != NULL)
    line->last->next = me;
  else
    line->first = me;
  line->last = me;
}

void line_leave(struct line *line, struct line_entry *me) {
  if (me->prev != NULL)
    me->prev->next = me->next;
  else
    line->first = me->next;
  if (me->next != NULL)
    me->next->prev = me->prev;
  else
    line->last = me->prev;
}

static void tell(struct line_entry *w) {
  w->told = true;
  rt_unpark(w->t);
}

void line_tell_one(struct line *line) {
  for (struct line_entry *w = line->first; w != NULL; w = w->next)
    if (!w->told) {
      tell(w);
      return;
    }
}

void line_tell_all(struct line *line) {
  for (struct line_entry *w = line->first; w != NULL; w = w->next) tell(w);
}

void line_grant(struct line *line, struct line_entry *w) {
  line_leave(line, w);
  w->granted = true;
  rt_unpark(w->t);
}

void line_prepare(struct line_entry *me) {
  me->told = false;
  rt_park_prepare(me->t);
}

enum line_result line_park(struct guard *g, struct line_entry *me, uint64_t deadline_ns) {
  rt_thread *t = me->t;
  guard_unlock(g);
  rt_park(t, deadline_ns, GIL_BLOCKED_LOCK);
  (void)guard_lock(g);
  if (rt_interrupted(t)) return LINE_INTERRUPTED;
  if (deadline_ns != UINT64_MAX && rt_now_ns() >= deadline_ns) return LINE_TIMEOUT;
  return LINE_LOOK;
}

/* ---- the Lua side ---- */

void *wl_check(lua_State *L, int arg, const char *type_name) {
  void *p = lua_touserdata(L, arg);
  if (p != NULL && lua_getmetatable(L, arg)) {
    bool same = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (same) return p;
  }
  luaL_typeerror(L, arg, type_name);
  return NULL; /* not reached */
}

void *wl_new(lua_State *L, size_t size, int values) {
  void *p = lua_newuserdatauv(L, size, values);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return p;
}

void wl_type(lua_State *L, const char *type_name, const luaL_Reg *meta, const luaL_Reg *methods) {
  if (!luaL_newmetatable(L, type_name)) return; /* `require` may open a module twice */
  lua_pushvalue(L, -1);
  luaL_setfuncs(L, meta, 1);
  lua_newtable(L);
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, methods, 1);
  lua_setfield(L, -2, "__index");
}

int wl_fail(lua_State *L, const char *reason) {
  luaL_pushfail(L);
  lua_pushstring(L, reason);
  return 2;
}
