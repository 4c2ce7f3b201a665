/* number.h: conversions shared by lexer, constant folding and code generator. */
#ifndef GILT_FRONT_NUMBER_H
#define GILT_FRONT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Where the C library must convert under a foreign locale, longer numerals are cut: the digits
 * beyond no longer matter to a double's rounding in practice. */
#define FE_NUMERAL_MAX 1100

/* The integer equal to n, if there is one. */
bool fe_float_to_int(double n, int64_t *out);

#endif
