/* error.c: the texts of the error codes in base.h. */
#include <gilt/base.h>

const char *gilt_strerror(int code) {
  switch (code) {
  case GILT_OK: return "success";
#define X(name, number, text)                                                                      \
  case GILT_##name: return text;
    GILT_ERROR_MAP(X)
#undef X
  default: return "unknown error";
  }
}
