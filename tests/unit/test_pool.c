/* pool.c: scripts of puts and takes against a counted sequence of samples. */
#include "pool_rig.h"

enum { MAX_STEPS = 8 };

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
	{"discard empties the pool", {{PUT, 10, 10}, {DISCARD, 0, 0}, {TAKE, 1, 0}}},
	{"a discarded pool takes its capacity again",
	 {{PUT, 10, 10}, {DISCARD, 0, 0}, {PUT, CAP + 1, CAP}, {TAKE, CAP, CAP}}},
	{"a closed pool refuses puts", {{CLOSE, 0, 0}, {PUT, 1, 0}}},
	{"a closed pool still gives what it has", {{PUT, 3, 3}, {CLOSE, 0, 0}, {PUT, 1, 0}, {TAKE, 4, 3}}},
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
		assert_int_equal(pool_counts(p).level, put - taken);
	}
	assert_int_equal(pool_counts(p).capacity, CAP);
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
	struct pool *p = pool_new(c->capacity, NULL, &e);
	assert_int_equal(p != NULL, c->accepted);
	assert_int_equal(e.code, c->accepted ? ERR_NONE : ERR_SOFTWARE);
	assert_int_equal(p ? pool_counts(p).capacity : c->capacity, c->capacity);
	pool_free(p);
}

#define ROW(table, run, i) ((struct CMUnitTest){(table)[i].name, (run), NULL, NULL, (void *)&(table)[i]})

struct renew_row {
	const char *name;
	size_t before, n;    /* samples 0, 1, 2 ...: put, then renewed */
	size_t took, oldest; /* what pool_renew takes, and the first sample that is left */
};

static const struct renew_row renew_rows[] = {
	{"where there is room it is a put", 10, 5, 5, 0},
	{"what fits exactly moves nothing", CAP - 5, 5, 5, 0},
	{"one too many takes the place of the oldest", CAP - 5, 6, 6, 1},
	{"a full pool gives up as many as come", CAP, 20, 20, 20},
	{"the whole capacity is new", CAP, CAP, CAP, CAP},
	{"more than the capacity: its first samples", CAP, CAP + 7, CAP, CAP},
	{"an empty pool takes its capacity", 0, CAP + 7, CAP, 0},
};
enum { RENEW_ROWS = sizeof renew_rows / sizeof renew_rows[0] };

static void test_renew(void **state)
{
	const struct renew_row *r = *state;
	struct pool *p = new_pool(CAP);
	uint8_t samples[3 * CAP], out[CAP];
	for (size_t i = 0; i < sizeof samples; i++)
		samples[i] = (uint8_t)i;
	assert_int_equal(pool_put(p, samples, r->before), r->before);
	assert_int_equal(pool_renew(p, samples + r->before, r->n), r->took);
	size_t level = r->before + r->took < CAP ? r->before + r->took : CAP;
	assert_int_equal(pool_take(p, out, sizeof out), level);
	for (size_t i = 0; i < level; i++)
		assert_int_equal(out[i], (uint8_t)(r->oldest + i));
	pool_close(p);
	assert_int_equal(pool_renew(p, samples, 1), 0);
	pool_free(p);
}

int main(void)
{
	struct CMUnitTest tests[SCRIPTS + CAPACITIES + RENEW_ROWS + 1];
	size_t n = 0;
	for (size_t i = 0; i < SCRIPTS; i++)
		tests[n++] = ROW(scripts, run_script, i);
	for (size_t i = 0; i < CAPACITIES; i++)
		tests[n++] = ROW(capacities, check_capacity, i);
	for (size_t i = 0; i < RENEW_ROWS; i++)
		tests[n++] = ROW(renew_rows, test_renew, i);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_offset_and_length);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
