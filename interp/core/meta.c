/* meta.c: finding metatables and metamethods.
 *
 * A metatable's flags remember which of the first six metamethods are absent. Bits are set after a
 * failed lookup, under the lock when the metatable is shared, and cleared by every insertion of
 * such a name (same lock): a stale "absent" cannot survive the insertion. */
#include "table.h"

static const char *const event_names[META_COUNT] = {
    "__index", "__newindex", "__gc",  "__mode", "__len",    "__eq",   "__add",  "__sub", "__mul",
    "__mod",   "__pow",      "__div", "__idiv", "__band",   "__bor",  "__bxor", "__shl", "__shr",
    "__unm",   "__bnot",     "__lt",  "__le",   "__concat", "__call", "__close"};

const Value core_nil = {.tt = TNIL};
const Value core_none = {.tt = TNIL};

void core_meta_init(lua_State *L) {
  for (int e = 0; e < META_COUNT; e++) {
    L->g->metaname[e] = core_str_lit(L, event_names[e]);
    L->g->metaname[e]->h.STR_RESERVED = (uint8_t)(e + 1);
  }
}

Table *core_metatable(lua_State *L, const Value *o) {
  switch (o->tt) {
  case TTAB: return RLX(o->v.t->mt);
  case TUD: return RLX(o->v.ud->mt);
  default: return RLX(L->g->mt[basetype(o->tt)]);
  }
}

static Value lookup(lua_State *L, Table *mt, int e) {
  Value r;
  Value *s = tab_get_str(mt, L->g->metaname[e]);
  if (s == NULL) return core_nil;
  slot_get(&r, s);
  return r;
}

NOINLINE Value core_meta_slow(lua_State *L, Table *mt, int e) {
  Value r = lookup(L, mt, e);
  if (!is_nil(&r)) return r;
  if (is_private(L, &mt->h)) {
    mt->h.flags |= (uint8_t)(1u << e);
    return r;
  }
  core_tab_lock(L, mt);
  r = lookup(L, mt, e);
  if (is_nil(&r)) RLX_SET(mt->h.flags, (uint8_t)(mt->h.flags | (1u << e)));
  core_tab_unlock(mt);
  return r;
}

Value core_meta_obj(lua_State *L, const Value *o, int e) {
  Table *mt = core_metatable(L, o);
  return mt == NULL ? core_nil : lookup(L, mt, e);
}

/* For messages: the __name of a table or userdata, else the type. Valid while o's metatable lives.
 */
const char *core_type_name(lua_State *L, const Value *o) {
  Table *mt = o->tt == TTAB ? o->v.t->mt : o->tt == TUD ? o->v.ud->mt : NULL;
  if (mt != NULL) {
    Value v;
    Value *s = tab_get_str(mt, str_lit(L, "__name"));
    if (s != NULL) {
      slot_get(&v, s);
      if (is_str(&v)) return v.v.s->s;
    }
  }
  return lua_typename(L, basetype(o->tt));
}
