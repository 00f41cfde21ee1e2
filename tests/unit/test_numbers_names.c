/* The names of the formats, the columns of `runner`, the fixed bits of a uuid, and the limits of `binary`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/numbers.h"

static const uint8_t words[12] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x80, 0xff, 0xff, 0xff, 0x7f};
static const uint8_t without_pattern[16] = {0xb6, 0xfc, 0x2c, 0x11, 0x0d, 0x75, 0x3a, 0x5d,
					    0x18, 0xe8, 0x69, 0xe3, 0xef, 0x32, 0xed, 0xc8};

enum { CANARY = 0xa5 };

static void check_binary(size_t rnd_len, size_t cap, uint64_t want)
{
	const struct numbers_config c = {.format = NUMBERS_BINARY};
	size_t least = rnd_len < cap ? rnd_len : cap, made = least / 4 < want ? least / 4 : (size_t)want;
	char out[sizeof words + 1];

	memset(out, CANARY, sizeof out);
	struct numbers_step s = numbers_fill(&c, NULL, words, rnd_len, want, out, cap);
	assert_int_equal(s.made, made);
	assert_int_equal(s.used, 4 * made);
	assert_int_equal(s.written, 4 * made);
	assert_memory_equal(out, words, s.written);
	assert_int_equal((uint8_t)out[s.written], CANARY);
	assert_int_equal(numbers_random_max(&c), 4);
	assert_int_equal(numbers_text_max(&c), 4);
}

static void test_binary_limits(void **state)
{
	(void)state;
	for (size_t limit = 0; limit <= sizeof words; limit++) {
		check_binary(limit, sizeof words, UINT64_MAX);
		check_binary(sizeof words, limit, UINT64_MAX);
		check_binary(sizeof words, sizeof words, limit);
	}
}

static void test_binary_in_place(void **state)
{
	const struct numbers_config c = {.format = NUMBERS_BINARY};
	uint8_t bytes[sizeof words];
	(void)state;
	memcpy(bytes, words, sizeof bytes);
	struct numbers_step s = numbers_fill(&c, NULL, bytes, sizeof bytes, 2, (char *)bytes, sizeof bytes);
	assert_int_equal(s.made, 2);
	assert_int_equal(s.used, 8);
	assert_int_equal(s.written, 8);
	assert_memory_equal(bytes, words, sizeof bytes);
}

struct name_row {
	const char *sentence, *name;
	enum numbers_format format;
};

static const struct name_row name_rows[] = {
	{"int32 is a format", "int32", NUMBERS_INT32},       {"uint32 is a format", "uint32", NUMBERS_UINT32},
	{"uint64 is a format", "uint64", NUMBERS_UINT64},    {"range is a format", "range", NUMBERS_RANGE},
	{"float64 is a format", "float64", NUMBERS_FLOAT64}, {"hex is a format", "hex", NUMBERS_HEX},
	{"base64 is a format", "base64", NUMBERS_BASE64},    {"uuid is a format", "uuid", NUMBERS_UUID},
	{"binary is a format", "binary", NUMBERS_BINARY},    {"runner is a format", "runner", NUMBERS_RUNNER},
};

enum { NAME_ROWS = sizeof name_rows / sizeof name_rows[0] };

static void test_name(void **state)
{
	const struct name_row *row = *state;
	assert_string_equal(numbers_format_name(row->format), row->name);
}

struct runner_row {
	const char *sentence;
	struct numbers_stamp stamp;
	const char *line; /* of the bytes ff ff ff ff */
};

#define ID "01234567-89ab-4def-8123-456789abcdef"

static const struct runner_row runner_rows[] = {
	{"time 0 is midnight", {0, 0, ID}, "00:00:00.000," ID ",0,-1\n"},
	{"time 1 ms before midnight", {86399999999999, 1, ID}, "23:59:59.999," ID ",1,-1\n"},
	{"time at midnight starts again", {86400000000000, 1, ID}, "00:00:00.000," ID ",1,-1\n"},
	{"time of the last nanosecond of a millisecond", {1999999, 1, ID}, "00:00:00.001," ID ",1,-1\n"},
	{"time before 1970 counts on", {-1, 1, ID}, "23:59:59.999," ID ",1,-1\n"},
	{"time a whole second before 1970", {-1000000000, 1, ID}, "23:59:59.000," ID ",1,-1\n"},
	{"largest time and nanos", {INT64_MAX, INT64_MAX, ID}, "23:47:16.854," ID ",9223372036854775807,-1\n"},
	{"smallest time and nanos", {INT64_MIN, INT64_MIN, ID}, "00:12:43.145," ID ",-9223372036854775808,-1\n"},
	{"no uuid leaves the column empty", {0, 5, ""}, "00:00:00.000,,5,-1\n"},
};

enum { RUNNER_ROWS = sizeof runner_rows / sizeof runner_rows[0] };

static void test_runner(void **state)
{
	const struct runner_row *row = *state;
	const struct numbers_config c = {.format = NUMBERS_RUNNER};
	char out[256];

	out[numbers_fill(&c, &row->stamp, words, 4, 1, out, sizeof out - 1).written] = '\0';
	assert_string_equal(out, row->line);
}

static void test_uuid_keeps_122_bits(void **state)
{
	uint8_t rnd[16] = {0};
	char out[37];
	(void)state;

	numbers_uuid(rnd, out);
	assert_string_equal(out, "00000000-0000-4000-8000-000000000000");
	memset(rnd, 0xff, sizeof rnd);
	numbers_uuid(rnd, out);
	assert_string_equal(out, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	numbers_uuid(without_pattern, out);
	assert_string_equal(out, "b6fc2c11-0d75-4a5d-98e8-69e3ef32edc8");
}

static struct CMUnitTest test_of(const char *sentence, CMUnitTestFunction f, const void *row)
{
	return (struct CMUnitTest){.name = sentence, .test_func = f, .initial_state = (void *)(uintptr_t)row};
}

int main(void)
{
	struct CMUnitTest tests[NAME_ROWS + RUNNER_ROWS + 3];
	size_t n = 0;

	for (size_t i = 0; i < NAME_ROWS; i++)
		tests[n++] = test_of(name_rows[i].sentence, test_name, &name_rows[i]);
	for (size_t i = 0; i < RUNNER_ROWS; i++)
		tests[n++] = test_of(runner_rows[i].sentence, test_runner, &runner_rows[i]);
	tests[n++] = test_of("binary ends at each limit", test_binary_limits, NULL);
	tests[n++] = test_of("binary may stay where it is", test_binary_in_place, NULL);
	tests[n++] = test_of("a uuid keeps 122 of 128 bits", test_uuid_keeps_122_bits, NULL);
	return cmocka_run_group_tests_name("names, stamps, uuid, binary", tests, NULL, NULL);
}
