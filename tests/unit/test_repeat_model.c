/* repeat.c against a plain model that keeps every sample and compares the blocks themselves: the same answer at every
 * sample, whatever came before. TEST_SEED repeats a run. */
#include "health/repeat.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { SAMPLES = 250000 };

/* The blocks that are known, by the position behind their last sample. The last samples stand by themselves, so that
 * looking through thousands of blocks is quick. */
struct ring {
	size_t size, count;
	size_t ends[REPEAT_LATEST];
	uint8_t last[REPEAT_LATEST];
};

struct model {
	uint32_t k;
	size_t n, run_begin;
	unsigned starts_left;
	struct ring starts, latest;
	uint8_t samples[SAMPLES];
};

static bool is_in(const struct ring *r, const struct model *m)
{
	size_t filled = r->count < r->size ? r->count : r->size;
	const uint8_t *end = r->last + filled, *p = r->last;

	for (; (p = memchr(p, m->samples[m->n - 1], (size_t)(end - p))) != NULL; p++) {
		size_t other = r->ends[p - r->last];
		if (memcmp(m->samples + other - m->k, m->samples + m->n - m->k, m->k) == 0)
			return true;
	}
	return false;
}

static void keep(struct ring *r, const struct model *m)
{
	size_t i = r->count++ % r->size;

	r->ends[i] = m->n;
	r->last[i] = m->samples[m->n - 1];
}

static bool model_feed(struct model *m, uint8_t sample)
{
	m->samples[m->n++] = sample;
	if (m->n - m->run_begin < m->k)
		return false;
	bool found = is_in(&m->starts, m) || is_in(&m->latest, m);
	if ((m->n - m->run_begin) % REPEAT_STRIDE == 0) {
		keep(m->starts_left > 0 ? &m->starts : &m->latest, m);
		m->starts_left -= m->starts_left > 0;
	}
	return found;
}

struct pair {
	struct repeat t;
	struct repeat_store store;
	struct model m;
	uint64_t random;
	unsigned found;
};

static void begin_again(struct pair *p)
{
	p->m.run_begin = p->m.n;
	if (sample_below(&p->random, 2) == 0) {
		repeat_forget_run(&p->t);
		return;
	}
	repeat_opened(&p->t);
	p->m.starts_left = REPEAT_EACH_START;
}

static void feed(struct pair *p, uint8_t sample)
{
	bool found = model_feed(&p->m, sample);

	assert_int_equal(repeat_feed(&p->t, sample), found);
	p->found += found;
	if (found && sample_below(&p->random, 300) == 0)
		begin_again(p);
}

/* A stretch of samples: fresh ones of few or many values, earlier ones once more, or a short block again and again. */
static void feed_stretch(struct pair *p, unsigned values)
{
	size_t n = 1 + sample_below(&p->random, 3000), from = sample_below(&p->random, p->m.n + 1);
	size_t kind = sample_below(&p->random, 8), period = 1 + sample_below(&p->random, 100);

	n = n < SAMPLES - p->m.n ? n : SAMPLES - p->m.n;
	if (kind == 7)
		n = n < 300 ? n : 300;
	for (size_t i = 0; i < n; i++) {
		if (kind < 6)
			feed(p, (uint8_t)sample_below(&p->random, values));
		else if (kind == 6)
			feed(p, from + i < p->m.n ? p->m.samples[from + i] : 0);
		else
			feed(p, i < period ? (uint8_t)sample_below(&p->random, values) : p->m.samples[p->m.n - period]);
	}
	if (sample_below(&p->random, 2) == 0)
		begin_again(p);
}

struct row {
	const char *name;
	uint32_t k;
	unsigned values;
};
static const struct row rows[] = {
	{"bytes at H 8", 9, 256},       {"bytes at H 4", 18, 256},       {"bytes of 16 values at H 4", 18, 16},
	{"bytes at H 1", 72, 256},      {"bits at H 1", 72, 2},          {"bits at H 0.1", 720, 2},
	{"blocks of one byte", 1, 256}, {"blocks of two bytes", 2, 256},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint64_t first_seed;

static void test_row(void **state)
{
	const struct row *r = *state;
	uint8_t key[REPEAT_KEY_BYTES];
	struct pair *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	p->random = first_seed;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = sample_byte(&p->random);
	repeat_init(&p->t, &p->store, r->k, key);
	p->m.k = r->k;
	p->m.starts.size = REPEAT_STARTS;
	p->m.latest.size = REPEAT_LATEST;
	p->m.starts_left = REPEAT_EACH_START;
	while (p->m.n < SAMPLES)
		feed_stretch(p, r->values);
	assert_true(p->found > 0);
	assert_true(p->m.latest.count > p->m.latest.size);
	assert_true(p->m.starts.count > p->m.starts.size);
	free(p);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];
	const char *given = getenv("TEST_SEED");

	first_seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("TEST_SEED=%llu\n", (unsigned long long)first_seed);
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
