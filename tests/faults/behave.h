/* behave.h - a noise source that misbehaves on command: what the next read of it brings. Pure, but for its own state.
 */
#ifndef TESTS_FAULTS_BEHAVE_H
#define TESTS_FAULTS_BEHAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum behave_kind {
	BEHAVE_GOOD,   /* uniform bytes, whole reads */
	BEHAVE_SHORT,  /* the same, one to three bytes a read */
	BEHAVE_ERRNO,  /* every read fails with `error` */
	BEHAVE_STORM,  /* `amount` (99) per cent of the reads fail with `error` */
	BEHAVE_END,    /* every read returns 0 */
	BEHAVE_HANG,   /* `amount` good bytes more, then no read returns */
	BEHAVE_RATE,   /* good, `amount` bytes per second; a read waits until it is whole, as /dev/hwrng's does */
	BEHAVE_ZERO,   /* zeros */
	BEHAVE_ALTER,  /* 0x00 0xff 0x00 ... */
	BEHAVE_BLOCK,  /* a block of `amount` bytes, again and again; up to 256 all of them differ */
	BEHAVE_COUNT,  /* each byte is one more than the last */
	BEHAVE_SHIFT,  /* a linear feedback shift register of 16 bits, eight steps a byte: a period of 65535 */
	BEHAVE_ALARM,  /* good, but each `amount` bytes end with nine equal ones */
	BEHAVE_BIAS,   /* independent bits, `amount` per cent of them 1 */
	BEHAVE_LEAN,   /* `amount` per cent of the bytes are zero, the others uniform */
	BEHAVE_STICK,  /* `amount` good bytes more, then the last one for ever */
	BEHAVE_REPLAY, /* one read fails with ENODEV, then the bytes are those that came first of all */
};

struct behave {
	enum behave_kind kind;
	int error;
	uint64_t amount;
	uint64_t at; /* bytes given since the last behave_set */
	uint64_t prng, seed;
	uint8_t last;
	uint16_t shift;
};

/* wait_ns: before the read returns; -1: it does not return. n: bytes in buf, 0 = end, or -errno. */
struct behave_act {
	int64_t wait_ns;
	ssize_t n;
};

void behave_init(struct behave *b, uint64_t seed); /* good */

/* words: "good", "short", "errno EIO", "storm EINTR [AMOUNT]", "end", "hang [AMOUNT]", "rate AMOUNT", "zero",
 * "alternate", "block AMOUNT", "count", "shift", "alarm AMOUNT", "bias AMOUNT", "lean AMOUNT", "stick AMOUNT",
 * "replay". Behind a replay the bytes are new ones. false: not one of these. */
bool behave_set(struct behave *b, const char *words);

/* The next read of cap >= 1 bytes. A read that does not return is asked again after the next behave_set. */
struct behave_act behave_next(struct behave *b, uint8_t *buf, size_t cap);

int errno_by_name(const char *name); /* 0: unknown here */

#endif
