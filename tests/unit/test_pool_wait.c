/* pool.c: waits with deadline, wakes and close, and two threads at once. */
#include "pool_rig.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STRESS_SAMPLES = 200000 };
static const int64_t soon_ns = 20 * 1000000LL, far_ns = 20 * 1000000000LL;

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- waits ---- */

/* A waiter with 10 of 64 samples stored. It waits for the level, or for the room, that is asked. */
enum event { NOTHING, EV_PUT, EV_TAKE, EV_DISCARD, EV_WAKE, EV_CLOSE };
struct wait {
	const char *name;
	bool for_room;
	size_t n;
	enum event event; /* happens while it waits */
	bool there;       /* what the wait returns */
};
enum { STORED = 10 };
static const struct wait waits[] = {
	{"level: what is there is there at once", false, STORED, NOTHING, true},
	{"level: nothing needed is always there", false, 0, NOTHING, true},
	{"level: one less than needed waits until the deadline", false, STORED + 1, NOTHING, false},
	{"level: a put ends the wait", false, STORED + 1, EV_PUT, true},
	{"level: a wake ends the wait without the samples", false, STORED + 1, EV_WAKE, false},
	{"level: a close ends the wait without the samples", false, STORED + 1, EV_CLOSE, false},
	{"level: more than the capacity waits until the deadline", false, CAP + 1, NOTHING, false},
	{"room: what is free is there at once", true, CAP - STORED, NOTHING, true},
	{"room: one less than needed waits until the deadline", true, CAP - STORED + 1, NOTHING, false},
	{"room: a take ends the wait", true, CAP - STORED + 1, EV_TAKE, true},
	{"room: a discard ends the wait", true, CAP, EV_DISCARD, true},
	{"room: a wake ends the wait without room", true, CAP, EV_WAKE, false},
	{"room: a close ends the wait without room", true, CAP, EV_CLOSE, false},
};
enum { WAITS = sizeof waits / sizeof waits[0] };

struct waiter {
	struct pool *pool;
	const struct wait *row;
	int64_t deadline_ns, ended_ns;
	bool there;
	atomic_int tid; /* 0 until it runs */
};

/* Whether the kernel has put the thread to sleep: then it waits, or is about to see what happened before. */
static bool is_asleep(int tid)
{
	char path[64], state = '?';
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	FILE *f = fopen(path, "r");
	if (f && fscanf(f, "%*d %*s %c", &state) != 1)
		state = '?';
	if (f)
		fclose(f);
	return state == 'S';
}

static void *wait_thread(void *arg)
{
	struct waiter *w = arg;
	atomic_store(&w->tid, gettid());
	w->there = pool_wait(w->pool, w->row->for_room ? POOL_PUTTER : POOL_TAKER, w->row->n, w->deadline_ns);
	w->ended_ns = now_ns();
	return NULL;
}

static void happen(struct waiter *w)
{
	uint8_t buf[1] = {1};
	switch (w->row->event) {
	case EV_PUT:
		pool_put(w->pool, buf, 1);
		break;
	case EV_TAKE:
		pool_take(w->pool, buf, 1);
		break;
	case EV_DISCARD:
		pool_discard(w->pool);
		break;
	case EV_CLOSE:
		pool_close(w->pool);
		break;
	case EV_WAKE:
		pool_wake(w->pool, w->row->for_room ? POOL_PUTTER : POOL_TAKER);
		break;
	case NOTHING:
		break;
	}
}

static void run_wait(void **state)
{
	const struct wait *row = *state;
	struct pool *p = new_pool(CAP);
	size_t put = 0;
	put_next(p, &put, STORED);
	bool at_deadline = row->event == NOTHING && !row->there;
	struct waiter w = {.pool = p, .row = row, .deadline_ns = now_ns() + (at_deadline ? soon_ns : far_ns)};
	pthread_t t;
	assert_int_equal(pthread_create(&t, NULL, wait_thread, &w), 0);
	while (row->event != NOTHING && !is_asleep(atomic_load(&w.tid)))
		sched_yield();
	happen(&w);
	pthread_join(t, NULL);
	assert_int_equal(w.there, row->there);
	assert_int_equal(w.ended_ns >= w.deadline_ns, at_deadline);
	pool_free(p);
}

static void past_deadline_tells_the_truth(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	size_t put = 0;
	put_next(p, &put, STORED);
	assert_true(pool_wait(p, POOL_TAKER, STORED, 0));
	assert_false(pool_wait(p, POOL_TAKER, STORED + 1, 0));
	assert_true(pool_wait(p, POOL_PUTTER, CAP - STORED, -1));
	assert_false(pool_wait(p, POOL_PUTTER, CAP - STORED + 1, -1));
	pool_free(p);
}

