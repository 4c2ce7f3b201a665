/* object.h: layouts of the heap objects. README.md draws them and says who may write what. */
#ifndef CORE_OBJECT_H
#define CORE_OBJECT_H

#include "value.h"

/* ---- strings: immutable; short ones are interned in Global.strtab ---- */
#define SHORT_MAX 40
typedef struct String {
  Object h; /* h.owner is the hash; 0 in a long string = not computed yet */
  size_t len;
  struct String *next; /* chain of the intern table */
  char s[];
} String;
#define str_hash_field(s) ((s)->h.owner)
#define STR_RESERVED      flags /* h.flags: index+1 of a metamethod name, else 0 */

/* ---- tables ---- */
/* 32 bytes, never moved inside its block; key fields are written before `next` links the node, and
 * a key stays until the block is replaced. */
typedef struct Node {
  Value val;
  Payload key;
  uint32_t next; /* 1 + index of the next node of the chain, 0 at the end */
  uint8_t ktt;
  uint8_t pass; /* scratch of the resize that retires this block */
  uint8_t pad[2];
} Node;

typedef struct NodeBlock {
  uint32_t mask, lastfree;
  uint64_t fastmod;    /* Lemire constant of (mask | 1), for integer keys */
  struct Mover *mover; /* (a) a resize of a shared table copies this block: insert.c, [help] */
  uint32_t helpers;    /* (a) threads that look at it */
  uint32_t pad;
} NodeBlock; /* the nodes follow */
#define node_block(n)  ((NodeBlock *)(void *)(n)-1)
#define block_nodes(b) ((Node *)(void *)((b) + 1))

typedef struct Table {
  Object h; /* h.flags: bit e set = metamethod e (<= META_EQ) is known to be absent */
  uint32_t asize;
  uint8_t resizing; /* 1 while a shared resize copies: in-place writers must take the lock */
  uint8_t fin;      /* registered for finalization (gc.c) */
  uint8_t walked;   /* WALK_* */
  uint8_t listed;   /* among the weak tables of the collection that is going on */
  Value *arr;
  Node *node;
  struct Table *mt;
  uint32_t lenhint;  /* a racy hint for the border search */
  uint32_t iterhint; /* a racy hint: node index of the last traversal step */
} Table;

/* A key may vanish under a traversal only when keys were inserted since one began: then `next` ends
 * it instead of complaining. */
enum { WALK_BEGUN = 1, WALK_CHANGED = 2 };

/* ---- functions ---- */
typedef struct UpVal {
  Object h; /* h.flags: UPV_CONST */
  Value *v; /* &closed; a stack slot while open and private; NULL while open and shared */
  union {
    Value closed;
    struct {
      struct UpVal *next; /* open list of the stack's owner, highest slot first */
      union {
        lua_State *owner; /* while private: whose stack v points into */
        Value *slot;      /* while shared (v == NULL): the slot; read under h.lock */
      } x;
    } open;
  } u;
} UpVal;
enum { UPV_CONST = 1 }; /* the captured variable is never assigned after its capture */

typedef struct UpDesc {
  String *name;
  uint8_t instack, idx, kind, byvalue;
} UpDesc;
typedef struct LocVar {
  String *name;
  int startpc, endpc;
} LocVar;
typedef struct AbsLine {
  int pc, line;
} AbsLine;

/* Immutable after load, always shared. */
typedef struct Proto {
  Object h;
  uint8_t numparams, is_vararg, maxstack;
  int ncode, nk, np, nup, nline, nabs, nloc;
  int linedefined, lastline;
  uint32_t *code;
  Value *k;
  struct Proto **p;
  UpDesc *up;
  int8_t *line;
  AbsLine *abs;
  LocVar *loc;
  String *source;
} Proto;

typedef struct LClosure {
  Object h; /* h.flags: number of upvalues */
  Proto *p;
  UpVal *up[];
} LClosure;

typedef struct CClosure {
  Object h; /* h.flags: number of upvalues */
  lua_CFunction f;
  Value up[];
} CClosure;
#define closure_nup(c) ((c)->h.flags)

typedef struct Udata {
  Object h;
  uint32_t nuv;
  size_t len;
  Table *mt;
  Value uv[]; /* nuv user values, then the user's block */
} Udata;
#define udata_mem(u) ((void *)((u)->uv + (u)->nuv))

/* A thread object: header, LUA_EXTRASPACE, then the lua_State that C sees. */
#define THREAD_OFFSET 16
#define thread_obj(L) ((Object *)(void *)((char *)(L)-THREAD_OFFSET))
#define obj_thread(o) ((lua_State *)(void *)((char *)(o) + THREAD_OFFSET))
_Static_assert(sizeof(Object) + LUA_EXTRASPACE == THREAD_OFFSET, "extra space precedes lua_State");
_Static_assert(sizeof(Value) == 16 && sizeof(Node) == 32 && sizeof(NodeBlock) == 32, "layout");
_Static_assert(sizeof(UpVal) == 32 && sizeof(Table) == 48 && sizeof(Udata) == 32, "layout");

static inline void set_str(Value *d, String *s) {
  d->v.s = s;
  d->tt = s->h.tt;
}

/* ---- metamethods ---- */
enum Meta {
  META_INDEX,
  META_NEWINDEX,
  META_GC,
  META_MODE,
  META_LEN,
  META_EQ, /* last one with an absence bit */
  META_ADD,
  META_SUB,
  META_MUL,
  META_MOD,
  META_POW,
  META_DIV,
  META_IDIV,
  META_BAND,
  META_BOR,
  META_BXOR,
  META_SHL,
  META_SHR,
  META_UNM,
  META_BNOT,
  META_LT,
  META_LE,
  META_CONCAT,
  META_CALL,
  META_CLOSE,
  META_COUNT
};

#endif
