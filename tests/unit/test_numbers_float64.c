/* k / 2^53 as text: known answers, and each text is the library's correctly rounded one and reads back as the same
 * double. */
#include "rows.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numbers/numbers.h"
#include "numbers_plain.h"

enum { RANDOM_NUMBERS = 300 * 1000, SEED = 20261123 };

static const uint64_t two53 = UINT64_C(1) << 53;

/* The line of k, without its line feed. The eleven low bits of the draw are not used: `below` goes there. */
static void text_of(uint64_t k, uint64_t below, char text[64])
{
	const struct numbers_config c = {.format = NUMBERS_FLOAT64};
	uint64_t word = k << 11 | below;
	uint8_t rnd[8];

	for (unsigned i = 0; i < sizeof rnd; i++)
		rnd[i] = (uint8_t)(word >> (8 * i));
	struct numbers_step s = numbers_fill(&c, NULL, rnd, sizeof rnd, 1, text, 63);
	assert_int_equal(s.made, 1);
	assert_true(s.written <= sizeof "0.00000000000000011102230246251565\n" - 1);
	assert_int_equal(text[s.written - 1], '\n');
	text[s.written - 1] = '\0';
}

struct known_row {
	const char *sentence;
	uint64_t k;
	const char *text;
};

static const struct known_row known_rows[] = {
	{"0", 0, "0.00000000000000000"},
	{"the smallest above 0", 1, "0.00000000000000011102230246251565"},
	{"the second above 0", 2, "0.00000000000000022204460492503131"},
	{"the largest below 1", (UINT64_C(1) << 53) - 1, "0.99999999999999989"},
	{"a half", UINT64_C(1) << 52, "0.50000000000000000"},
	{"the largest below a half", (UINT64_C(1) << 52) - 1, "0.49999999999999989"},
	{"the largest below a tenth", 900719925474099, "0.099999999999999978"},
	{"the smallest above a tenth", 900719925474100, "0.10000000000000009"},
	{"the largest below 10^-15", 9, "0.00000000000000099920072216264089"},
	{"the smallest above 10^-15", 10, "0.0000000000000011102230246251565"},
	{"a tie goes up to an even digit", UINT64_C(26215) << 35, "0.10000228881835938"},
	{"a tie goes down to an even digit", UINT64_C(26217) << 35, "0.10000991821289062"},
};

static void test_known(void **state)
{
	const struct known_row *row = *state;
	char text[64];
	text_of(row->k, 0, text);
	assert_string_equal(text, row->text);
}

/* printf rounds the exact value right, ties to even; only the number of decimals is to be found. */
static void check_round_trip(uint64_t k)
{
	double x = ldexp((double)k, -53), back;
	char text[64], library[64];
	int decimals = 17;

	for (uint64_t scaled = k * 10; k != 0 && scaled < two53; scaled *= 10)
		decimals++;
	text_of(k, 0, text);
	snprintf(library, sizeof library, "%.*f", decimals, x);
	assert_string_equal(text, library);
	back = strtod(text, NULL);
	assert_true(back >= 0 && back < 1);
	assert_memory_equal(&back, &x, sizeof x);
}

static void test_around_powers(void **state)
{
	uint64_t power = 1;
	(void)state;

	for (int z = 0; z <= 15; z++, power *= 10) {
		for (uint64_t near = 0; near <= 4; near++) {
			uint64_t k = two53 / power + near - 2;
			if (k < two53)
				check_round_trip(k);
		}
	}
	for (unsigned bit = 0; bit < 53; bit++) {
		for (uint64_t near = 0; near <= 2; near++)
			check_round_trip((UINT64_C(1) << bit) + near - 1);
	}
}

static void test_small(void **state)
{
	(void)state;
	for (uint64_t k = 0; k < 100000; k++) {
		check_round_trip(k);
		check_round_trip(two53 - 1 - k);
	}
}

static void test_random(void **state)
{
	uint64_t seed = SEED;
	(void)state;
	print_message("seed %d\n", SEED);
	for (int i = 0; i < RANDOM_NUMBERS; i++) {
		uint64_t k = plain_random(&seed) >> 11;
		check_round_trip(k);
		check_round_trip(k >> i % 53);
	}
}

static void test_low_bits_unused(void **state)
{
	char text[64], same[64];
	(void)state;
	text_of(123456789, 0, text);
	text_of(123456789, 2047, same);
	assert_string_equal(text, same);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		{"around each power of ten and of two", test_around_powers},
		{"the 100000 smallest and largest", test_small},
		{"random numbers of every size", test_random},
		{"the eleven low bits of a draw change nothing", test_low_bits_unused},
	};
	int failed = ROWS_RUN("float64, known answers", test_known, known_rows);
	return failed + cmocka_run_group_tests_name("float64, read back", others, NULL, NULL);
}
