/* repeat.c: when each kind of source that comes round again is seen; what restarts and openings forget and keep; what
 * good samples do not do. test_repeat_model.c: the same as keeping all samples. test_repeat_proof.c: the bound. */
#include "health/cutoff.h"
#include "health/repeat.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t key[REPEAT_KEY_BYTES] = "any sixteen byte";

enum { NEVER = 0, MILLION = 1000000 };

struct rig {
	struct repeat t;
	struct repeat_store store;
};

static struct rig *rig(uint32_t k)
{
	static struct rig r;

	repeat_init(&r.t, &r.store, k, key);
	return &r;
}

/* ---- sources ---- */

struct source {
	uint64_t seed, i;
	uint32_t period; /* of a random block */
	uint16_t lfsr;
};

static uint8_t random_block(struct source *s)
{
	uint64_t at = s->seed + s->i++ % s->period;

	return sample_byte(&at);
}

static uint8_t random_bits(struct source *s)
{
	return random_block(s) & 1;
}

static uint8_t counter(struct source *s)
{
	return (uint8_t)s->i++;
}

static uint8_t stuck(struct source *s)
{
	s->i++;
	return 7;
}

/* x^16 + x^14 + x^13 + x^11 + 1: all 65535 states but zero. */
static uint8_t lfsr_step(struct source *s)
{
	s->lfsr = (uint16_t)(s->lfsr >> 1 ^ (s->lfsr & 1 ? 0xb400 : 0));
	return (uint8_t)(s->lfsr & 1);
}

static uint8_t lfsr_byte(struct source *s)
{
	lfsr_step(s);
	return (uint8_t)s->lfsr;
}

struct row {
	const char *name;
	double h_per_sample;
	uint8_t (*next)(struct source *s);
	uint32_t period;
	uint64_t found_at; /* the sample, counted from 1 */
};

/* The first block that is stored ends with the first multiple of 32 that is at least k; it comes again one period
 * later. Of a short period another stored block may come before that. */
static const struct row rows[] = {
	{"one value for ever", 4, stuck, 1, 33},
	{"a block of 8", 4, random_block, 8, 40},
	{"a block of 16", 4, random_block, 16, 48},
	{"a block of 64", 4, random_block, 64, 96},
	{"a counter", 4, counter, 256, 288},
	{"a block of 1001", 4, random_block, 1001, 1033},
	{"a block of 1024", 4, random_block, 1024, 1056},
	{"the bytes of a register of 16 bits", 4, lfsr_byte, 65535, 65567},
	{"a block of 131000", 4, random_block, 131000, 131032},
	{"a block of a million: it comes back to its start", 4, random_block, MILLION, MILLION + 32},
	{"a block of 64 at H 8", 8, random_block, 64, 96},
	{"a block of 64 at H 1", 1, random_block, 64, 96 + 64},
	{"a block of 1001 at H 1", 1, random_block, 1001, 96 + 1001},
	{"a counter at H 0.1", 0.1, counter, 256, 736 + 256},
	{"two bits by turns at H 1", 1, random_bits, 2, 98},
	{"64 bits at H 0.5", 0.5, random_bits, 64, 160 + 64},
	{"the bits of a register of 16 bits", 1, lfsr_step, 65535, 96 + 65535},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint64_t feed_until_found(struct repeat *t, struct source *s, uint8_t (*next)(struct source *s), uint64_t n)
{
	for (uint64_t i = 1; i <= n; i++) {
		if (repeat_feed(t, next(s)))
			return i;
	}
	return NEVER;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	struct source s = {.seed = 99, .period = r->period, .lfsr = 0xace1};
	struct repeat *t = &rig(cutoff_repeat(r->h_per_sample, REPEAT_PRINTS_LOG2))->t;

	assert_int_equal(feed_until_found(t, &s, r->next, 2 * r->found_at), r->found_at);
}

/* Behind good samples each circle of up to REPEAT_PERIOD is seen within one round, 32 samples and k. */
static void test_later_circles(void **state)
{
	static const uint32_t periods[] = {
		1, 2, 3, 31, 32, 33, 64, 100, 1000, 4096, 65536, 100001, REPEAT_PERIOD - 1, REPEAT_PERIOD};

	(void)state;
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		struct source good = {.seed = 5, .period = UINT32_MAX},
			      bad = {.seed = UINT64_C(1) << 40, .period = periods[i]};
		struct repeat *t = &rig(18)->t;
		assert_int_equal(feed_until_found(t, &good, random_block, 3 * REPEAT_PERIOD + 5), NEVER);
		assert_in_range(feed_until_found(t, &bad, random_block, 2 * REPEAT_PERIOD), 1,
				periods[i] + REPEAT_STRIDE + 18);
	}
}

