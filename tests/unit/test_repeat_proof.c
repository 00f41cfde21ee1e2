/* repeat.c, by inclusion, with p = 31 in the place of 2^61 - 1: small enough to go through all points, all blocks and
 * all sequences, and to see each step of the proof that repeat.h prints. */
#define EXPONENT 5
#include "../../refresher/health/repeat.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { VALUES = 3, KEYS = 1 << EXPONENT, K_MAX = 4, LENGTH = 9 };

static struct repeat_store nowhere;

static void begin(struct repeat *t, uint32_t k, unsigned key_a, unsigned key_b)
{
	uint8_t key[REPEAT_KEY_BYTES] = {[7] = (uint8_t)key_a, [15] = (uint8_t)key_b};

	repeat_init(t, &nowhere, k, key);
}

static unsigned power(unsigned base, unsigned n)
{
	unsigned x = 1;

	while (n-- > 0)
		x *= base;
	return x;
}

/* The number's digits to the base 3, the first sample first. */
static void digits(uint8_t *samples, unsigned n, unsigned number)
{
	for (unsigned i = n; i-- > 0; number /= VALUES)
		samples[i] = (uint8_t)(number % VALUES);
}

static unsigned polynomial(const uint8_t *block, uint32_t k, unsigned point)
{
	unsigned x = 0;

	for (uint32_t i = 0; i < k; i++)
		x = (x * point + block[i]) % 31;
	return x;
}

/* The fingerprint is the polynomial of the last k samples, whatever was fed before them, also with the largest samples.
 */
static void test_it_is_the_polynomial(void **state)
{
	uint8_t samples[LENGTH];
	struct repeat t;

	(void)state;
	for (unsigned n = 0; n < power(VALUES, LENGTH); n += 7) {
		digits(samples, LENGTH, n);
		for (unsigned i = 0; n % 2 && i < LENGTH; i++)
			samples[i] = (uint8_t)(samples[i] * 15);
		uint32_t k = 1 + n % K_MAX;
		unsigned key = n / 3 % KEYS;
		begin(&t, k, key, KEYS - 1 - key);
		for (unsigned i = 0; i < LENGTH; i++)
			roll(&t, samples[i]);
		assert_int_equal(least(t.now[0]), polynomial(samples + LENGTH - k, k, key % 31));
		assert_int_equal(least(t.now[1]), polynomial(samples + LENGTH - k, k, (KEYS - 1 - key) % 31));
	}
}

static unsigned prints_of(uint8_t out[], uint32_t k, unsigned key)
{
	const unsigned blocks = power(VALUES, k);
	uint8_t samples[K_MAX];
	struct repeat t;

	for (unsigned b = 0; b < blocks; b++) {
		digits(samples, k, b);
		begin(&t, k, key, 0);
		for (uint32_t i = 0; i < k; i++)
			roll(&t, samples[i]);
		out[b] = (uint8_t)least(t.now[0]);
	}
	return blocks;
}

/* Step 2: two different blocks agree at k of the 32 keys at most. The two points are drawn from different bytes of the
 * key, so both agree with (k/32)^2. */
static void test_different_blocks_rarely_agree(void **state)
{
	static uint8_t prints[KEYS][81]; /* 3^4 */
	unsigned most = 0, blocks = 0;

	(void)state;
	for (uint32_t k = 1; k <= K_MAX; k++) {
		for (unsigned key = 0; key < KEYS; key++)
			blocks = prints_of(prints[key], k, key);
		most = 0;
		for (unsigned a = 0; a < blocks; a++) {
			for (unsigned b = a + 1; b < blocks; b++) {
				unsigned equal = 0;
				for (unsigned key = 0; key < KEYS; key++)
					equal += prints[key][a] == prints[key][b];
				most = equal > most ? equal : most;
			}
		}
		assert_int_equal(most, k == 1 ? 0 : k); /* the bound is reached, so it is no better than stated */
	}
}

/* A source of three values that is not even and remembers: twice the last value or more rarely another one. Of a value
 * whose probability is 1/2 min-entropy is 1 bit, given the past. In eighths, and whole numbers throughout. */
