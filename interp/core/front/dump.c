/* dump.c: a tree of functions to a binary chunk of stock Lua 5.4. */
#include "chunk.h"

#include <string.h>

struct dump {
  fe_writer *write;
  void *ud;
  int status; /* of the writer; once set, nothing more is written */
  bool strip;
};

static void put(struct dump *d, const void *p, size_t n) {
  if (d->status == 0 && n > 0) d->status = d->write(d->ud, p, n);
}

static void put_byte(struct dump *d, int b) {
  uint8_t byte = (uint8_t)b;
  put(d, &byte, 1);
}

/* Seven bits a byte, the most significant first; the last byte is marked. */
static void put_size(struct dump *d, size_t n) {
  uint8_t buf[10];
  int at = sizeof buf;
  do {
    buf[--at] = (uint8_t)(n & 0x7f);
    n >>= 7;
  } while (n != 0);
  buf[sizeof buf - 1] |= 0x80;
  put(d, buf + at, sizeof buf - (size_t)at);
}

static void put_int(struct dump *d, int32_t i) { put_size(d, (size_t)(uint32_t)i); }

static void put_string(struct dump *d, const struct fe_str *s) {
  if (s == NULL) {
    put_size(d, 0);
    return;
  }
  put_size(d, s->len + 1);
  put(d, s->data, s->len);
}

static void put_constant(struct dump *d, const struct fe_const *k) {
  switch (k->type) {
  case FE_KNIL: put_byte(d, CHUNK_NIL); break;
  case FE_KFALSE: put_byte(d, CHUNK_FALSE); break;
  case FE_KTRUE: put_byte(d, CHUNK_TRUE); break;
  case FE_KINT:
    put_byte(d, CHUNK_INT);
    put(d, &k->u.i, sizeof k->u.i);
    break;
  case FE_KFLT:
    put_byte(d, CHUNK_FLT);
    put(d, &k->u.n, sizeof k->u.n);
    break;
  case FE_KSTR:
    put_byte(d, k->u.s->len <= FE_SHORT_STRING_MAX ? CHUNK_SHORT_STR : CHUNK_LONG_STR);
    put_string(d, k->u.s);
    break;
  }
}

static void put_debug(struct dump *d, const struct fe_proto *p) {
  int n = d->strip ? 0 : p->nlineinfo;
  put_int(d, n);
  put(d, p->lineinfo, (size_t)n);
  n = d->strip ? 0 : p->nabslineinfo;
  put_int(d, n);
  for (int i = 0; i < n; i++) {
    put_int(d, p->abslineinfo[i].pc);
    put_int(d, p->abslineinfo[i].line);
  }
  n = d->strip ? 0 : p->nlocvars;
  put_int(d, n);
  for (int i = 0; i < n; i++) {
    put_string(d, p->locvars[i].name);
    put_int(d, p->locvars[i].startpc);
    put_int(d, p->locvars[i].endpc);
  }
  n = d->strip ? 0 : p->nupvals;
  put_int(d, n);
  for (int i = 0; i < n; i++) put_string(d, p->upvals[i].name);
}

static void put_function(struct dump *d, const struct fe_proto *p, const struct fe_str *outer) {
  put_string(d, d->strip || p->source == outer ? NULL : p->source);
  put_int(d, p->linedefined);
  put_int(d, p->lastlinedefined);
  put_byte(d, p->numparams);
  put_byte(d, p->is_vararg);
  put_byte(d, p->maxstacksize);
  put_int(d, p->ncode);
  put(d, p->code, (size_t)p->ncode * sizeof *p->code);
  put_int(d, p->nk);
  for (int i = 0; i < p->nk; i++) put_constant(d, &p->k[i]);
  put_int(d, p->nupvals);
  for (int i = 0; i < p->nupvals; i++) {
    put_byte(d, p->upvals[i].instack);
    put_byte(d, p->upvals[i].idx);
    put_byte(d, p->upvals[i].kind);
  }
  put_int(d, p->np);
  for (int i = 0; i < p->np; i++) put_function(d, p->p[i], p->source);
  put_debug(d, p);
}

static void put_header(struct dump *d) {
  const int64_t i = FE_CHUNK_INT;
  const double n = FE_CHUNK_FLT;
  put(d, FE_SIGNATURE, sizeof FE_SIGNATURE - 1);
  put_byte(d, FE_CHUNK_VERSION);
  put_byte(d, FE_CHUNK_FORMAT);
  put(d, FE_CHUNK_DATA, sizeof FE_CHUNK_DATA - 1);
  put_byte(d, sizeof(uint32_t));
  put_byte(d, sizeof i);
  put_byte(d, sizeof n);
  put(d, &i, sizeof i);
  put(d, &n, sizeof n);
}

int fe_dump(const struct fe_proto *main, bool strip, fe_writer *write, void *ud) {
  struct dump d = {write, ud, 0, strip};
  put_header(&d);
  put_byte(&d, main->nupvals);
  put_function(&d, main, NULL);
  return d.status;
}