/* ---- restarts and openings ---- */

enum behind { FORGET_RUN, OPENED };

struct again {
	const char *name;
	enum behind behind;
	unsigned openings;  /* before this, each with samples of its own */
	uint64_t first_run; /* samples before the restart or opening ... */
	uint64_t skip;      /* ... of which so many do not come again */
	uint64_t found_at;  /* in the replay */
};
static const struct again agains[] = {
	{"a restart of the tests does not hide a block", FORGET_RUN, 1, 1000, 0, 32},
	{"a generator that replays its start when it is opened again", OPENED, 1, 1000, 0, 32},
	{"... of which only one fingerprint is known", OPENED, 1, 32, 0, 32},
	{"... of which no fingerprint is known yet", OPENED, 1, 31, 0, NEVER},
	{"... behind a million good samples", OPENED, 1, MILLION, 0, 32},
	{"... behind a million, and without its first 100 samples", OPENED, 1, MILLION, 100, 28},
	{"... the 16th opening before this one", OPENED, 16, 1000000, 0, 32},
	{"... the 17th is forgotten", OPENED, 17, 1000000, 0, NEVER},
	{"a start that was followed by a million samples is forgotten but for its first 128", OPENED, 1, MILLION, 129,
	 NEVER},
};
enum { AGAINS = sizeof(agains) / sizeof(agains[0]) };

static void test_again(void **state)
{
	const struct again *r = *state;
	struct repeat *t = &rig(18)->t;
	struct source replay = {.period = UINT32_MAX, .i = r->skip};

	for (uint64_t n = 0; n < r->openings; n++) {
		struct source s = {.seed = n << 40, .period = UINT32_MAX};
		assert_int_equal(feed_until_found(t, &s, random_block, r->first_run), NEVER);
		if (r->behind == OPENED) {
			repeat_opened(t);
			repeat_opened(t);
		} else {
			repeat_forget_run(t);
		}
	}
	assert_int_equal(feed_until_found(t, &replay, random_block, 5000), r->found_at);
}

static void test_nothing_of_the_run_is_left(void **state)
{
	static const uint8_t zeros[REPEAT_LENGTH_MAX];
	struct source s = {.period = UINT32_MAX};

	(void)state;
	for (int opened = 0; opened < 2; opened++) {
		struct repeat *t = &rig(720)->t;
		feed_until_found(t, &s, random_block, 1500);
		assert_memory_not_equal(t->last, zeros, sizeof(zeros));
		if (opened)
			repeat_opened(t);
		else
			repeat_forget_run(t);
		assert_memory_equal(t->last, zeros, sizeof(zeros));
		assert_memory_equal(t->now, zeros, sizeof(t->now));
	}
}

/* A block of which one half came before a restart and the other half behind it is no block. */
static void test_no_block_over_a_restart(void **state)
{
	struct repeat *t = &rig(18)->t;
	struct source s = {.period = UINT32_MAX}, same = s;

	(void)state;
	feed_until_found(t, &s, random_block, 32); /* the block that is stored ends here */
	assert_int_equal(feed_until_found(t, &same, random_block, 23), NEVER);
	repeat_forget_run(t);
	assert_int_equal(feed_until_found(t, &same, random_block, 17), NEVER);
}

/* ---- good samples ---- */

static void test_random_bytes(void **state)
{
	struct source s = {.period = UINT32_MAX};

	(void)state;
	assert_int_equal(feed_until_found(&rig(9)->t, &s, random_block, 10 * MILLION), NEVER);
}

