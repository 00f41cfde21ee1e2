/* scan.h - strict readers and writers of numbers, sizes and names. Pure.
 *
 * Strict: the whole text must match; no spaces, no '+', no leading zeros, no exponent, no hexadecimal. Each writer's
 * text reads back as the same value. */
#ifndef REFRESHER_CONFIG_SCAN_H
#define REFRESHER_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_result { SCAN_OK, SCAN_WRONG, SCAN_RANGE }; /* range: well formed, but beyond the type */

/* 65536, -3; with_unit: 64KiB, 1TiB too. */
enum scan_result scan_int(const char *text, bool with_unit, int64_t *v);
bool scan_decimal(const char *text, double *v); /* 10, 0.5, -3; too large a number is infinity, which compares well */

/* A user name as useradd(8) takes it: letter or '_' first, then letters, digits, '_', '-', '.'; 32 at most. */
bool scan_is_name(const char *text);

void scan_put_size(int64_t v, char *out, size_t cap); /* by the largest unit that divides it */

#endif
