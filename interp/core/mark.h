/* mark.h: markers (one OS thread's share of marking) and the helpers that mark with the collector.
 *
 * A marker keeps what it has found and not yet scanned in packets. Whoever runs out of work is
 * `idle`; a marker that sees somebody idle gives a packet away. (Work packets: Ossia, Ben-Yitzhak,
 * Goft, Kolodner, Leikehman, Owshanko, "A parallel, incremental and concurrent GC for servers",
 * PLDI 2002; given away on demand rather than always.) */
#ifndef CORE_MARK_H
#define CORE_MARK_H

#include "state.h"

#define PACKET_ROOM 251
#define EDGE_RING   16 /* references whose header is on its way into the cache */
#define AHEAD_RING  4  /* objects whose contents are */
#define MARKERS_MAX 16

typedef struct Packet {
  struct Packet *next;
  Table *t; /* instead of objects: the entries first .. last-1 of this table */
  uint64_t first, last;
  uint32_t n;
  Object *o[PACKET_ROOM];
} Packet;

struct MarkPool;

/* What marking comes back with. Weak tables of one collection are chained through their hints,
 * which only speed lookups up: core_weak_next. */
typedef struct Found {
  size_t live, nobject; /* bytes reached; objects scanned */
  Table *weak, *ephemeron, *allweak;
} Found;

/* (t) only the thread that marks with it. */
typedef struct Marker {
  Global *g;
  struct MarkPool *pool; /* NULL: nobody helps */
  uint8_t epoch;
  bool recount; /* scanning again after an overflow: bytes are counted already */
  uint32_t edge_in, edge_out, ahead_in, ahead_out;
  Object *edge[EDGE_RING];
  Object *ahead[AHEAD_RING];
  Packet *cur;  /* taken from and added to at its end */
  Packet *full; /* full ones, newest first */
  Packet *spare;
  uint32_t nspare;
  Found found;
  Packet own; /* the one that is there without asking for memory */
} Marker;

Table *core_weak_next(const Table *t);
Table *core_weak_unlink(Table *t);            /* off its list for good; returns the next */
void core_found_join(Found *to, Found *from); /* empties from */

void core_marker_init(Marker *mk, Global *g);
void core_marker_fini(Marker *mk);
void core_mark_object(Marker *mk, Object *o);   /* scanned at the next core_mark_run */
bool core_mark_ephemeron(Marker *mk, Table *t); /* values of live keys; true if any was new */
void core_mark_scan(Marker *mk, Object *o);     /* finds what a marked object refers to */
void core_mark_own(Marker *mk);                 /* until this marker has nothing left */
void core_mark_run(Marker *mk);                 /* until nobody has anything left */
void core_marker_add(Marker *mk, Packet *p);    /* a packet that another marker gave away */

/* markers.c: helpers */
void core_pool_open(Marker *mk, size_t bytes); /* wakes helpers if a heap of that size pays */
uint32_t core_pool_close(Marker *mk);          /* returns how many came */
bool core_pool_hungry(struct MarkPool *p);
void core_pool_give(struct MarkPool *p, Packet *list);
Packet *core_pool_wait(Marker *mk); /* by the collector: a packet, or NULL when all is done */
typedef void (*core_job)(Global *g, uint32_t part, void *ud);
/* Runs job for 0 .. parts-1, each once, on whoever has time. Returns when all are done. */
void core_pool_job(Marker *mk, core_job job, uint32_t parts, void *ud);
void core_pool_heap_opened(Global *g);
void core_pool_heap_closed(Global *g); /* ends its helpers */

/* emergency.c */
void core_mark_cstacks(Marker *mk);
bool core_emergency_waits(const Global *g);

/* str.c: removes dead strings from the intern table */
void core_str_sweep(Marker *mk);

/* A marked object? Only exact when no marker has work left. */
static inline bool is_marked(const Marker *mk, const Object *o) {
  return RLX(o->mark) == mk->epoch;
}

#endif
