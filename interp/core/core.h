/* core.h: what the files of the core offer each other, file by file. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdarg.h>
#include "state.h"

/* heap.c: cells, blocks, sweeping */
void *core_obj_slow(lua_State *L, size_t size, uint8_t tt);
void *core_raw(lua_State *L, size_t size); /* raises LUA_ERRMEM */
void *core_raw_try(Thr *m, size_t size);   /* NULL on failure */
void core_raw_free(Thr *m, void *p, size_t size);
void *core_raw_resize(lua_State *L, void *p, size_t osize, size_t nsize);
void *core_sys_realloc(Thr *m, void *p, size_t osize, size_t nsize);
bool core_fail_again(Thr *m);
bool core_fail_now(Thr *m); /* tests: this allocation is to fail */
void core_retire(lua_State *L, void *p, size_t size);
void core_heap_sweep_payloads(Thr *m); /* frees what dead tables and threads hold */
void core_heap_sweep_all(Thr *m);
void core_heap_sweep_some(Thr *m, size_t pages);
void core_heap_restart_sweep(Thr *m);
void core_heap_begin_large(Thr *m);
void core_heap_swap(Thr *a, Thr *b);
void core_heap_hide_cells(Thr *m, bool hide);
void core_heap_sweep_large(Large **list, Thr *m, uint8_t epoch);
void core_heap_inherit(Thr *heir, Thr *m); /* world stopped */
void core_heap_destroy(Global *g);
void core_heap_each_thread(Global *g, void (*fn)(lua_State *L1, bool live, void *ud), void *ud);
void core_heap_each_object(Global *g, void (*fn)(Object *o, void *ud), void *ud);
size_t core_raw_class_bytes(size_t c);
void core_raw_add_run(Thr *m, char *p, size_t size); /* compact.c */
void core_raw_compact(Thr *m);
void core_free_payload(Thr *m, Object *o);

static inline void *obj_new(lua_State *L, size_t size, uint8_t tt) {
  Thr *m = L->m;
  size_t c = (size + 15) >> 4;
  if (likely(c < OBJ_CLASSES)) {
    Object *o = m->fl[c];
    if (likely(o != NULL)) {
      m->fl[c] = *(void **)(void *)(o + 1);
      m->debt += c << 4;
      o->tt = tt;
      o->mark = m->epoch;
      o->flags = 0;
      o->lock = 0;
      o->owner = m->id;
      return o;
    }
  }
  return core_obj_slow(L, size, tt);
}

/* str.c */
String *core_str_new(lua_State *L, const char *s, size_t len);
String *core_str_lit(lua_State *L, const char *s);
String *core_str_raw(lua_State *L, size_t len); /* long string to fill in */
uint32_t core_str_hash(String *s);
bool core_str_eq_long(const String *a, const String *b);
int core_str_cmp(const String *a, const String *b);
void core_str_safepoint(Thr *m);
bool core_str_init(Global *g);
#define str_lit(L, s) core_str_new(L, "" s, sizeof(s) - 1)

/* table.c (private or locked access), share.c (shared access) */
Table *core_tab_new(lua_State *L);
void core_tab_resize(lua_State *L, Table *t, uint32_t na, uint32_t nh);
void core_tab_insert(lua_State *L, Table *t, const Value *key, const Value *val);
void core_move_shared(lua_State *L, Node *old, Node *nn, Value *arr, uint32_t na);
void core_help_move(Thr *m, Table *t);
bool core_node_insert(Thr *m, Node *base, const Value *key, const Value *val);
void core_tab_insert_absent(lua_State *L, Table *t, const Value *key, const Value *val);
void core_tab_set(lua_State *L, Table *t, const Value *key, const Value *val);
void core_tab_set_int(lua_State *L, Table *t, lua_Integer key, const Value *val);
Value *core_tab_get(Table *t, const Value *key);
Value *core_tab_get_inthash(Table *t, lua_Integer i);
lua_Unsigned core_tab_len(Table *t);
int core_tab_next(lua_State *L, Table *t, Value *key);
void core_tab_free(Thr *m, Table *t);
size_t core_tab_bytes(const Table *t);

