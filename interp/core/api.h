/* api.h: what the API files share: indices, formatting. */
#ifndef CORE_API_H
#define CORE_API_H

#include "table.h"

const char *core_push_format(lua_State *L, const char *fmt, va_list ap);

static inline void api_inc(lua_State *L) { L->top++; }

/* A valid index's value; core_none's address for an acceptable one without value. */
static inline Value *index2value_pos(lua_State *L, int idx) {
  Value *o = L->ci->func + idx;
  return o >= L->top ? (Value *)(uintptr_t)&core_none : o;
}
Value *core_index_pseudo(lua_State *L, int idx);
static inline Value *index2value(lua_State *L, int idx) {
  if (likely(idx > 0)) return index2value_pos(L, idx);
  if (likely(idx > LUA_REGISTRYINDEX)) return L->top + idx;
  return core_index_pseudo(L, idx);
}
#define is_none(o)   ((o) == &core_none)
#define is_upidx(i)  ((i) < LUA_REGISTRYINDEX)
#define is_pseudo(i) ((i) <= LUA_REGISTRYINDEX)

/* A copy of the value at idx: C upvalues and the registry may be shared slots. */
static inline Value index2copy(lua_State *L, int idx) {
  Value v;
  Value *o = index2value(L, idx);
  if (unlikely(is_pseudo(idx)))
    slot_get(&v, o);
  else
    v = *o;
  return v;
}

#endif
