/* Known answers of every format, computed independently of the C code from the same 64 bytes; names, stamps, uuid. */
#include "rows.h"
#include <string.h>

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

struct golden_row {
	const char *sentence;
	struct numbers_config config;
	size_t draw_bytes;
	const char *text; /* of the whole of `fixed` */
};

#define RUNNER "22:13:20.123,01234567-89ab-4def-8123-456789abcdef,34567,"

static const struct golden_row golden_rows[] = {
	{"int32 is signed decimal",
	 {.format = NUMBERS_INT32},
	 4,
	 "0\n-1\n-2147483648\n2147483647\n10\n-10\n999\n1000\n1000000000\n999999999\n-1948986638\n572928553\n"
	 "288160950\n1564112141\n-479598568\n-923979025\n"},
	{"uint32 is unsigned decimal",
	 {.format = NUMBERS_UINT32},
	 4,
	 "0\n4294967295\n2147483648\n2147483647\n10\n4294967286\n999\n1000\n1000000000\n999999999\n2345980658\n"
	 "572928553\n288160950\n1564112141\n3815368728\n3370988271\n"},
	{"uint64 has up to twenty digits",
	 {.format = NUMBERS_UINT64},
	 8,
	 "18446744069414584320\n9223372034707292160\n18446744030759878666\n4294967296999\n4294967292705032704\n"
	 "2460709400425583346\n6717810493159701686\n14478284382959953944\n"},
	{"range 0..99 rejects the words 0 and 1000000000",
	 {.format = NUMBERS_RANGE, .min = 0, .max = 99},
	 4,
	 "99\n49\n0\n99\n0\n0\n23\n23\n54\n13\n6\n36\n88\n78\n"},
	{"range -50..50 goes through zero",
	 {.format = NUMBERS_RANGE, .min = -50, .max = 50},
	 4,
	 "50\n0\n0\n-50\n50\n-50\n-50\n-27\n-27\n5\n-37\n-44\n-14\n39\n29\n"},
	{"range of one number makes that number",
	 {.format = NUMBERS_RANGE, .min = 7, .max = 7},
	 4,
	 "7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n7\n"},
	{"range of 2^32 numbers uses every word of 32 bits",
	 {.format = NUMBERS_RANGE, .min = INT32_MIN, .max = INT32_MAX},
	 4,
	 "-2147483648\n2147483647\n0\n-1\n-2147483638\n2147483638\n-2147482649\n-2147482648\n-1147483648\n"
	 "-1147483649\n198497010\n-1574555095\n-1859322698\n-583371507\n1667885080\n1223504623\n"},
	{"range of 2^31 + 1 numbers rejects nearly every second word",
	 {.format = NUMBERS_RANGE, .min = 0, .max = INT64_C(1) << 31},
	 4,
	 "2147483648\n1073741824\n1073741823\n2147483643\n499\n499999999\n1172990329\n286464276\n782056070\n"
	 "1907684364\n"},
	{"range of 2^32 + 1 numbers draws words of 64 bits",
	 {.format = NUMBERS_RANGE, .min = 0, .max = INT64_C(1) << 32},
	 8,
	 "4294967295\n2147483647\n4294967287\n1000\n999999999\n572928553\n1564112141\n3370988272\n"},
	{"range of 2^63 numbers draws words of 64 bits",
	 {.format = NUMBERS_RANGE, .min = 0, .max = INT64_MAX},
	 8,
	 "9223372034707292160\n4611686017353646080\n9223372015379939333\n2147483648499\n2147483646352516352\n"
	 "1230354700212791673\n3358905246579850843\n7239142191479976972\n"},
	{"range of 2^64 numbers takes the words as they are",
	 {.format = NUMBERS_RANGE, .min = INT64_MIN, .max = INT64_MAX},
	 8,
	 "9223372032559808512\n-2147483648\n9223371993905102858\n-9223367741887478809\n-4928404744149743104\n"
	 "-6762662636429192462\n-2505561543695074122\n5254912346105178136\n"},
	{"float64 has seventeen significant digits",
	 {.format = NUMBERS_FLOAT64},
	 8,
	 "0.99999999976716936\n0.49999999988358468\n0.99999999767169356\n0.00000023283064365386963\n"
	 "0.23283064347524907\n0.13339532388984598\n0.36417323655148326\n0.78486936909340665\n"},
	{"hex of 1 byte is two characters",
	 {.format = NUMBERS_HEX, .bytes = 1},
	 1,
	 "00\n00\n00\n00\nff\nff\nff\nff\n00\n00\n00\n80\nff\nff\nff\n7f\n0a\n00\n00\n00\nf6\nff\nff\nff\ne7\n03\n"
	 "00\n00\ne8\n03\n00\n00\n00\nca\n9a\n3b\nff\nc9\n9a\n3b\nf2\nd2\nd4\n8b\n29\n32\n26\n22\nb6\nfc\n2c\n11\n"
	 "0d\n75\n3a\n5d\n18\ne8\n69\ne3\nef\n32\ned\nc8\n"},
	{"hex of 16 bytes is lower case, in the order of the bytes",
	 {.format = NUMBERS_HEX, .bytes = 16},
	 16,
	 "00000000ffffffff00000080ffffff7f\n0a000000f6ffffffe7030000e8030000\n00ca9a3bffc99a3bf2d2d48b29322622\n"
	 "b6fc2c110d753a5d18e869e3ef32edc8\n"},
	{"hex of 19 bytes leaves the rest that makes no number",
	 {.format = NUMBERS_HEX, .bytes = 19},
	 19,
	 "00000000ffffffff00000080ffffff7f0a0000\n00f6ffffffe7030000e803000000ca9a3bffc9\n"
	 "9a3bf2d2d48b29322622b6fc2c110d753a5d18\n"},
	{"base64 of 16 bytes ends with two signs of padding",
	 {.format = NUMBERS_BASE64, .bytes = 16},
	 16,
	 "AAAAAP////8AAACA////fw==\nCgAAAPb////nAwAA6AMAAA==\nAMqaO//Jmjvy0tSLKTImIg==\n"
	 "tvwsEQ11Ol0Y6Gnj7zLtyA==\n"},
	{"base64 of 17 bytes ends with one sign of padding",
	 {.format = NUMBERS_BASE64, .bytes = 17},
	 17,
	 "AAAAAP////8AAACA////fwo=\nAAAA9v///+cDAADoAwAAAMo=\nmjv/yZo78tLUiykyJiK2/Cw=\n"},
	{"base64 of 3 bytes has no padding",
	 {.format = NUMBERS_BASE64, .bytes = 3},
	 3,
	 "AAAA\nAP//\n//8A\nAACA\n////\nfwoA\nAAD2\n////\n5wMA\nAOgD\nAAAA\nypo7\n/8ma\nO/LS\n1Isp\nMiYi\ntvws\n"
	 "EQ11\nOl0Y\n6Gnj\n7zLt\n"},
	{"uuid has version 4 and variant 10",
	 {.format = NUMBERS_UUID},
	 16,
	 "00000000-ffff-4fff-8000-0080ffffff7f\n0a000000-f6ff-4fff-a703-0000e8030000\n"
	 "00ca9a3b-ffc9-4a3b-b2d2-d48b29322622\nb6fc2c11-0d75-4a5d-98e8-69e3ef32edc8\n"},
	{"runner has the four old columns",
	 {.format = NUMBERS_RUNNER},
	 4,
	 RUNNER "0\n" RUNNER "-1\n" RUNNER "-2147483648\n" RUNNER "2147483647\n" RUNNER "10\n" RUNNER "-10\n" RUNNER
		"999\n" RUNNER "1000\n" RUNNER "1000000000\n" RUNNER "999999999\n" RUNNER "-1948986638\n" RUNNER
		"572928553\n" RUNNER "288160950\n" RUNNER "1564112141\n" RUNNER "-479598568\n" RUNNER "-923979025\n"},
};