static unsigned eighths(int before, unsigned value)
{
	static const unsigned next[VALUES + 1][VALUES] = {{4, 2, 2}, {4, 3, 1}, {1, 4, 3}, {3, 1, 4}};

	return next[before + 1][value];
}

/* Step 1: over all sequences, the probability that the block that ends with sample t is the one that ended with e, for
 * each e < t, overlapping or not, is at most 2^-k. For an even source it is 3^-k exactly. */
static void check_probability(uint32_t k, unsigned e, unsigned t)
{
	const double all_even = power(VALUES, LENGTH);
	double even = 0, odd = 0;
	uint8_t s[LENGTH];

	for (unsigned n = 0; n < power(VALUES, LENGTH); n++) {
		double weight = 1;
		digits(s, LENGTH, n);
		if (memcmp(s + e - k, s + t - k, k) != 0)
			continue;
		for (unsigned i = 0; i < LENGTH; i++)
			weight *= eighths(i > 0 ? s[i - 1] : -1, s[i]) / 8.0;
		even += 1;
		odd += weight;
	}
	assert_true(even == all_even / power(VALUES, k));
	assert_true(odd <= 1.0 / power(2, k));
}

static void test_a_block_comes_again_rarely(void **state)
{
	(void)state;
	for (uint32_t k = 1; k <= K_MAX; k++) {
		for (unsigned t = k + 1; t <= LENGTH; t++) {
			for (unsigned e = k; e < t; e++)
				check_probability(k, e, t);
		}
	}
}

/* Steps 3 and 4, for N = 1 and all of it at once: over all sequences of an even source and all pairs of keys, the
 * blocks that end with e and t look equal with at most 3^-k + (k/32)^2. */
static void test_the_whole_bound(void **state)
{
	static uint8_t prints[KEYS][81];
	const uint32_t k = 2;

	(void)state;
	for (unsigned key = 0; key < KEYS; key++)
		prints_of(prints[key], k, key);
	for (unsigned d = 1; d <= 3; d++) { /* distance: overlapping, touching, apart */
		const unsigned length = k + d;
		double alarms = 0, trials = (double)power(VALUES, length) * KEYS * KEYS;
		uint8_t s[K_MAX + 4];
		for (unsigned n = 0; n < power(VALUES, length); n++) {
			unsigned agree = 0;
			digits(s, length, n);
			for (unsigned key = 0; key < KEYS; key++)
				agree += prints[key][3 * s[0] + s[1]] == prints[key][3 * s[d] + s[d + 1]];
			alarms += (double)agree * agree;
		}
		assert_true(alarms / trials >= 1 / 9.0);
		assert_true(alarms / trials <= 1 / 9.0 + (2 / 32.0) * (2 / 32.0));
	}
}

/* A fingerprint is known only when both points agree, and for as long as it is stored. */
static void test_both_points_have_to_agree(void **state)
{
	const struct repeat_print first = {{5, 6}}, same_bucket = {{5, 7}}, other = {{6, 6}};
	struct repeat t;

	(void)state;
	begin(&t, 2, 3, 4);
	put_in(&nowhere, 0, first);
	assert_true(is_stored(&nowhere, first));
	assert_false(is_stored(&nowhere, same_bucket));
	assert_false(is_stored(&nowhere, other));
	put_in(&nowhere, 1, same_bucket);
	put_in(&nowhere, 2, first);
	take_out(&nowhere, 0);
	assert_true(is_stored(&nowhere, first)); /* it was stored twice */
	assert_true(is_stored(&nowhere, same_bucket));
	take_out(&nowhere, 2);
	assert_false(is_stored(&nowhere, first));
	assert_true(is_stored(&nowhere, same_bucket));
	take_out(&nowhere, 1);
	assert_false(is_stored(&nowhere, same_bucket));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"the fingerprint is the polynomial at both points", test_it_is_the_polynomial, NULL, NULL, NULL},
		{"different blocks agree at k of the points at most", test_different_blocks_rarely_agree, NULL, NULL,
		 NULL},
		{"a block comes again with at most 2^-kH", test_a_block_comes_again_rarely, NULL, NULL, NULL},
		{"both points have to agree", test_both_points_have_to_agree, NULL, NULL, NULL},
		{"the whole bound for one stored block", test_the_whole_bound, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
