/* layout.c: offsets, size and alignment of structs and unions, as gcc and clang lay them out for
 * the System V and AAPCS64 ABIs, with packed, aligned and #pragma pack. */
#include "ffi_impl.h"

#include <string.h>

/* Bits would overflow size_t long before a real structure gets this large. */
#define SIZE_LIMIT (SIZE_MAX / 64)

#if defined __aarch64__
enum { ANON_BITS_ALIGN = 1 }; /* AAPCS64: unnamed bit-fields align their record */
#else
enum { ANON_BITS_ALIGN = 0 };
#endif

struct layout {
  const struct layout_attr *attr;
  uint64_t bits; /* end of the members so far (structs) or the largest (unions) */
  uint64_t align;
  bool is_union;
};

static uint64_t round_up(uint64_t v, uint64_t to) { return (v + to - 1) / to * to; }
static uint64_t min_u64(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t max_u64(uint64_t a, uint64_t b) { return a > b ? a : b; }

static void place_bits(struct layout *l, cfield *f) {
  uint64_t ta = f->ct->un->align, unit = ta * 8, pos = l->is_union ? 0 : l->bits;
  bool packed = f->packed || l->attr->packed;
  uint64_t own = l->attr->pack != 0 ? min_u64(ta, l->attr->pack) : packed ? 1 : ta;
  if (f->bits == 0) {
    pos = round_up(pos, unit); /* whatever is packed */
    if (ANON_BITS_ALIGN) l->align = max_u64(l->align, ta);
  } else {
    if (f->align != 0) pos = round_up(pos, (uint64_t)f->align * 8);
    /* Not across more units of its type than the type itself has. */
    if (!packed && l->attr->pack == 0 &&
        (pos % unit + f->bits + unit - 1) / unit > f->ct->un->size * 8 / unit)
      pos = round_up(pos, unit);
    if (f->name != NULL || ANON_BITS_ALIGN) l->align = max_u64(l->align, max_u64(own, f->align));
  }
  f->offset = (size_t)(pos / 8);
  f->bitpos = (uint8_t)(pos % 8);
  l->bits = l->is_union ? max_u64(l->bits, f->bits) : pos + f->bits;
}

static bool place_member(struct layout *l, cfield *f) {
  const ctype *ct = f->ct->un;
  uint64_t align = ct->align;
  if (f->packed || l->attr->packed) align = 1;
  align = max_u64(align, f->align);
  if (l->attr->pack != 0) align = min_u64(align, l->attr->pack);
  uint64_t pos = l->is_union ? 0 : round_up(l->bits, align * 8);
  uint64_t size = (ct->flags & (CF_VLA | CF_OPEN)) != 0 && ct->kind == CK_ARRAY ? 0 : ct->size;
  if (size > SIZE_LIMIT || pos / 8 > SIZE_LIMIT - size) return false;
  f->offset = (size_t)(pos / 8);
  l->align = max_u64(l->align, align);
  l->bits = l->is_union ? max_u64(l->bits, size * 8) : pos + size * 8;
  return true;
}

bool layout_record(ctype *ct, const struct layout_attr *attr) {
  struct layout l = {.attr = attr, .align = 1, .is_union = (ct->flags & CF_UNION) != 0};
  for (uint32_t i = 0; i < ct->nfields; i++) {
    cfield *f = &ct->fields[i];
    if (f->bitfield) {
      place_bits(&l, f);
      ct->flags |= CF_BITS;
    } else if (!place_member(&l, f)) {
      return false;
    }
    ct->flags |= f->ct->un->flags & CF_BITS;
    f->last = i + 1 == ct->nfields || l.is_union;
  }
  l.align = max_u64(l.align, attr->align);
  ct->align = (uint32_t)l.align;
  ct->size = (size_t)round_up((l.bits + 7) / 8, l.align);
  return ct->size <= SIZE_LIMIT;
}

static bool find_in(const ctype *ct, const char *name, size_t len, cfield *out, int depth) {
  for (uint32_t i = 0; i < ct->nfields; i++) {
    const cfield *f = &ct->fields[i];
    if (f->name != NULL) {
      if (strncmp(f->name, name, len) != 0 || f->name[len] != '\0') continue;
      *out = *f;
      return true;
    }
    if (f->bitfield || f->ct->kind != CK_RECORD || depth <= 0) continue;
    if (find_in(f->ct->un, name, len, out, depth - 1)) {
      out->offset += f->offset;
      out->last = out->last && f->last;
      out->is_const = out->is_const || (f->ct->quals & CQ_CONST) != 0;
      return true;
    }
  }
  return false;
}

bool record_find(const ctype *ct, const char *name, size_t len, cfield *out) {
  if (!ctype_is_complete(ct)) return false;
  if (!find_in(ct->un, name, len, out, 64)) return false;
  out->is_const = out->is_const || (out->ct->quals & CQ_CONST) != 0;
  return true;
}
