/* Known answers of every format, computed independently of the C code from the same 64 bytes, and where a step ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/numbers.h"

/* Words of 32 bits: 0, 2^32-1, 2^31, 2^31-1, 10, -10, 999, 1000, 10^9, 10^9-1, then six without a pattern. */
static const uint8_t fixed[64] = {
	0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x80, 0xff, 0xff, 0xff, 0x7f,
	0x0a, 0x00, 0x00, 0x00, 0xf6, 0xff, 0xff, 0xff, 0xe7, 0x03, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00,
	0x00, 0xca, 0x9a, 0x3b, 0xff, 0xc9, 0x9a, 0x3b, 0xf2, 0xd2, 0xd4, 0x8b, 0x29, 0x32, 0x26, 0x22,
	0xb6, 0xfc, 0x2c, 0x11, 0x0d, 0x75, 0x3a, 0x5d, 0x18, 0xe8, 0x69, 0xe3, 0xef, 0x32, 0xed, 0xc8,
};

static const struct numbers_stamp stamp = {
	.real_ns = 1700000000123456789, .nanos = 34567, .uuid = "01234567-89ab-4def-8123-456789abcdef"};

enum { CANARY = 0xa5, CANARY_BYTES = 64, TEXT_BYTES = 2 * NUMBERS_BYTES_MAX + 1 };

struct golden_row {
	const char *sentence;
	struct numbers_config config;
	const char *text; /* of the whole of `fixed` */
	uint64_t made;
	size_t used, random_max, text_max;
};

#define RUNNER "22:13:20.123,01234567-89ab-4def-8123-456789abcdef,34567,"

