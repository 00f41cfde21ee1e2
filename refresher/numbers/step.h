/* step.h - the shapes of numbers/: what is asked for, and what one step made of it. No functions. */
#ifndef REFRESHER_NUMBERS_STEP_H
#define REFRESHER_NUMBERS_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The formats: a constant, and the name that people write, which is also that of the file and of its row (format.h).
 * The order is that of the constants; the first is the default. */
#define NUMBERS_FORMAT_LIST(FORMAT)                                                                                    \
	FORMAT(NUMBERS_INT32, int32) /* signed decimal, the domain of Java's Random.nextInt */                         \
	FORMAT(NUMBERS_UINT32, uint32)                                                                                 \
	FORMAT(NUMBERS_UINT64, uint64)                                                                                 \
	FORMAT(NUMBERS_RANGE, range)     /* min <= n <= max, unbiased (Lemire's rejection) */                          \
	FORMAT(NUMBERS_FLOAT64, float64) /* k / 2^53 in [0,1), 17 significant digits: reads back as the same double */ \
	FORMAT(NUMBERS_HEX, hex)         /* `bytes` bytes each, lower case */                                          \
	FORMAT(NUMBERS_BASE64, base64)   /* `bytes` bytes each, RFC 4648 section 4 with padding */                     \
	FORMAT(NUMBERS_UUID, uuid)       /* version 4, RFC 9562 */                                                     \
	FORMAT(NUMBERS_BINARY, binary)   /* 4 raw bytes each, no separator */                                          \
	FORMAT(NUMBERS_RUNNER, runner)   /* HH:mm:ss.SSS,<uuid>,<nanos>,<int32>: the old program's columns */

#define NUMBERS_CONSTANT(constant, name) constant,
enum numbers_format { NUMBERS_FORMAT_LIST(NUMBERS_CONSTANT) NUMBERS_FORMATS };

enum {
	NUMBERS_BYTES_MAX = 1024,                    /* of one number of hex or base64 */
	NUMBERS_TEXT_MAX = 2 * NUMBERS_BYTES_MAX + 1 /* the longest line of any format: hex */
};

struct numbers_config {
	enum numbers_format format;
	uint64_t count;   /* 1 ... 10^9; default 10000 */
	int64_t min, max; /* range only: min <= max; defaults 0, 99 */
	uint32_t bytes;   /* hex, base64: 1 ... NUMBERS_BYTES_MAX bytes each; default 16 */
	bool manifest;    /* FILE.json beside the file */
};

/* What a format may need besides random bytes; only `runner` looks at it. */
struct numbers_stamp {
	int64_t real_ns; /* wall clock, UTC */
	int64_t nanos;   /* third column: nanoseconds spent on one number */
	char uuid[37];   /* second column: this process's identity */
};

struct numbers_step {
	size_t used;      /* random bytes consumed; they must be wiped and never used again */
	size_t written;   /* bytes of text */
	uint64_t made;    /* numbers in them */
	const char *text; /* where it is: in the caller's buffer, or, of `binary`, the random bytes themselves */
};

#endif
