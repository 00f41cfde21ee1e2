/* The text of FILE.json: every figure in its place, names as strings of JSON, and all of it or nothing. */

#include "rows.h"
#include "run/manifest.h"

#include <stdio.h>
#include <string.h>

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static size_t render(const char *name, const char *driver, char *out, size_t cap)
{
	const struct numbers_config numbers = {.format = NUMBERS_HEX, .count = 12345678901};
	struct source_identity noise = {.kind = SOURCE_DEVICE};
	const struct manifest m = {.numbers = &numbers,
				   .noise = &noise,
				   .generation = 7,
				   .bytes = 98765432109,
				   .wall_ns = 1700000000999999999,
				   .state = GATE_OK,
				   .sha256 = SHA};
	snprintf(noise.name, sizeof noise.name, "%s", name);
	snprintf(noise.driver, sizeof noise.driver, "%s", driver);
	return manifest_render(&m, out, cap);
}

static void every_figure_is_in_its_place(void **state)
{
	char out[MANIFEST_MAX];
	(void)state;
	size_t len = render("/dev/hwrng", "virtio_rng.0", out, sizeof out);
	assert_string_equal(out, "{\"generation\":7,\"time\":\"2023-11-14T22:13:20Z\",\"count\":12345678901,"
				 "\"format\":\"hex\",\"bytes\":98765432109,\"sha256\":\"" SHA "\","
				 "\"source\":{\"kind\":\"device\",\"name\":\"/dev/hwrng\",\"driver\":\"virtio_rng.0\"},"
				 "\"health\":\"ok\"}\n");
	assert_int_equal(len, strlen(out));
	assert_int_equal(render("/dev/hwrng", "virtio_rng.0", out, len + 1), len);
	assert_int_equal(render("/dev/hwrng", "virtio_rng.0", out, len), 0);
}

struct name_row {
	const char *sentence, *name, *shown;
};

static const struct name_row name_rows[] = {
	{"a blank and a tilde stay", "/a b~", "/a b~"},
	{"a quote and a backslash are escaped", "a\"b\\c", "a\\\"b\\\\c"},
	{"so is a control character", "a\nb\x1f", "a\\nb\\u001f"},
	{"so is a delete, and UTF-8 stays", "a\x7f\xc3\xa4", "a\\u007f\xc3\xa4"},
	{"a character that was cut is U+FFFD", "a\xc3", "a\xef\xbf\xbd"},
	{"no driver", "", ""},
};

static void names_are_strings_of_json(void **state)
{
	const struct name_row *row = *state;
	char out[MANIFEST_MAX], expected[128];
	assert_true(render(row->name, row->name, out, sizeof out) > 0);
	snprintf(expected, sizeof expected, "\"name\":\"%s\",\"driver\":\"%s\"}", row->shown, row->shown);
	assert_non_null(strstr(out, expected));
}

static void long_names_are_there_whole(void **state)
{
	struct source_identity noise;
	char name[sizeof noise.name], driver[sizeof noise.driver], out[MANIFEST_MAX], expected[512];
	(void)state;
	memset(name, 'n', sizeof name);
	memset(driver, 'd', sizeof driver);
	name[sizeof name - 1] = driver[sizeof driver - 1] = '\0';
	assert_true(render(name, driver, out, sizeof out) > 0);
	snprintf(expected, sizeof expected, "\"name\":\"%s\",\"driver\":\"%s\"}", name, driver);
	assert_non_null(strstr(out, expected));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(every_figure_is_in_its_place),
		cmocka_unit_test(long_names_are_there_whole),
	};
	int failed = ROWS_RUN("names in the manifest", names_are_strings_of_json, name_rows);
	return failed + cmocka_run_group_tests_name("manifest", others, NULL, NULL);
}