void core_tab_lock(lua_State *L, Table *t);
void core_tab_unlock(Table *t);
/* Never waits. [lock] acquire; pairs with the release in core_tab_unlock. */
static inline bool core_tab_trylock(Table *t) {
  return !__atomic_exchange_n(&t->h.lock, 1, __ATOMIC_ACQUIRE);
}
void core_shared_store(lua_State *L, Table *t, Value *slot, const Value *key, const Value *val);
void core_shared_set(lua_State *L, Table *t, const Value *key, const Value *val);
void core_publish(lua_State *L, Object *o);
void core_publish_stack(lua_State *L, lua_State *L1);
void core_obj_lock(lua_State *L, Object *o);
void core_obj_unlock(Object *o);
void core_upval_escape(lua_State *L, UpVal *u);
void core_upval_lock(UpVal *u);
/* Names of metamethods: tables remember which of them are absent. */
static inline bool is_reserved(const Value *key) {
  return key->tt == TSSTR && key->v.s->h.STR_RESERVED != 0;
}
static inline void core_tab_note_insert(Table *t) {
  if (unlikely(RLX(t->walked) == WALK_BEGUN)) RLX_SET(t->walked, WALK_BEGUN | WALK_CHANGED);
}
#ifdef CORE_SINGLE
#  define CORE_ALONE 1
static inline bool is_private(lua_State *L, const Object *o) { return (void)L, (void)o, true; }
static inline bool upval_here(const Value *v) { return (void)v, true; }
#else
#  define CORE_ALONE 0
static inline bool is_private(lua_State *L, const Object *o) { return RLX(o->owner) == L->m->id; }
/* What an upvalue's `v` says: not NULL, the variable can be reached without a lock. */
static inline bool upval_here(const Value *v) { return v != NULL; }
#endif
/* Before a value goes where other threads can see it. */
static inline void publish_val(lua_State *L, const Value *v) {
  if (is_gc(v) && !CORE_ALONE && RLX(v->v.gc->owner) == L->m->id && !is_str(v))
    core_publish(L, v->v.gc);
}

/* num.c */
size_t core_str2num(const char *s, size_t len, Value *out); /* bool */
int core_num_tostr(const Value *o, char *buf);              /* at most NUM_BUF bytes */
#define NUM_BUF 48
bool core_flt2int(lua_Number n, lua_Integer *out);
bool core_tonum(const Value *o, lua_Number *out); /* numbers and numeric strings */
bool core_toint(const Value *o, lua_Integer *out);
/* Numbers only: bitwise operators do not convert strings. */
static inline bool core_num2int(const Value *o, lua_Integer *out) {
  if (o->tt == TFLT) return core_flt2int(o->v.n, out);
  *out = o->v.i;
  return o->tt == TINT;
}
lua_Integer core_imod_special(lua_State *L, lua_Integer b); /* b is 0 or -1 */
lua_Integer core_idiv_special(lua_State *L, lua_Integer a, lua_Integer b);
static inline lua_Integer core_imod(lua_State *L, lua_Integer a, lua_Integer b) {
  if (unlikely((lua_Unsigned)b + 1u <= 1u)) return core_imod_special(L, b);
  lua_Integer r = a % b;
  return r != 0 && (r ^ b) < 0 ? r + b : r;
}
static inline lua_Integer core_idiv(lua_State *L, lua_Integer a, lua_Integer b) {
  if (unlikely((lua_Unsigned)b + 1u <= 1u)) return core_idiv_special(L, a, b);
  lua_Integer q = a / b;
  return (a ^ b) < 0 && q * b != a ? q - 1 : q;
}
lua_Number core_fmod(lua_Number a, lua_Number b);
lua_Number core_fpow(lua_Number a, lua_Number b);
lua_Integer core_shl(lua_Integer x, lua_Integer y);
bool core_lt_num(const Value *a, const Value *b);
bool core_le_num(const Value *a, const Value *b);
bool core_arith_raw(lua_State *L, int op, const Value *a, const Value *b, Value *res);
size_t core_utf8(char *buf, unsigned long c); /* encodes, returns length; buf of 8 */
void core_tostring_inplace(lua_State *L, Value *o);