static void test_random_bits(void **state)
{
	struct source s = {.period = UINT32_MAX};

	(void)state;
	assert_int_equal(feed_until_found(&rig(72)->t, &s, random_bits, 10 * MILLION), NEVER);
}

/* Two keys: other fingerprints, the same answers. */
static void test_keys(void **state)
{
	uint8_t other[REPEAT_KEY_BYTES] = {1};
	struct rig *r = rig(18);
	struct source s = {.period = 64};
	struct repeat_print first;

	(void)state;
	feed_until_found(&r->t, &s, random_block, 32);
	first = r->store.prints[0];
	s.i = 0;
	repeat_init(&r->t, &r->store, 18, other);
	assert_int_equal(feed_until_found(&r->t, &s, random_block, 200), 96);
	assert_int_not_equal(first.at_point[0], r->store.prints[0].at_point[0]);
	assert_int_not_equal(first.at_point[1], r->store.prints[0].at_point[1]);
}

/* As repeat.h says it, with the remainder of a division at each step. */
static uint64_t polynomial(const uint8_t *samples, uint32_t k, const uint8_t *key_bytes)
{
	const uint64_t p = (UINT64_C(1) << 61) - 1;
	uint64_t point = 0, x = 0;

	for (unsigned i = 0; i < 8; i++)
		point = point << 8 | key_bytes[i];
	point = (point & p) % p;
	for (uint32_t i = 0; i < k; i++)
		x = (uint64_t)(((unsigned __int128)x * point + samples[i]) % p);
	return x;
}

/* Each one that is stored: the first ones of a start, then those behind them. */
static void check_prints(uint32_t k, const uint8_t *key_bytes)
{
	struct rig *r = rig(k);
	uint8_t samples[2000];
	uint64_t seed = 1;

	repeat_init(&r->t, &r->store, k, key_bytes);
	for (size_t i = 0; i < sizeof(samples); i++) {
		samples[i] = i < 60 ? 255 : sample_byte(&seed); /* the largest ones first */
		repeat_feed(&r->t, samples[i]);
	}
	for (size_t n = 0, end = (k + 31) / 32 * 32; end <= sizeof(samples); n++, end += 32) {
		const struct repeat_print *print = &r->store.prints[n < 4 ? n : REPEAT_STARTS + n - 4];
		assert_int_equal(print->at_point[0], polynomial(samples + end - k, k, key_bytes));
		assert_int_equal(print->at_point[1], polynomial(samples + end - k, k, key_bytes + 8));
	}
}

static void test_it_is_the_polynomial(void **state)
{
	static const uint8_t keys[][REPEAT_KEY_BYTES + 1] = {
		"any sixteen byte",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", /* 0 and p - 1 */
		"\x1f\xff\xff\xff\xff\xff\xff\xfd\0\0\0\0\0\0\0\1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		check_prints(1, keys[i]);
		check_prints(18, keys[i]);
		check_prints(REPEAT_LENGTH_MAX, keys[i]);
	}
}

static const struct CMUnitTest singles[] = {
	{"behind good samples every period is seen within one round", test_later_circles, NULL, NULL, NULL},
	{"a restart and an opening wipe the last samples", test_nothing_of_the_run_is_left, NULL, NULL, NULL},
	{"no block is put together over a restart", test_no_block_over_a_restart, NULL, NULL, NULL},
	{"10^7 random bytes at H 8", test_random_bytes, NULL, NULL, NULL},
	{"10^7 random bits at H 1", test_random_bits, NULL, NULL, NULL},
	{"what is stored is the polynomial at the key's two points", test_it_is_the_polynomial, NULL, NULL, NULL},
	{"another key: other fingerprints, the same answer", test_keys, NULL, NULL, NULL},
};
enum { SINGLES = sizeof(singles) / sizeof(singles[0]) };

int main(void)
{
	struct CMUnitTest tests[ROWS + AGAINS + SINGLES], *t = tests;

	for (size_t i = 0; i < ROWS; i++)
		*t++ = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	for (size_t i = 0; i < AGAINS; i++)
		*t++ = (struct CMUnitTest){agains[i].name, test_again, NULL, NULL, (void *)&agains[i]};
	memcpy(t, singles, sizeof(singles));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
