#include "seed/pool.h"

#include "base/clock.h"
#include "base/wipe.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_MIN_CAPACITY = 64, POOL_MAX_CAPACITY = 65536 };

struct pool {
	uint8_t *ring; /* of locked_new, capacity bytes */
	size_t capacity;
	size_t head; /* index of the oldest sample */
	size_t level;
	size_t level_goal, room_goal;   /* what the taker and the putter wait for; SIZE_MAX: they do not wait */
	bool taker_woken, putter_woken; /* sticky: the next wait of that side returns at once and takes it down */
	bool closed;
	pthread_mutex_t lock;
	pthread_cond_t more; /* for the taker: the level rose, or closed, or woken */
	pthread_cond_t room; /* for the putter: the level fell, or closed, or woken */
};

/* The lock and the two conditions. 0, or an errno. */
static int sync_init(struct pool *p)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);
	if (rc != 0)
		return rc;

	/* The deadlines are monotonic: a step of the wall clock must not stretch a wait. */
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	rc = pthread_mutex_init(&p->lock, NULL);
	if (rc == 0)
		rc = pthread_cond_init(&p->more, &attr);
	if (rc == 0)
		rc = pthread_cond_init(&p->room, &attr);
	pthread_condattr_destroy(&attr);
	return rc;
}

struct pool *pool_new(size_t capacity, struct locked *account, struct err *e)
{
	if (capacity < POOL_MIN_CAPACITY || capacity > POOL_MAX_CAPACITY) {
		err_set(e, ERR_SOFTWARE, 0, "pool: capacity %zu is outside %d ... %d", capacity, POOL_MIN_CAPACITY,
			POOL_MAX_CAPACITY);
		return NULL;
	}

	/* The ring comes last: it is the part that a limit of locked memory may refuse. */
	struct pool *p = calloc(1, sizeof *p);
	int rc = p ? sync_init(p) : ENOMEM;
	if (rc == 0) {
		p->capacity = capacity;
		p->level_goal = p->room_goal = SIZE_MAX;
		p->ring = locked_new(capacity, account);
		rc = p->ring ? 0 : errno;
	}
	if (rc != 0) {
		free(p); /* glibc keeps nothing behind an unused mutex or condition */
		err_set(e, ERR_OS, rc, "pool of %zu samples", capacity);
		return NULL;
	}
	return p;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_cond_destroy(&p->room);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	locked_free(p->ring, p->capacity);
	free(p);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Only a change that the waiter waits for wakes it: a refill comes in some ten puts, and half of all wake-ups of the
 * idle daemon were those of a worker that waited for its tick. */
static void level_changed(struct pool *p)
{
	if (p->level >= p->level_goal)
		pthread_cond_broadcast(&p->more);
	if (p->capacity - p->level >= p->room_goal)
		pthread_cond_broadcast(&p->room);
}

/* There is room for n; with the lock. */
static void append(struct pool *p, const uint8_t *samples, size_t n)
{
	/* The free part begins behind the newest sample and may go on at the ring's beginning. */
	size_t tail = (p->head + p->level) % p->capacity;
	size_t first = least(n, p->capacity - tail);
	if (n == 0)
		return;
	memcpy(p->ring + tail, samples, first);
	memcpy(p->ring, samples + first, n - first);
	p->level += n;
	level_changed(p);
}

size_t pool_put(struct pool *p, const uint8_t *samples, size_t n)
{
	pthread_mutex_lock(&p->lock);
	n = p->closed ? 0 : least(n, p->capacity - p->level);
	append(p, samples, n);
	pthread_mutex_unlock(&p->lock);
	return n;
}

size_t pool_renew(struct pool *p, const uint8_t *samples, size_t n)
{
	pthread_mutex_lock(&p->lock);
	n = p->closed ? 0 : least(n, p->capacity);

	/* What is written over needs no wiping, and what is not is still in the ring and counted. */
	size_t room = p->capacity - p->level, gone = n > room ? n - room : 0;
	p->head = (p->head + gone) % p->capacity;
	p->level -= gone;
	append(p, samples, n);
	pthread_mutex_unlock(&p->lock);
	return n;
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

size_t pool_level(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	size_t level = p->level;
	pthread_mutex_unlock(&p->lock);
	return level;
}

size_t pool_capacity(const struct pool *p)
{
	return p->capacity;
}

struct pool_counts pool_counts(struct pool *p)
{
	return (struct pool_counts){.level = pool_level(p), .capacity = pool_capacity(p)};
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

/* What the two sides wait for; with the lock. */
static bool has_level(const struct pool *p, size_t need)
{
	return p->level >= need;
}

static bool has_room(const struct pool *p, size_t room)
{
	return p->capacity - p->level >= room;
}

/* Waits on one side's condition until `holds` is true of n, or something ends the wait. The goal tells the other side
 * which change of the level is worth a wake. */
static bool wait_until(struct pool *p, pthread_cond_t *cond, bool *woken, size_t *goal,
		       bool (*holds)(const struct pool *, size_t), size_t n, int64_t deadline_ns)
{
	struct timespec deadline = clock_deadline(deadline_ns);
	pthread_mutex_lock(&p->lock);
	int rc = 0;
	*goal = n;
	while (!holds(p, n) && !p->closed && !*woken && rc == 0)
		rc = pthread_cond_timedwait(cond, &p->lock, &deadline);

	/* The wake is used up by this wait, and nobody waits any more. */
	*woken = false;
	*goal = SIZE_MAX;
	bool there = holds(p, n);
	pthread_mutex_unlock(&p->lock);
	return there;
}

bool pool_wait_level(struct pool *p, size_t need, int64_t deadline_ns)
{
	return wait_until(p, &p->more, &p->taker_woken, &p->level_goal, has_level, need, deadline_ns);
}

bool pool_wait_room(struct pool *p, size_t room, int64_t deadline_ns)
{
	return wait_until(p, &p->room, &p->putter_woken, &p->room_goal, has_room, room, deadline_ns);
}

/* Sticky, so that one who looks at his flags just before he waits does not miss it. */
static void wake(struct pool *p, bool *woken, pthread_cond_t *cond)
{
	pthread_mutex_lock(&p->lock);
	*woken = true;
	pthread_cond_broadcast(cond);
	pthread_mutex_unlock(&p->lock);
}

void pool_wake_taker(struct pool *p)
{
	wake(p, &p->taker_woken, &p->more);
}

void pool_wake_putter(struct pool *p)
{
	wake(p, &p->putter_woken, &p->room);
}

void pool_close(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->closed = true;
	pthread_cond_broadcast(&p->more);
	pthread_cond_broadcast(&p->room);
	pthread_mutex_unlock(&p->lock);
}