static const struct golden_row golden_rows[] = {
	{"int32 is signed decimal",
	 {.format = NUMBERS_INT32},
	 "0\n-1\n-2147483648\n2147483647\n10\n-10\n999\n1000\n1000000000\n999999999\n-1948986638\n572928553\n"
	 "288160950\n1564112141\n-479598568\n-923979025\n",
	 16,
	 64,
	 4,
	 12},
	{"uint32 is unsigned decimal",
	 {.format = NUMBERS_UINT32},
	 "0\n4294967295\n2147483648\n2147483647\n10\n4294967286\n999\n1000\n1000000000\n999999999\n2345980658\n"
	 "572928553\n288160950\n1564112141\n3815368728\n3370988271\n",
	 16,
	 64,
	 4,
	 11},
	{"uint64 has up to twenty digits",
	 {.format = NUMBERS_UINT64},
	 "18446744069414584320\n9223372034707292160\n18446744030759878666\n4294967296999\n4294967292705032704\n"
	 "2460709400425583346\n6717810493159701686\n14478284382959953944\n",
	 8,
	 64,
	 8,
	 21},
	{"range 0..99 rejects the words 0 and 1000000000",
	 {.format = NUMBERS_RANGE, .min = 0, .max = 99},
	 "99\n49\n0\n99\n0\n0\n23\n23\n54\n13\n6\n36\n88\n78\n",
	 14,
	 64,
	 4,
	 21},
	{"range -50..50 goes through zero",
	 {.format = NUMBERS_RANGE, .min = -50, .max = 50},
	 "50\n0\n0\n-50\n50\n-50\n-50\n-27\n-27\n5\n-37\n-44\n-14\n39\n29\n",
	 15,
	 64,
	 4,
	 21},
	{"range of one number makes that number",
	 {.format = NUMBERS_RANGE, .min = 7, .max = 7},
	 "7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n",
	 16,
	 64,
	 4,
	 21},
	{"range of 2^32 numbers uses every word of 32 bits",
	 {.format = NUMBERS_RANGE, .min = INT32_MIN, .max = INT32_MAX},
	 "-2147483648\n2147483647\n0\n-1\n-2147483638\n2147483638\n-2147482649\n-2147482648\n-1147483648\n"
	 "-1147483649\n198497010\n-1574555095\n-1859322698\n-583371507\n1667885080\n1223504623\n",
	 16,
	 64,
	 4,
	 21},
	{"range of 2^31 + 1 numbers rejects nearly every second word",
	 {.format = NUMBERS_RANGE, .min = 0, .max = INT64_C(1) << 31},
	 "2147483648\n1073741824\n1073741823\n2147483643\n499\n499999999\n1172990329\n286464276\n782056070\n"
	 "1907684364\n",
	 10,
	 64,
	 4,
	 21},
	{"range of 2^32 + 1 numbers draws words of 64 bits",
	 {.format = NUMBERS_RANGE, .min = 0, .max = INT64_C(1) << 32},
	 "4294967295\n2147483647\n4294967287\n1000\n999999999\n572928553\n1564112141\n3370988272\n",
	 8,
	 64,
	 8,
	 21},
	{"range of 2^63 numbers draws words of 64 bits",
	 {.format = NUMBERS_RANGE, .min = 0, .max = INT64_MAX},
	 "9223372034707292160\n4611686017353646080\n9223372015379939333\n2147483648499\n2147483646352516352\n"
	 "1230354700212791673\n3358905246579850843\n7239142191479976972\n",
	 8,
	 64,
	 8,
	 21},
	{"range of 2^64 numbers takes the words as they are",
	 {.format = NUMBERS_RANGE, .min = INT64_MIN, .max = INT64_MAX},
	 "9223372032559808512\n-2147483648\n9223371993905102858\n-9223367741887478809\n-4928404744149743104\n"
	 "-6762662636429192462\n-2505561543695074122\n5254912346105178136\n",
	 8,
	 64,
	 8,
	 21},
	{"float64 has seventeen significant digits",
	 {.format = NUMBERS_FLOAT64},
	 "0.99999999976716936\n0.49999999988358468\n0.99999999767169356\n0.00000023283064365386963\n"
	 "0.23283064347524907\n0.13339532388984598\n0.36417323655148326\n0.78486936909340665\n",
	 8,
	 64,
	 8,
	 35},
	{"hex of 1 byte is two characters",
	 {.format = NUMBERS_HEX, .bytes = 1},
	 "00\n00\n00\n00\nff\nff\nff\nff\n00\n00\n00\n80\nff\nff\nff\n7f\n0a\n00\n00\n00\nf6\nff\nff\nff\ne7\n03\n"
	 "00\n00\ne8\n03\n00\n00\n00\nca\n9a\n3b\nff\nc9\n9a\n3b\nf2\nd2\nd4\n8b\n29\n32\n26\n22\nb6\nfc\n2c\n11\n"
	 "0d\n75\n3a\n5d\n18\ne8\n69\ne3\nef\n32\ned\nc8\n",
	 64,
	 64,
	 1,
	 3},
	{"hex of 16 bytes is lower case, in the order of the bytes",
	 {.format = NUMBERS_HEX, .bytes = 16},
	 "00000000ffffffff00000080ffffff7f\n0a000000f6ffffffe7030000e8030000\n00ca9a3bffc99a3bf2d2d48b29322622\n"
	 "b6fc2c110d753a5d18e869e3ef32edc8\n",
	 4,
	 64,
	 16,
	 33},
	{"hex of 19 bytes leaves the rest that makes no number",
	 {.format = NUMBERS_HEX, .bytes = 19},
	 "00000000ffffffff00000080ffffff7f0a0000\n00f6ffffffe7030000e803000000ca9a3bffc9\n"
	 "9a3bf2d2d48b29322622b6fc2c110d753a5d18\n",
	 3,
	 57,
	 19,
	 39},
	{"base64 of 16 bytes ends with two signs of padding",
	 {.format = NUMBERS_BASE64, .bytes = 16},
	 "AAAAAP////8AAACA////fw==\nCgAAAPb////nAwAA6AMAAA==\nAMqaO//Jmjvy0tSLKTImIg==\n"
	 "tvwsEQ11Ol0Y6Gnj7zLtyA==\n",
	 4,
	 64,
	 16,
	 25},
	{"base64 of 17 bytes ends with one sign of padding",
	 {.format = NUMBERS_BASE64, .bytes = 17},
	 "AAAAAP////8AAACA////fwo=\nAAAA9v///+cDAADoAwAAAMo=\nmjv/yZo78tLUiykyJiK2/Cw=\n",
	 3,
	 51,
	 17,
	 25},
	{"base64 of 3 bytes has no padding",
	 {.format = NUMBERS_BASE64, .bytes = 3},
	 "AAAA\nAP//\n//8A\nAACA\n////\nfwoA\nAAD2\n////\n5wMA\nAOgD\nAAAA\nypo7\n/8ma\nO/LS\n1Isp\nMiYi\ntvws\n"
	 "EQ11\nOl0Y\n6Gnj\n7zLt\n",
	 21,
	 63,
	 3,
	 5},
	{"uuid has version 4 and variant 10",
	 {.format = NUMBERS_UUID},
	 "00000000-ffff-4fff-8000-0080ffffff7f\n0a000000-f6ff-4fff-a703-0000e8030000\n"
	 "00ca9a3b-ffc9-4a3b-b2d2-d48b29322622\nb6fc2c11-0d75-4a5d-98e8-69e3ef32edc8\n",
	 4,
	 64,
	 16,
	 37},
	{"runner has the four old columns",
	 {.format = NUMBERS_RUNNER},
	 RUNNER "0\n" RUNNER "-1\n" RUNNER "-2147483648\n" RUNNER "2147483647\n" RUNNER "10\n" RUNNER "-10\n" RUNNER
		"999\n" RUNNER "1000\n" RUNNER "1000000000\n" RUNNER "999999999\n" RUNNER "-1948986638\n" RUNNER
		"572928553\n" RUNNER "288160950\n" RUNNER "1564112141\n" RUNNER "-479598568\n" RUNNER "-923979025\n",
	 16,
	 64,
	 4,
	 83},
};