static void an_earlier_wake_ends_the_next_wait_once(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	int64_t deadline = now_ns() + far_ns;
	pool_wake(p, POOL_TAKER);
	pool_wake(p, POOL_TAKER); /* two are one */
	pool_wake(p, POOL_PUTTER);
	assert_false(pool_wait(p, POOL_TAKER, 1, deadline));
	assert_false(pool_wait(p, POOL_PUTTER, CAP + 1, deadline));
	assert_true(now_ns() < deadline);
	deadline = now_ns() + soon_ns;
	assert_false(pool_wait(p, POOL_TAKER, 1, deadline));
	assert_true(now_ns() >= deadline);
	deadline = now_ns() + soon_ns;
	assert_false(pool_wait(p, POOL_PUTTER, CAP + 1, deadline));
	assert_true(now_ns() >= deadline);
	pool_free(p);
}

static void a_wake_is_for_one_side(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	int64_t deadline = now_ns() + soon_ns;
	pool_wake(p, POOL_PUTTER);
	assert_false(pool_wait(p, POOL_TAKER, 1, deadline));
	assert_true(now_ns() >= deadline);
	pool_wait(p, POOL_PUTTER, CAP + 1, 0);
	deadline = now_ns() + soon_ns;
	pool_wake(p, POOL_TAKER);
	assert_false(pool_wait(p, POOL_PUTTER, CAP + 1, deadline));
	assert_true(now_ns() >= deadline);
	pool_free(p);
}

static void a_closed_pool_never_waits(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	int64_t deadline = now_ns() + far_ns;
	pool_close(p);
	assert_false(pool_wait(p, POOL_TAKER, 1, deadline));
	assert_true(pool_wait(p, POOL_PUTTER, CAP, deadline));
	assert_false(pool_wait(p, POOL_PUTTER, CAP + 1, deadline));
	assert_true(now_ns() < deadline);
	pool_free(p);
}

/* ---- two threads ---- */

static size_t chunk(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return 1 + (*seed >> 16) % (CAP + 10);
}

static void *produce(void *arg)
{
	struct pool *p = arg;
	uint32_t seed = 1;
	size_t put = 0;
	while (put < STRESS_SAMPLES && pool_wait(p, POOL_PUTTER, 1, now_ns() + far_ns)) {
		size_t n = chunk(&seed);
		put_next(p, &put, n < STRESS_SAMPLES - put ? n : STRESS_SAMPLES - put);
	}
	return NULL;
}

static void every_sample_arrives_once_and_in_order(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	pthread_t t;
	uint32_t seed = 2;
	size_t taken = 0;
	assert_int_equal(pthread_create(&t, NULL, produce, p), 0);
	while (taken < STRESS_SAMPLES && pool_wait(p, POOL_TAKER, 1, now_ns() + far_ns))
		take_next(p, &taken, chunk(&seed));
	pthread_join(t, NULL);
	assert_int_equal(taken, STRESS_SAMPLES);
	assert_int_equal(pool_counts(p).level, 0);
	pool_free(p);
}

struct discarder {
	struct pool *pool;
	atomic_size_t put; /* never less than what was put */
	atomic_bool done;
};

static void *produce_and_discard(void *arg)
{
	struct discarder *d = arg;
	uint32_t seed = 3;
	while (!atomic_load(&d->done)) {
		uint8_t buf[4 * CAP];
		size_t n = chunk(&seed);
		memset(buf, 0xA5, n);
		atomic_fetch_add(&d->put, n);
		atomic_fetch_sub(&d->put, n - pool_put(d->pool, buf, n));
		if (n % 8 == 0)
			pool_discard(d->pool);
		if (n % 8 == 1)
			pool_wake(d->pool, POOL_TAKER);
	}
	return NULL;
}

static void a_take_beside_discards_gives_whole_samples(void **state)
{
	(void)state;
	struct discarder d = {.pool = new_pool(CAP)};
	pthread_t t;
	uint32_t seed = 4;
	size_t taken = 0;
	assert_int_equal(pthread_create(&t, NULL, produce_and_discard, &d), 0);
	while (taken < STRESS_SAMPLES) {
		uint8_t buf[2 * CAP];
		pool_wait(d.pool, POOL_TAKER, CAP / 2, now_ns() + soon_ns);
		size_t n = pool_take(d.pool, buf, chunk(&seed));
		for (size_t i = 0; i < n; i++)
			assert_int_equal(buf[i], 0xA5); /* never one that was wiped */
		taken += n;
		assert_true(taken <= atomic_load(&d.put));
	}
	atomic_store(&d.done, true);
	pthread_join(t, NULL);
	pool_free(d.pool);
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(past_deadline_tells_the_truth),
		cmocka_unit_test(an_earlier_wake_ends_the_next_wait_once),
		cmocka_unit_test(a_wake_is_for_one_side),
		cmocka_unit_test(a_closed_pool_never_waits),
		cmocka_unit_test(every_sample_arrives_once_and_in_order),
		cmocka_unit_test(a_take_beside_discards_gives_whole_samples),
	};
	enum { SINGLES = sizeof singles / sizeof singles[0] };
	struct CMUnitTest tests[WAITS + SINGLES];
	for (size_t i = 0; i < WAITS; i++)
		tests[i] = (struct CMUnitTest){waits[i].name, run_wait, NULL, NULL, (void *)&waits[i]};
	for (size_t i = 0; i < SINGLES; i++)
		tests[WAITS + i] = singles[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
