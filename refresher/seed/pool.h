/* pool.h - bounded, locked store of tested samples, between the collector thread and the worker thread.
 *
 * Samples are bytes that passed the health tests; each holds h_per_sample bits of min-entropy. Every byte leaves at
 * most once and is wiped behind it. Thread-safe: one producer (collector) puts, one consumer (worker) waits and takes;
 * anybody may discard or close. The store is in undumpable memory, locked where that is wanted. */
#ifndef REFRESHER_SEED_POOL_H
#define REFRESHER_SEED_POOL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct locked;
struct pool;

/* capacity: samples, 64 ... 65536. NULL with *e (ERR_OS) when there is no memory. account: see locked_new. */
struct pool *pool_new(size_t capacity, struct locked *account, struct err *e);
void pool_free(struct pool *p); /* wipes; no other thread may use it any more */

/* Appends up to n samples as far as there is room, never blocks, returns the number taken. After pool_close: 0. */
size_t pool_put(struct pool *p, const uint8_t *samples, size_t n);

/* The same where there is no room: the newest samples take the place of the oldest. At most the capacity. */
size_t pool_renew(struct pool *p, const uint8_t *samples, size_t n);

/* Takes up to cap samples into out, oldest first, wiping them here; never blocks. */
size_t pool_take(struct pool *p, uint8_t *out, size_t cap);

/* Samples that are stored now, and that there is room for. */
struct pool_counts {
	uint64_t level, capacity;
};
struct pool_counts pool_counts(struct pool *p);

/* Wipes everything that is stored: after a health-test failure. */
void pool_discard(struct pool *p);

/* The two threads that may wait, and what each waits for. */
enum pool_side { POOL_TAKER /* samples */, POOL_PUTTER /* room */, POOL_SIDES };

/* Waits until at least n samples are stored, or there is room for n, or the pool is closed or this side woken, or
 * CLOCK_BOOTTIME reaches deadline_ns. true: they are there now. A wake makes it return early, with the truth of the
 * condition. */
bool pool_wait(struct pool *p, enum pool_side side, size_t n, int64_t deadline_ns);

/* Makes the wait of one side return early: the present one, or else the next one (sticky, so that a flag set before the
 * wake is never missed). The waiter then looks at its own flags. */
void pool_wake(struct pool *p, enum pool_side side);
void pool_close(struct pool *p); /* puts are refused and all waits return at once from now on */

#endif
