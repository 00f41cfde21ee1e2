/* numbers.h - DRBG bytes -> unbiased numbers -> text. Pure given the bytes: no I/O, no allocation, no state but the
 * caller's.
 *
 * One file per format, one row of the list in step.h; each fills a caller's buffer from a caller's random bytes. One
 * number per line, LF, except `binary`. The worker streams: generate bytes, format, write, repeat: memory does not grow
 * with count. */
#ifndef REFRESHER_NUMBERS_NUMBERS_H
#define REFRESHER_NUMBERS_NUMBERS_H

#include "numbers/step.h"

extern const char *const numbers_format_names[]; /* by enum numbers_format: "int32", ...; NULL behind the last */

/* Random bytes that one draw of this configuration consumes. */
size_t numbers_draw_bytes(const struct numbers_config *c);

/* Formats as many numbers as the random bytes, `want` and `cap` allow (any may end it first). A rejected draw consumes
 * bytes and makes nothing. Progress is certain when rnd_len >= numbers_draw_bytes(c), cap >= NUMBERS_TEXT_MAX and
 * want >= 1, but for rejections, which consume. The same random bytes make the same text however they are cut into
 * steps. Nothing is written past cap; what stands in out between `written` and cap is undefined. out and rnd do not
 * overlap. Raw bytes (`binary`) stay where they are: moved to out they came at a third of the rate. */
struct numbers_step numbers_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
				 size_t rnd_len, uint64_t want, char *out, size_t cap);

/* Formats a version-4 UUID of 16 random bytes: 36 characters and NUL. */
void numbers_uuid(const uint8_t rnd[16], char out[37]);

#endif
