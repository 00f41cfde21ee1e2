/* pool.c: scripts of puts and takes against a counted sequence of samples, waits, and two threads at once. */
#include "seed/pool.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

enum { CAP = 64, MAX_STEPS = 8, STRESS_SAMPLES = 200000 };
static const int64_t soon_ns = 20 * 1000000LL, far_ns = 20 * 1000000000LL;

static struct pool *new_pool(size_t capacity)
{
	struct err e;
	struct pool *p = pool_new(capacity, NULL, &e);
	assert_non_null(p);
	return p;
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Sample number i of the sequence; its period is prime to every capacity here, so a misplaced byte shows. */
static uint8_t sample(size_t i)
{
	return (uint8_t)(1 + i % 251);
}

static size_t put_next(struct pool *p, size_t *put, size_t n)
{
	uint8_t buf[4 * CAP];
	for (size_t i = 0; i < n; i++)
		buf[i] = sample(*put + i);
	size_t done = pool_put(p, buf, n);
	*put += done;
	return done;
}

static size_t take_next(struct pool *p, size_t *taken, size_t n)
{
	uint8_t buf[4 * CAP];
	size_t done = pool_take(p, buf, n);
	assert_true(done <= n);
	for (size_t i = 0; i < done; i++)
		assert_int_equal(buf[i], sample(*taken + i));
	*taken += done;
	return done;
}

/* ---- scripts ---- */

enum op { END, PUT, TAKE, DISCARD, CLOSE };
struct script {
	const char *name;
	struct {
		enum op op;
		size_t n, expect; /* samples asked for, samples moved */
	} steps[MAX_STEPS];
};

static const struct script scripts[] = {
	{"an empty pool gives nothing", {{TAKE, 1, 0}}},
	{"a put of nothing puts nothing", {{PUT, 0, 0}, {TAKE, 1, 0}}},
	{"what is put is taken in order", {{PUT, 10, 10}, {TAKE, 10, 10}}},
	{"a take gives at most what it asks for", {{PUT, 10, 10}, {TAKE, 4, 4}, {TAKE, 10, 6}}},
	{"capacity - 1 leaves room for one", {{PUT, CAP - 1, CAP - 1}, {PUT, 2, 1}, {PUT, 1, 0}, {TAKE, CAP, CAP}}},
	{"the whole capacity fits", {{PUT, CAP, CAP}, {PUT, 1, 0}, {TAKE, CAP, CAP}}},
	{"capacity + 1 loses the last one", {{PUT, CAP + 1, CAP}, {TAKE, CAP + 1, CAP}}},
	{"a put wraps around", {{PUT, CAP, CAP}, {TAKE, 40, 40}, {PUT, 40, 40}, {TAKE, CAP, CAP}}},
	{"a put ends exactly at the edge",
	 {{PUT, 60, 60}, {TAKE, 60, 60}, {PUT, 4, 4}, {TAKE, 4, 4}, {PUT, CAP, CAP}, {TAKE, CAP, CAP}}},
	{"a put ends one past the edge",
	 {{PUT, 60, 60}, {TAKE, 60, 60}, {PUT, 5, 5}, {TAKE, 5, 5}, {PUT, 3, 3}, {TAKE, 3, 3}}},
	{"a take ends one past the edge", {{PUT, CAP, CAP}, {TAKE, 60, 60}, {PUT, 9, 9}, {TAKE, 5, 5}, {TAKE, 9, 8}}},
	{"discard empties the pool", {{PUT, 10, 10}, {DISCARD}, {TAKE, 1, 0}}},
	{"a discarded pool takes its capacity again",
	 {{PUT, 10, 10}, {DISCARD}, {PUT, CAP + 1, CAP}, {TAKE, CAP, CAP}}},
	{"a closed pool refuses puts", {{CLOSE}, {PUT, 1, 0}}},
	{"a closed pool still gives what it has", {{PUT, 3, 3}, {CLOSE}, {PUT, 1, 0}, {TAKE, 4, 3}}},
};
enum { SCRIPTS = sizeof scripts / sizeof scripts[0] };

static void run_script(void **state)
{
	const struct script *s = *state;
	struct pool *p = new_pool(CAP);
	size_t put = 0, taken = 0;
	for (size_t i = 0; i < MAX_STEPS && s->steps[i].op != END; i++) {
		size_t n = s->steps[i].n, moved = 0;
		if (s->steps[i].op == PUT)
			moved = put_next(p, &put, n);
		if (s->steps[i].op == TAKE)
			moved = take_next(p, &taken, n);
		if (s->steps[i].op == DISCARD) {
			pool_discard(p);
			taken = put;
		}
		if (s->steps[i].op == CLOSE)
			pool_close(p);
		assert_int_equal(moved, s->steps[i].expect);
		assert_int_equal(pool_level(p), put - taken);
	}
	assert_int_equal(pool_capacity(p), CAP);
	pool_free(p);
}

static void every_offset_and_length(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	size_t put = 0, taken = 0;
	for (size_t n = 1; n <= CAP; n++)
		for (size_t offset = 0; offset < CAP; offset++) {
			assert_int_equal(put_next(p, &put, n), n);
			assert_int_equal(take_next(p, &taken, n), n);
			put_next(p, &put, 1); /* the next round begins one further */
			take_next(p, &taken, 1);
		}
	pool_free(p);
}

/* ---- capacity ---- */

struct capacity {
	const char *name;
	size_t capacity;
	bool accepted;
};
static const struct capacity capacities[] = {
	{"capacity 0 is refused", 0, false},         {"capacity 63 is refused", 63, false},
	{"capacity 64 is accepted", 64, true},       {"capacity 65536 is accepted", 65536, true},
	{"capacity 65537 is refused", 65537, false},
};
enum { CAPACITIES = sizeof capacities / sizeof capacities[0] };

static void check_capacity(void **state)
{
	const struct capacity *c = *state;
	struct err e = {0};
	bool locked = false;
	struct pool *p = pool_new(c->capacity, &locked, &e);
	assert_int_equal(p != NULL, c->accepted);
	assert_int_equal(e.code, c->accepted ? ERR_NONE : ERR_SOFTWARE);
	assert_int_equal(p ? pool_capacity(p) : c->capacity, c->capacity);
	pool_free(p);
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
};

static void *wait_thread(void *arg)
{
	struct waiter *w = arg;
	w->there = w->row->for_room ? pool_wait_room(w->pool, w->row->n, w->deadline_ns)
				    : pool_wait_level(w->pool, w->row->n, w->deadline_ns);
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
		if (w->row->for_room)
			pool_wake_putter(w->pool);
		else
			pool_wake_taker(w->pool);
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
	assert_true(pool_wait_level(p, STORED, 0));
	assert_false(pool_wait_level(p, STORED + 1, 0));
	assert_true(pool_wait_room(p, CAP - STORED, -1));
	assert_false(pool_wait_room(p, CAP - STORED + 1, -1));
	pool_free(p);
}

static void an_earlier_wake_ends_the_next_wait_once(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	int64_t deadline = now_ns() + far_ns;
	pool_wake_taker(p);
	pool_wake_taker(p); /* two are one */
	pool_wake_putter(p);
	assert_false(pool_wait_level(p, 1, deadline));
	assert_false(pool_wait_room(p, CAP + 1, deadline));
	assert_true(now_ns() < deadline);
	deadline = now_ns() + soon_ns;
	assert_false(pool_wait_level(p, 1, deadline));
	assert_true(now_ns() >= deadline);
	deadline = now_ns() + soon_ns;
	assert_false(pool_wait_room(p, CAP + 1, deadline));
	assert_true(now_ns() >= deadline);
	pool_free(p);
}

static void a_wake_is_for_one_side(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	int64_t deadline = now_ns() + soon_ns;
	pool_wake_putter(p);
	assert_false(pool_wait_level(p, 1, deadline));
	assert_true(now_ns() >= deadline);
	pool_wait_room(p, CAP + 1, 0);
	deadline = now_ns() + soon_ns;
	pool_wake_taker(p);
	assert_false(pool_wait_room(p, CAP + 1, deadline));
	assert_true(now_ns() >= deadline);
	pool_free(p);
}

static void a_closed_pool_never_waits(void **state)
{
	(void)state;
	struct pool *p = new_pool(CAP);
	int64_t deadline = now_ns() + far_ns;
	pool_close(p);
	assert_false(pool_wait_level(p, 1, deadline));
	assert_true(pool_wait_room(p, CAP, deadline));
	assert_false(pool_wait_room(p, CAP + 1, deadline));
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
	while (put < STRESS_SAMPLES && pool_wait_room(p, 1, now_ns() + far_ns)) {
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
	while (taken < STRESS_SAMPLES && pool_wait_level(p, 1, now_ns() + far_ns))
		take_next(p, &taken, chunk(&seed));
	pthread_join(t, NULL);
	assert_int_equal(taken, STRESS_SAMPLES);
	assert_int_equal(pool_level(p), 0);
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
			pool_wake_taker(d->pool);
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
		pool_wait_level(d.pool, CAP / 2, now_ns() + soon_ns);
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

#define ROW(table, run, i) ((struct CMUnitTest){(table)[i].name, (run), NULL, NULL, (void *)&(table)[i]})

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(every_offset_and_length),
		cmocka_unit_test(past_deadline_tells_the_truth),
		cmocka_unit_test(an_earlier_wake_ends_the_next_wait_once),
		cmocka_unit_test(a_wake_is_for_one_side),
		cmocka_unit_test(a_closed_pool_never_waits),
		cmocka_unit_test(every_sample_arrives_once_and_in_order),
		cmocka_unit_test(a_take_beside_discards_gives_whole_samples),
	};
	enum { SINGLES = sizeof singles / sizeof singles[0] };
	struct CMUnitTest tests[SCRIPTS + CAPACITIES + WAITS + SINGLES];
	size_t n = 0;
	for (size_t i = 0; i < SCRIPTS; i++)
		tests[n++] = ROW(scripts, run_script, i);
	for (size_t i = 0; i < CAPACITIES; i++)
		tests[n++] = ROW(capacities, check_capacity, i);
	for (size_t i = 0; i < WAITS; i++)
		tests[n++] = ROW(waits, run_wait, i);
	for (size_t i = 0; i < SINGLES; i++)
		tests[n++] = singles[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
