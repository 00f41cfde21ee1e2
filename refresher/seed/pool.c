#include "seed/pool.h"

#include "base/clock.h"
#include "base/wipe.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_MIN_CAPACITY = 64, POOL_MAX_CAPACITY = 65536 };

/* One of the two threads that may wait. */
struct side {
	pthread_cond_t changed; /* what it waits for may be there, or closed, or woken */
	size_t goal;            /* so many samples, or so much room, does it wait for; SIZE_MAX: it does not wait */
	bool woken;             /* sticky: the next wait of this side returns at once and takes it down */
};

struct pool {
	uint8_t *ring; /* of locked_new, capacity bytes */
	size_t capacity;
	size_t head; /* index of the oldest sample */
	size_t level;
	bool closed;
	pthread_mutex_t lock;
	struct side sides[POOL_SIDES];
};

struct pool *pool_new(size_t capacity, struct locked *account, struct err *e)
{
	/* The configuration has these bounds too: another capacity is a mistake of ours. */
	if (capacity < POOL_MIN_CAPACITY || capacity > POOL_MAX_CAPACITY) {
		err_set(e, ERR_SOFTWARE, 0, "pool: capacity %zu is outside %d ... %d", capacity, POOL_MIN_CAPACITY,
			POOL_MAX_CAPACITY);
		return NULL;
	}

	/* The lock and the conditions need nothing of the system: only memory can be missing. */
	struct pool *p = calloc(1, sizeof *p);
	uint8_t *ring = p ? locked_new(capacity, account) : NULL;
	if (!ring) {
		err_set(e, ERR_OS, errno, "pool of %zu samples", capacity);
		free(p);
		return NULL;
	}

	/* It begins empty and open, and nobody waits. */
	const struct side idle = {.changed = PTHREAD_COND_INITIALIZER, .goal = SIZE_MAX};
	*p = (struct pool){
		.ring = ring, .capacity = capacity, .lock = PTHREAD_MUTEX_INITIALIZER, .sides = {idle, idle}};
	return p;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;

	/* No thread waits any more; the ring is wiped before its pages are given back. */
	for (unsigned i = 0; i < POOL_SIDES; i++)
		pthread_cond_destroy(&p->sides[i].changed);
	pthread_mutex_destroy(&p->lock);
	locked_free(p->ring, p->capacity);
	free(p);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What one side waits for: the taker for samples, the putter for room; with the lock. */
static size_t available(const struct pool *p, enum pool_side side)
{
	return side == POOL_TAKER ? p->level : p->capacity - p->level;
}

/* Only a change that the waiter waits for wakes it: a refill comes in some ten puts, and half of all wake-ups of the
 * idle daemon were those of a worker that waited for its tick. */
static void level_changed(struct pool *p)
{
	for (unsigned i = 0; i < POOL_SIDES; i++) {
		if (available(p, i) >= p->sides[i].goal)
			pthread_cond_broadcast(&p->sides[i].changed);
	}
}

/* Appends samples. Those that find no room are left over, or take the place of the oldest. */
static size_t append(struct pool *p, const uint8_t *samples, size_t n, bool renew)
{
	pthread_mutex_lock(&p->lock);
	size_t room = available(p, POOL_PUTTER);
	n = p->closed ? 0 : least(n, renew ? p->capacity : room);

	/* What is written over needs no wiping, and what is not is still in the ring and counted. */
	size_t gone = n > room ? n - room : 0;
	p->head = (p->head + gone) % p->capacity;
	p->level -= gone;

	/* The free part begins behind the newest sample and may go on at the ring's beginning. */
	size_t tail = (p->head + p->level) % p->capacity;
	size_t first = least(n, p->capacity - tail);
	if (n > 0) {
		memcpy(p->ring + tail, samples, first);
		memcpy(p->ring, samples + first, n - first);
		p->level += n;
		level_changed(p);
	}
	pthread_mutex_unlock(&p->lock);
	return n;
}

/* What finds no room stays with the caller, who sees by the number how much that is. */
size_t pool_put(struct pool *p, const uint8_t *samples, size_t n)
{
	return append(p, samples, n, false);
}

/* All of the ring may be written over: what comes now was tested last. */
size_t pool_renew(struct pool *p, const uint8_t *samples, size_t n)
{
	return append(p, samples, n, true);
}

/* Moves n samples, all in one piece of the ring, and leaves zeros behind. */
static void move_out(uint8_t *out, uint8_t *from, size_t n)
{
	memcpy(out, from, n);
	wipe(from, n);
}

size_t pool_take(struct pool *p, uint8_t *out, size_t cap)
{
	pthread_mutex_lock(&p->lock);

	/* The oldest first: from the head to the ring's end, and then from its beginning. */
	size_t n = least(cap, p->level);
	size_t first = least(n, p->capacity - p->head);
	if (n > 0) {
		move_out(out, p->ring + p->head, first);
		move_out(out + first, p->ring, n - first);
		p->head = (p->head + n) % p->capacity;
		p->level -= n;
		level_changed(p);
	}
	pthread_mutex_unlock(&p->lock);
	return n;
}

/* Another thread may change the level at once, so it is the truth of one moment. */
struct pool_counts pool_counts(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	struct pool_counts counts = {.level = p->level, .capacity = p->capacity};
	pthread_mutex_unlock(&p->lock);
	return counts;
}

void pool_discard(struct pool *p)
{
	pthread_mutex_lock(&p->lock);

	/* The whole ring, whatever is in use of it: nothing of what was tested before the failure stays. */
	wipe(p->ring, p->capacity);
	p->head = 0;
	p->level = 0;
	level_changed(p);
	pthread_mutex_unlock(&p->lock);
}

bool pool_wait(struct pool *p, enum pool_side side, size_t n, int64_t deadline_ns)
{
	struct side *s = &p->sides[side];
	struct timespec deadline = clock_deadline(deadline_ns);
	int rc = 0;

	/* The goal tells the other side which change of the level is worth a wake. The deadline is monotonic: a step of
	 * the wall clock must not stretch a wait. */
	pthread_mutex_lock(&p->lock);
	s->goal = n;
	while (available(p, side) < n && !p->closed && !s->woken && rc == 0)
		rc = pthread_cond_clockwait(&s->changed, &p->lock, CLOCK_MONOTONIC, &deadline);

	/* The wake is used up by this wait, and nobody waits any more. */
	s->woken = false;
	s->goal = SIZE_MAX;
	bool there = available(p, side) >= n;
	pthread_mutex_unlock(&p->lock);
	return there;
}

/* Sticky, so that one who looks at his flags just before he waits does not miss it. */
void pool_wake(struct pool *p, enum pool_side side)
{
	pthread_mutex_lock(&p->lock);
	p->sides[side].woken = true;
	pthread_cond_broadcast(&p->sides[side].changed);
	pthread_mutex_unlock(&p->lock);
}

/* It never opens again; both sides are woken, whatever they wait for, and find it closed. */
void pool_close(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->closed = true;
	for (unsigned i = 0; i < POOL_SIDES; i++)
		pthread_cond_broadcast(&p->sides[i].changed);
	pthread_mutex_unlock(&p->lock);
}