/* meta.c */
Value core_meta_obj(lua_State *L, const Value *o, int e); /* copy of the metamethod, or nil */
Value core_meta_slow(lua_State *L, Table *mt, int e);
const char *core_type_name(lua_State *L, const Value *o);
void core_meta_init(lua_State *L);
Table *core_metatable(lua_State *L, const Value *o);
/* Metamethod e <= META_EQ of a metatable that may be NULL. */
static inline Value meta_fast(lua_State *L, Table *mt, int e) {
  if (mt == NULL || (RLX(mt->h.flags) & (1u << e))) return core_nil;
  return core_meta_slow(L, mt, e);
}

/* call.c: stack, calls */
void core_stack_grow(lua_State *L, int n, bool raise);
bool core_stack_try_grow(lua_State *L, int n);
void core_stack_realloc(lua_State *L, size_t size);
void core_stack_shrink(lua_State *L);
CallInfo *core_new_ci(lua_State *L);
CallInfo *core_precall(lua_State *L, Value *func, int nresults);
void core_call_c(lua_State *L, Value *func, int nresults, lua_CFunction f);
bool core_pretailcall(lua_State *L, CallInfo *ci, Value *func, int narg1, int delta);
void core_poscall(lua_State *L, CallInfo *ci, int nres);
void core_call(lua_State *L, Value *func, int nresults);
void core_call_noyield(lua_State *L, Value *func, int nresults);
CallInfo *core_next_ci(lua_State *L);
static inline void stack_check(lua_State *L, int n) {
  if (unlikely(L->stack_last - L->top <= n)) core_stack_grow(L, n, true);
}
#define stack_off(L, p) ((char *)(p) - (char *)(L)->stack)
#define stack_at(L, o)  ((Value *)(void *)((char *)(L)->stack + (o)))