static void test_golden(void **state)
{
	const struct golden_row *row = *state;
	char out[4096];
	struct numbers_step s =
		numbers_fill(&row->config, &stamp, fixed, sizeof fixed, UINT64_MAX, out, sizeof out - 1);
	uint64_t lines = 0;

	out[s.written] = '\0';
	for (const char *p = out; *p; p++)
		lines += *p == '\n';
	assert_string_equal(out, row->text);
	assert_int_equal(s.made, lines);
	assert_int_equal(s.used, sizeof fixed / row->draw_bytes * row->draw_bytes);
	assert_int_equal(numbers_draw_bytes(&row->config), row->draw_bytes);
}

static void test_binary(void **state)
{
	const struct numbers_config c = {.format = NUMBERS_BINARY};
	char out[sizeof fixed];
	(void)state;
	struct numbers_step s = numbers_fill(&c, NULL, fixed, sizeof fixed, 2, out, sizeof out);
	assert_int_equal(s.made, 2);
	assert_int_equal(s.used, 8);
	assert_int_equal(s.written, 8);
	assert_ptr_equal(s.text, fixed);
	assert_int_equal(numbers_draw_bytes(&c), 4);
}

static void test_longest_line(void **state)
{
	const struct numbers_config c = {.format = NUMBERS_HEX, .bytes = NUMBERS_BYTES_MAX};
	static const uint8_t rnd[NUMBERS_BYTES_MAX];
	char out[NUMBERS_TEXT_MAX];
	(void)state;
	assert_int_equal(numbers_fill(&c, NULL, rnd, sizeof rnd, 1, out, sizeof out - 1).made, 0);
	assert_int_equal(numbers_fill(&c, NULL, rnd, sizeof rnd, 1, out, sizeof out).written, NUMBERS_TEXT_MAX);
}

