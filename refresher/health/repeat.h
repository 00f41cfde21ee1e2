/* repeat.h - block repetition test: does the source bring again what it has brought before?
 *
 * THIS TEST IS OURS and not one of SP 800-90B. It stands beside that standard's two, which look at single values and
 * are blind to order: a block of 64 bytes that is repeated for ever, or a counter, passes both of them.
 *
 * What it does: at every sample a fingerprint of the last k samples is compared with N stored ones, and every
 * REPEAT_STRIDE-th is stored. An equal one is a permanent failure. Of the stored ones REPEAT_STARTS are of the first
 * samples behind each of the latest openings of the source, so that a generator that replays its start is seen however
 * long it ran in between; the others are the latest. So a source that goes round in a circle of up to REPEAT_PERIOD
 * samples is seen within one round and REPEAT_STRIDE + k samples, and one that comes back to its start in any case.
 * What it cannot see: data that never repeats, such as the output of a good generator whose seed is known to somebody.
 *
 * The fingerprint is the polynomial with the last k samples as coefficients at two secret points modulo p = 2^61 - 1
 * (Carter and Wegman; rolled forward as Karp and Rabin do), so no source can aim at an equal one, or avoid it.
 *
 * False alarms of a source whose samples have min-entropy H each, given all samples before them:
 *  1. An earlier block, overlapping or not, is the same block only if each of the last k samples equals one that came
 *     before it. Each does with at most 2^-H, given those before it, so all do with at most 2^-kH.
 *  2. Two different blocks differ by a polynomial of degree below k that is not zero, since every sample is below p. It
 *     has at most k-1 zeros, and a point hits one of them with at most k/2^61; both points do with (k/2^61)^2.
 *  3. So one stored block looks equal with at most 2^-kH + (k/2^61)^2.
 *  4. There are at most N = 2^12 of them: N (2^-kH + (k/2^61)^2) a sample. With k =
 *     ceil((60 + 12) / H), cutoff_repeat(), the first part is at most 2^-60, and the second adds less than a
 * thousand-millionth of that.
 *
 * Pure: no I/O, no allocation, no clock. Never fails, never blocks. One instance per noise source and thread. */
#ifndef REFRESHER_HEALTH_REPEAT_H
#define REFRESHER_HEALTH_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	REPEAT_PRINTS_LOG2 = 12, /* N = 4096 fingerprints */
	REPEAT_PRINTS = 1 << REPEAT_PRINTS_LOG2,
	REPEAT_STRIDE = 32,                            /* samples from one stored fingerprint to the next */
	REPEAT_EACH_START = 4,                         /* fingerprints of the start of one opening ... */
	REPEAT_STARTS = 16 * REPEAT_EACH_START,        /* ... for the latest 16 openings */
	REPEAT_LATEST = REPEAT_PRINTS - REPEAT_STARTS, /* the others */
	REPEAT_PERIOD = REPEAT_LATEST * REPEAT_STRIDE, /* 129024 samples */
	REPEAT_LENGTH_MAX = 720,                       /* k at H 0.1, the smallest that may be configured */
	REPEAT_KEY_BYTES = 16,                         /* two points of 8 bytes */
};

/* The fingerprints, 88 KiB in the caller's memory, to be found by what is at the first point. Nobody computes samples
 * from them without the points, which are not in here: so they need no locked memory. They belong in no core dump. */
struct repeat_store {
	struct repeat_print {
		uint64_t at_point[2];
	} prints[REPEAT_PRINTS];         /* a ring of the starts, behind it a ring of the latest ones */
	uint16_t first[REPEAT_PRINTS];   /* per last 12 bits: 1 + index of one with those bits; 0: none */
	uint16_t next[REPEAT_PRINTS];    /* 1 + index of another one with the same 12 bits; 0: no more */
	uint64_t any[REPEAT_PRINTS / 4]; /* a bit per value of the last 16 bits: is there one with them? */
};

/* A part of prints[] whose oldest fingerprint gives way once it is full. */
struct repeat_ring {
	uint16_t begin, size; /* of prints[] */
	uint16_t at;          /* 0 ... size-1: where the next one goes */
	bool full;
};

/* The secret part: the last k samples and the points. In the caller's locked memory; holds the address of the store.
 * Members are read-only to callers. */
struct repeat {
	struct repeat_store *store;
	uint64_t point[2]; /* 0 ... p-1, shifted to the top of the word */
	uint64_t leave[2]; /* -point^k modulo p, shifted likewise: takes the oldest sample out */
	uint64_t now[2];   /* congruent to the fingerprint of the last k samples, 0 ... p+3 */
	uint64_t run;      /* samples since the beginning or repeat_forget_run */
	uint32_t k;        /* samples of one block */
	uint32_t oldest;   /* index of the oldest sample in last[] */
	struct repeat_ring starts, latest;
	uint32_t starts_left; /* so many fingerprints of this opening's start are still to be stored */
	uint8_t last[REPEAT_LENGTH_MAX];
};

/* Begins anew, with an empty store. k: cutoff_repeat(), 1 ... REPEAT_LENGTH_MAX. key: from getrandom(2), other bytes in
 * every process; the caller wipes it. */
void repeat_init(struct repeat *t, struct repeat_store *store, uint32_t k, const uint8_t key[REPEAT_KEY_BYTES]);

/* true: the last k samples came before, a permanent failure. The caller stops feeding until repeat_forget_run. */
bool repeat_feed(struct repeat *t, uint8_t sample);

/* Wipes the last k samples: what comes next does not continue them. The fingerprints stay: only the end of the process
 * forgets those. For a new start-up test. */
void repeat_forget_run(struct repeat *t);

/* The source was opened anew, or came back after it was gone: as repeat_forget_run, and what comes next is a start, to
 * be kept longer than other samples. Calling it again before any sample changes nothing. */
void repeat_opened(struct repeat *t);

#endif
