/* pool.c, by inclusion: what lies in the ring after samples have left it. */
#include "../../refresher/seed/pool.c"

#include <stdarg.h>

#include <setjmp.h>

#include <cmocka.h>

enum { CAP = 64 };

/* Before: `skip` samples were put and taken, so that the oldest lies at that offset; then the ring was filled. */
struct row {
	const char *name;
	size_t skip, take;
	bool discard; /* instead of the take */
};
static const struct row rows[] = {
	{"a take of nothing wipes nothing", 0, 0, false},
	{"a take wipes one sample behind it", 0, 1, false},
	{"a take leaves the last sample", 0, CAP - 1, false},
	{"a take of all wipes all", 0, CAP, false},
	{"a take that ends at the edge wipes to the edge", 60, 4, false},
	{"a take that wraps around wipes both ends", 60, 5, false},
	{"a take of all from the middle wipes all", 33, CAP, false},
	{"discard wipes all", 0, 0, true},
	{"discard wipes all that wraps around", 33, 0, true},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void check_row(void **state)
{
	const struct row *r = *state;
	struct err e;
	uint8_t buf[CAP];
	struct pool *p = pool_new(CAP, NULL, &e);
	assert_non_null(p);
	memset(buf, 0xA5, sizeof buf);
	pool_put(p, buf, r->skip);
	pool_take(p, buf, r->skip);
	pool_put(p, buf, CAP);
	if (r->discard)
		pool_discard(p);
	else
		assert_int_equal(pool_take(p, buf, r->take), r->take);
	for (size_t i = 0; i < CAP; i++) { /* i-th oldest of the filled ring */
		bool gone = r->discard || i < r->take;
		assert_int_equal(p->ring[(r->skip + i) % CAP], gone ? 0 : 0xA5);
	}
	pool_free(p);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check_row, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