enum { GOLDEN_ROWS = sizeof golden_rows / sizeof golden_rows[0] };

static void test_golden(void **state)
{
	const struct golden_row *row = *state;
	char out[TEXT_BYTES];
	struct numbers_step s =
		numbers_fill(&row->config, &stamp, fixed, sizeof fixed, UINT64_MAX, out, sizeof out - 1);

	out[s.written] = '\0';
	assert_string_equal(out, row->text);
	assert_int_equal(s.made, row->made);
	assert_int_equal(s.used, row->used);
	assert_int_equal(numbers_random_max(&row->config), row->random_max);
	assert_int_equal(numbers_text_max(&row->config), row->text_max);
}

/* Where the first `lines` lines of a text end. */
static size_t lines_end(const char *text, uint64_t lines)
{
	const char *p = text;
	while (lines-- > 0)
		p = strchr(p, '\n') + 1;
	return (size_t)(p - text);
}

/* Fills a buffer of just `cap` bytes with a canary behind it, and compares with a prefix of the row's text. */
static struct numbers_step fill_prefix(const struct golden_row *row, size_t rnd_len, uint64_t want, size_t cap)
{
	char *out = malloc(cap + CANARY_BYTES), canary[CANARY_BYTES];
	uint8_t *rnd = malloc(rnd_len > 0 ? rnd_len : 1); /* of its size, so that the sanitizer sees its end */
	assert_non_null(out);
	assert_non_null(rnd);
	memset(out, CANARY, cap + CANARY_BYTES);
	memset(canary, CANARY, sizeof canary);
	memcpy(rnd, fixed, rnd_len);

	struct numbers_step s = numbers_fill(&row->config, &stamp, rnd, rnd_len, want, out, cap);
	assert_memory_equal(out + cap, canary, sizeof canary);
	assert_true(s.written <= cap && s.used <= rnd_len && s.made <= want);
	assert_int_equal(s.written, lines_end(row->text, s.made));
	assert_memory_equal(out, row->text, s.written);
	assert_int_equal(s.used % row->random_max, 0);
	free(out);
	free(rnd);
	return s;
}

static void test_ends_at_want(void **state)
{
	const struct golden_row *row = *state;
	for (uint64_t want = 0; want <= row->made + 1; want++) {
		struct numbers_step s = fill_prefix(row, sizeof fixed, want, TEXT_BYTES);
		assert_int_equal(s.made, want < row->made ? want : row->made);
	}
}

static void test_ends_at_cap(void **state)
{
	const struct golden_row *row = *state;
	for (size_t cap = 0; cap <= strlen(row->text) + 1; cap++) {
		struct numbers_step s = fill_prefix(row, sizeof fixed, UINT64_MAX, cap);
		bool next_fits = s.made < row->made && lines_end(row->text, s.made + 1) <= cap;
		assert_false(next_fits);
	}
}

/* What a step leaves unused is more than enough for no draw; and where nothing was rejected, each draw made a number.
 */
static void test_ends_at_random(void **state)
{
	const struct golden_row *row = *state;
	bool rejects = row->made * row->random_max < row->used;

	for (size_t rnd_len = 0; rnd_len <= sizeof fixed; rnd_len++) {
		struct numbers_step s = fill_prefix(row, rnd_len, UINT64_MAX, TEXT_BYTES);
		assert_true(rnd_len - s.used < row->random_max);
		if (!rejects)
			assert_int_equal(s.made, s.used / row->random_max);
	}
}

static void test_exact_needs_make_one(void **state)
{
	const struct golden_row *row = *state;
	struct numbers_step s = fill_prefix(row, row->random_max, 1, row->text_max);
	assert_int_equal(s.used, row->random_max);
}

int main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction f;
	} limits[] = {{"known answers", test_golden},
		      {"a step ends at want", test_ends_at_want},
		      {"a step ends at cap", test_ends_at_cap},
		      {"a step ends with the random bytes", test_ends_at_random},
		      {"one draw and the longest text suffice", test_exact_needs_make_one}};
	int failed = 0;

	for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
		struct CMUnitTest tests[GOLDEN_ROWS];
		for (size_t i = 0; i < GOLDEN_ROWS; i++)
			tests[i] = (struct CMUnitTest){.name = golden_rows[i].sentence,
						       .test_func = limits[l].f,
						       .initial_state = (void *)(uintptr_t)&golden_rows[i]};
		failed += cmocka_run_group_tests_name(limits[l].name, tests, NULL, NULL);
	}
	return failed;
}