/* error.c: raising, catching, protected calls */
_Noreturn void core_throw(lua_State *L, int status);
_Noreturn void core_err(lua_State *L, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void core_err_top(lua_State *L); /* the value on top, through the message handler */
_Noreturn void core_err_type(lua_State *L, const Value *o, const char *op);
_Noreturn void core_err_call(lua_State *L, const Value *o);
_Noreturn void core_err_mem(lua_State *L);
typedef void (*core_pfunc)(lua_State *L, void *ud);
int core_run_protected(lua_State *L, core_pfunc f, void *ud);
int core_pcall(lua_State *L, core_pfunc f, void *ud, ptrdiff_t old_top, ptrdiff_t errfunc);
void core_set_error(lua_State *L, int status, Value *at);
int core_close_protected(lua_State *L, ptrdiff_t level, int status);
void core_warn_error(lua_State *L, const char *where);

/* func.c: closures, upvalues, to-be-closed variables */
LClosure *core_new_lclosure(lua_State *L, Proto *p, int nup);
UpVal *core_new_upval(lua_State *L);
UpVal *core_find_upval(lua_State *L, Value *slot);
void core_close_upvals(lua_State *L, Value *level);
void core_close_dead_upvals(lua_State *L1);
#define CLOSE_OK (-1) /* status: not unwinding an error, cannot be a LUA_* code */
Value *core_close(lua_State *L, Value *level, int status, bool yieldable);
void core_new_tbc(lua_State *L, Value *slot);
void core_upval_get(UpVal *u, Value *out);
void core_upval_set(lua_State *L, UpVal *u, const Value *v);
Proto *core_new_proto(lua_State *L);

/* vm.c, vmslow.c */
void core_execute(lua_State *L, CallInfo *ci);
void core_finish_op(lua_State *L);
void core_get(lua_State *L, const Value *o, const Value *key, Value *res);
void core_set(lua_State *L, const Value *o, const Value *key, const Value *val);
bool core_lt(lua_State *L, const Value *a, const Value *b);
bool core_le(lua_State *L, const Value *a, const Value *b);
bool core_eq(lua_State *L, const Value *a, const Value *b);
bool core_raw_eq(const Value *a, const Value *b);
void core_len(lua_State *L, Value *res, const Value *o);
void core_concat(lua_State *L, int n);
void core_binmeta(lua_State *L, const Value *a, const Value *b, Value *res, int e);
void core_arith_meta(lua_State *L, const Value *a, const Value *b, Value *res, int e);
void core_call_meta_res(lua_State *L, const Value *f, const Value *a, const Value *b, Value *res);
bool core_forprep(lua_State *L, Value *ra);
void core_write_reg(lua_State *L, CallInfo *ci, Value *ra, const Value *v);

/* coro.c */
void core_finish_c(lua_State *L, CallInfo *ci);
lua_State *core_thread_new(lua_State *L);
int core_reset_thread(lua_State *L, int status);
void core_thread_free(Thr *m, lua_State *L1);
size_t core_thread_bytes(const lua_State *L1);
bool core_claim(lua_State *L, lua_State *co);
bool core_claim_look(lua_State *L, lua_State *co);
void core_unclaim(lua_State *co);
bool core_resumed_by(const lua_State *L, const lua_State *co);

/* debug.c, hook.c, names.c */
int core_cur_line(const CallInfo *ci);
int core_line_at(const Proto *p, int pc);
void core_chunk_id(char *out, const char *source, size_t len);
const char *core_var_info(lua_State *L, const Value *o, char *buf, size_t size);
const char *core_func_name(lua_State *L, CallInfo *ci, const char **name, char *tmp);
const char *core_upval_name(const Proto *p, int n);
const char *core_local_name(const Proto *p, int n, int pc);
void core_hook(lua_State *L, int event, int line, int first, int count);
void core_hook_call(lua_State *L, CallInfo *ci);
void core_hook_return(lua_State *L, CallInfo *ci, int nres);
void core_trace(lua_State *L, CallInfo *ci, const uint32_t *pc);
void core_update_trap(lua_State *L);
void core_count_switch(lua_State *L);

/* gc.c */
void core_gc_full(lua_State *L);
void core_gc_collect(Global *g); /* world stopped */
bool core_gc_emergency(Thr *m);  /* an allocation failed; true: try again */
void core_share_everything(lua_State *L);
static inline bool core_failing(const Global *g) {
  return unlikely(RLX(g->failcount) >= 0 || g->failfn != NULL);
}
void core_gc_safepoint(lua_State *L);
void core_gc_finalizers(lua_State *L, bool all);
void core_gc_register_fin(lua_State *L, Object *o, Table *mt);
void core_gc_request(Thr *m);
void core_gc_set_limit(Global *g);
size_t core_gc_count(lua_State *L);
void core_gc_last_finalizers(lua_State *L);
bool core_vec_push(ObjVec *v, Object *o);
bool core_vec_reserve(ObjVec *v, size_t more);

/* thread.c */
void core_safepoint(lua_State *L, bool precise);
void core_safepoint_api(lua_State *L);
void core_enter_safe(Thr *m);
void core_leave_safe(Thr *m);
void core_stw_begin(Thr *m);
void core_stw_end(Thr *m);
void core_handshake(Thr *m);
Thr *core_thr_new(Global *g);
uint32_t core_next_id(Global *g);
void core_adopt_dead(Global *g);
/* A poll of an API function that allocates; L's stack must be consistent. */
static inline void api_poll(lua_State *L) {
  if (unlikely(RLX(L->m->poll))) core_safepoint_api(L);
}

/* modlock.c */
void core_mod_frame(lua_State *L, CallInfo *ci);
void core_mod_leave(Thr *m);
void core_mod_update(Global *g);
void core_mod_free(Global *g);
static inline bool is_guarded(const Thr *m) { return unlikely(m->modes & THR_GUARDED); }
static inline bool is_counting(const Thr *m) { return unlikely(m->modes & THR_COUNTING); }

/* lib_base.c: the iterators that the executor knows; the same in every heap */
extern lua_CFunction core_next_fn, core_ipairs_fn;

#endif
