/* The digits against plain ones, and the plain ones against the C library. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/decimal.h"
#include "numbers_plain.h"

enum { RANDOM_NUMBERS = 20 * 1000 * 1000, LIBRARY_NUMBERS = 200 * 1000, SEED = 20261123 };

/* Digit by digit: the C library would take most of the time. */
static char *decimal_plain(char *out, uint64_t n)
{
	char *end = out + 1;
	for (uint64_t m = n; m >= 10; m /= 10)
		end++;
	for (char *p = end; p > out; n /= 10)
		*--p = (char)('0' + n % 10);
	return end;
}

static void check_same(const char *text, const char *end, const char *plain, const char *plain_end)
{
	size_t len = (size_t)(plain_end - plain);
	if ((size_t)(end - text) != len || memcmp(text, plain, len) != 0)
		fail_msg("%.*s became %.*s", (int)len, plain, (int)(end - text), text);
}

static void check_u64(uint64_t n)
{
	char text[DECIMAL_TOUCH], plain[20];
	char *plain_end = decimal_plain(plain, n);
	check_same(text, decimal_u64(text, n), plain, plain_end);
}

static void check_u32(uint32_t n)
{
	char text[DECIMAL_TOUCH], plain[20];
	char *plain_end = decimal_plain(plain, n);
	check_same(text, decimal_u32(text, n), plain, plain_end);
}

static void check_i64(int64_t n)
{
	char text[DECIMAL_TOUCH], plain[1 + 20] = "-";
	uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char *plain_end = decimal_plain(plain + (n < 0), magnitude);
	check_same(text, decimal_i64(text, n), plain, plain_end);
}

static void check_i32(int32_t n)
{
	char text[DECIMAL_TOUCH], plain[1 + 20] = "-";
	uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char *plain_end = decimal_plain(plain + (n < 0), magnitude);
	check_same(text, decimal_i32(text, n), plain, plain_end);
}

/* One word, through each function. */
static void check_all(uint64_t word)
{
	check_u64(word);
	check_u32((uint32_t)word);
	check_i64((int64_t)word);
	check_i32((int32_t)(uint32_t)word);
}

/* Ten digits with zeros in front: one more power of ten than n has, and without its first digit. */
static void check_padded10(uint64_t n)
{
	char text[DECIMAL_TOUCH], plain[20];
	char *plain_end = decimal_plain(plain, n + 10000000000u);
	check_same(text, decimal_padded10(text, n), plain + 1, plain_end);
}

static void test_around_powers(void **state)
{
	(void)state;
	for (uint64_t power = 1; power <= 1000000000000000000; power *= 10) {
		for (uint64_t digit = 1; digit <= 9; digit++) {
			for (uint64_t near = 0; near <= 2; near++) {
				check_all(digit * power + near - 1);
				check_all(0 - (digit * power + near - 1));
			}
		}
	}
	check_all(10000000000000000000u - 1);
	check_all(10000000000000000000u);
	for (unsigned bit = 0; bit < 64; bit++) {
		for (uint64_t near = 0; near <= 2; near++)
			check_all((UINT64_C(1) << bit) + near - 1);
	}
}

static void test_each_below_a_million(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < 1000000; n++) {
		check_all(n);
		check_padded10(n);
	}
}

static void test_random_words(void **state)
{
	uint64_t seed = SEED;
	(void)state;
	print_message("seed %d\n", SEED);
	for (int i = 0; i < RANDOM_NUMBERS; i++) {
		uint64_t word = plain_random(&seed);
		check_i32((int32_t)(uint32_t)word);
		check_u64(word);
	}
}

/* Each length of number as often as any other. */
static void test_random_lengths(void **state)
{
	uint64_t seed = SEED + 1;
	(void)state;
	print_message("seed %d\n", SEED + 1);
	for (int i = 0; i < RANDOM_NUMBERS / 10; i++) {
		uint64_t word = plain_random(&seed);
		word >>= i % 64;
		check_all(word);
		check_padded10(word % 10000000000u);
	}
}

static void test_plain_is_the_library(void **state)
{
	uint64_t seed = SEED + 2;
	(void)state;
	print_message("seed %d\n", SEED + 2);
	for (int i = 0; i < LIBRARY_NUMBERS; i++) {
		uint64_t word = i == 0 ? 0 : plain_random(&seed) >> i % 64;
		char plain[20], library[32];
		int len = snprintf(library, sizeof library, "%" PRIu64, word);
		check_same(plain, decimal_plain(plain, word), library, library + len);
	}
}

/* The excess of the fixed-point quotient is largest for the largest n. */
static void test_ten_digits_at_the_end(void **state)
{
	(void)state;
	for (uint64_t n = 10000000000u - 1000000; n < 10000000000u; n++)
		check_padded10(n);
	for (uint64_t n = UINT32_MAX - 1000000; n <= UINT32_MAX; n++)
		check_u32((uint32_t)n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"around each digit times each power of ten and of two", test_around_powers},
		{"each number below a million", test_each_below_a_million},
		{"the largest numbers of ten digits and of 32 bits", test_ten_digits_at_the_end},
		{"uniform words", test_random_words},
		{"words of every length", test_random_lengths},
		{"the plain digits are those of the C library", test_plain_is_the_library},
	};
	return cmocka_run_group_tests_name("decimal digits, fast against plain", tests, NULL, NULL);
}
