/* base.h: what every public header of gilt needs: export marks, version, error codes. */
#ifndef GILT_BASE_H
#define GILT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GILT_VERSION_MAJOR 0
#define GILT_VERSION_MINOR 1
#define GILT_VERSION_PATCH 0
#define GILT_VERSION       "0.1.0"

#if defined(__GNUC__)
#  define GILT_API       __attribute__((visibility("default")))
#  define GILT_NODISCARD __attribute__((warn_unused_result))
#else
#  define GILT_API
#  define GILT_NODISCARD
#endif

#ifdef __cplusplus
#  define GILT_BEGIN_DECLS extern "C" {
#  define GILT_END_DECLS   }
#else
#  define GILT_BEGIN_DECLS
#  define GILT_END_DECLS
#endif

/* Expected outcomes: functions return GILT_OK or one of these (all negative).
 * GILT_ESYS: the OS said no, and errno says why. */
#define GILT_ERROR_MAP(X)                                                                          \
  X(ENOMEM, -1, "out of memory")                                                                   \
  X(ESYS, -2, "operating system error")                                                            \
  X(ECLOSED, -3, "closed")                                                                         \
  X(ETIMEOUT, -4, "timed out")                                                                     \
  X(EINVAL, -5, "invalid argument")                                                                \
  X(EINTERRUPTED, -6, "interrupted")                                                               \
  X(EUNSUPPORTED, -7, "not supported by this build")                                               \
  X(ESCRIPT, -8, "script error")                                                                   \
  X(EWORKER, -9, "a worker died")                                                                  \
  X(EBUSY, -10, "busy")                                                                            \
  X(EPROTO, -11, "malformed data")

enum gilt_error {
  GILT_OK = 0,
#define X(name, code, text) GILT_##name = code,
  GILT_ERROR_MAP(X)
#undef X
};

GILT_BEGIN_DECLS
/* The text of an error code; "unknown error" for a number that is none. Static storage. */
GILT_API const char *gilt_strerror(int code);
GILT_END_DECLS

#endif