static void test_names(void **state)
{
	static const char *const names[NUMBERS_FORMATS] = {"int32", "uint32", "uint64", "range",  "float64",
							   "hex",   "base64", "uuid",   "binary", "runner"};
	(void)state;
	for (unsigned f = 0; f < NUMBERS_FORMATS; f++)
		assert_string_equal(numbers_format_names[f], names[f]);
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
	{"time of a whole hour", {82800000000000, 1, ID}, "23:00:00.000," ID ",1,-1\n"},
	{"time of a whole minute", {86340000000000, 1, ID}, "23:59:00.000," ID ",1,-1\n"},
	{"time at midnight starts again", {86400000000000, 1, ID}, "00:00:00.000," ID ",1,-1\n"},
	{"time of the last nanosecond of a millisecond", {1999999, 1, ID}, "00:00:00.001," ID ",1,-1\n"},
	{"time before 1970 counts on", {-1, 1, ID}, "23:59:59.999," ID ",1,-1\n"},
	{"time a whole second before 1970", {-1000000000, 1, ID}, "23:59:59.000," ID ",1,-1\n"},
	{"largest time and nanos", {INT64_MAX, INT64_MAX, ID}, "23:47:16.854," ID ",9223372036854775807,-1\n"},
	{"smallest time and nanos", {INT64_MIN, INT64_MIN, ID}, "00:12:43.145," ID ",-9223372036854775808,-1\n"},
	{"no uuid leaves the column empty", {0, 5, ""}, "00:00:00.000,,5,-1\n"},
};

static void test_runner(void **state)
{
	const struct runner_row *row = *state;
	const struct numbers_config c = {.format = NUMBERS_RUNNER};
	char out[256];

	out[numbers_fill(&c, &row->stamp, fixed + 4, 4, 1, out, sizeof out - 1).written] = '\0';
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
	numbers_uuid(fixed + 48, out);
	assert_string_equal(out, "b6fc2c11-0d75-4a5d-98e8-69e3ef32edc8");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_uuid_keeps_122_bits),
	};
	int failed = ROWS_RUN("known answers", test_golden, golden_rows);
	failed += ROWS_RUN("known answers of runner", test_runner, runner_rows);
	return failed + cmocka_run_group_tests_name("numbers", others, NULL, NULL);
}
