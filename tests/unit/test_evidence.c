/* Results of an assessment: what is taken from one, and what is no evidence, with its place and the remedy. Each row
 * changes a good result in one place. */
#include "config/evidence.h"

#include "rows.h"

#include <math.h>
#include <stdio.h>

#define NOW 1800000000 /* 2027-01-15T08:00:00Z */

static const char good[] = "{\n"
			   "  \"program\": \"refresher-assess\",\n"
			   "  \"version\": \"0.2.0\",\n"
			   "  \"date\": \"2026-11-28T03:42:14Z\",\n"
			   "  \"source\": \"/dev/hwrng\",\n"
			   "  \"driver\": \"virtio_rng.0\",\n"
			   "  \"track\": \"non_iid\",\n"
			   "  \"mode\": \"initial\",\n"
			   "  \"samples\": 1000000,\n"
			   "  \"bits\": 8,\n"
			   "  \"assessed\": true,\n"
			   "  \"min_entropy\": 7.25,\n"
			   "  \"health_tests\": {\"min_entropy\": 1, \"samples\": 2},\n"
			   "  \"blocks\": [{\"bits\": 1, \"program\": null}, []]\n"
			   "}\n";

struct row {
	const char *name;
	const char *what, *instead; /* the first of these is put in the place of the other; what NULL: all of it */
	const char *fault;          /* the message ends with this behind key and file; NULL: taken */
	double h;
};

#define ANEW "; write it anew with refresher-assess --output"

static const struct row rows[] = {
	{"a result", "", "", NULL, 7.25},
	{"without spaces", ": ", ":", NULL, 7.25},
	{"the IID track", "\"non_iid\"", "\"iid\"", NULL, 7.25},
	{"restart tests", "\"initial\"", "\"restart\"", NULL, 7.25},
	{"bits alone", "\"initial\"", "\"conditioned\"", NULL, 7.25},
	{"no driver", "virtio_rng.0", "", NULL, 7.25},
	{"a version to come", "0.2.0", "17.1", NULL, 7.25},
	{"nothing", "7.25", "0", NULL, 0},
	{"as much as fits", "7.25", "8", NULL, 8},
	{"very little", "7.25", "1e-05", NULL, 1e-5},
	{"a moment ago", "2026-11-28T03:42:14Z", "2027-01-15T08:00:00Z", NULL, 7.25},
	{"more than fits", "7.25", "8.01", ":12: min_entropy: 8.01; allowed: a number from 0 to 8" ANEW, 0},
	{"less than nothing", "7.25", "-0.5", ":12: min_entropy: -0.5; allowed: a number from 0 to 8" ANEW, 0},
	{"no number", "7.25", "null", ":12: min_entropy: null; allowed: a number from 0 to 8" ANEW, 0},
	{"no finite number", "7.25", "NaN", ":12: min_entropy: NaN; allowed: a number from 0 to 8" ANEW, 0},
	{"a hexadecimal number", "7.25", "0x7", ":12: min_entropy: 0x7; allowed: a number from 0 to 8" ANEW, 0},
	{"two points", "7.25", "7.2.5", ":12: min_entropy: 7.2.5; allowed: a number from 0 to 8" ANEW, 0},
	{"a number in quotes", "7.25", "\"7.25\"", ":12: min_entropy: not as refresher-assess writes it" ANEW, 0},
	{"a list for a number", "7.25", "[7.25]", ":12: min_entropy: not one value" ANEW, 0},
	{"not assessed", "true", "false",
	 ":11: assessed: not true, so it says nothing of the source; assess it without --iid", 0},
	{"too few samples", "1000000", "999999", ":9: samples: 999999; allowed: 1000000 or more; assess so many", 0},
	{"samples in words", "1000000", "many", ":9: samples: many; allowed: 1000000 or more; assess so many", 0},
	{"samples of single bits", "\"bits\": 8", "\"bits\": 1",
	 ":10: bits: 1, but source.sample_bits is 8; assess with refresher-assess --bits 8", 0},
	{"a date to come", "2026-11-28T03:42:14Z", "2027-01-15T08:00:01Z",
	 ":4: date: 2027-01-15T08:00:01Z is still to come; set the clock right, or assess anew", 0},
	{"no date", "2026-11-28T03:42:14Z", "today", ":4: date: \"today\"; allowed: such as 2026-11-28T12:00:00Z" ANEW,
	 0},
	{"another program", "refresher-assess", "ea_non_iid", ":2: program: not refresher-assess" ANEW, 0},
	{"an unknown track", "non_iid", "x", ":7: track \"x\", mode \"initial\": not known" ANEW, 0},
	{"an unknown mode", "initial", "x", ":7: track \"non_iid\", mode \"x\": not known" ANEW, 0},
	{"no version", "  \"version\": \"0.2.0\",\n", "", ":1: version: missing" ANEW, 0},
	{"no program", "  \"program\": \"refresher-assess\",\n", "", ":1: program: missing" ANEW, 0},
	{"two values", "\"bits\": 8", "\"bits\": 8, \"bits\": 8", ":10: bits: given twice" ANEW, 0},
	{"a text that is too long", "0.2.0", "0123456789012345678901234567890123456789012345678901234567890123",
	 ":3: version: not as refresher-assess writes it" ANEW, 0},
	{"a NUL in a text", "0.2.0", "0\\u0000", ":3: version: not as refresher-assess writes it" ANEW, 0},
	{"an alias", "\"0.2.0\"", "*x", ":3: version: not one value" ANEW, 0},
	{"a value that no terminal shows", "0.2.0", "\\u001b[2J", NULL, 7.25},
	{"cut off", "  \"health_tests\"", "\0", ":13: no whole JSON" ANEW, 0},
	{"no end", "\n}\n", "\n", ":15: no whole JSON" ANEW, 0},
	{"a control character", "0.2.0", "\x01", "", 0},
	{"two results", "]\n}\n", "]\n}\n{}\n", "", 0},
	{"two documents", "]\n}\n", "]\n}\n---\n{}\n", ":16: more than one result" ANEW, 0},
	{"an empty file", NULL, "", ":1: no result of refresher-assess" ANEW, 0},
	{"a word", NULL, "hello\n", ":1: no result of refresher-assess" ANEW, 0},
	{"a list", NULL, "[]\n", ":1: no result of refresher-assess" ANEW, 0},
	{"an empty result", NULL, "{}\n", ":1: program: missing" ANEW, 0},
	{"UTF-16", NULL, "\xff\xfe{", "", 0},
};

/* The good result with every place of `what` changed. */
static size_t changed(const struct row *row, char *out, size_t cap)
{
	size_t used = 0, skip = row->what ? strlen(row->what) : 0;
	if (!row->what)
		return (size_t)snprintf(out, cap, "%s", row->instead);
	for (const char *p = good; *p;) {
		if (skip == 0 || strncmp(p, row->what, skip) != 0) {
			out[used++] = *p++;
			continue;
		}

		/* An instead of a NUL alone is the end of it. */
		if (row->instead[0] == '\0' && strstr(row->what, "health_tests"))
			break;
		used += (size_t)snprintf(out + used, cap - used, "%s", row->instead);
		p += skip;
	}
	return used;
}

static void row_test(void **state)
{
	const struct row *row = *state;
	char text[2048], want[512];
	struct assessed a;
	struct err e = {0};
	size_t len = changed(row, text, sizeof text);

	/* From memory of exactly that size, so that a sanitizer sees who reads beyond. */
	char *exact = malloc(len + 1);
	memcpy(exact, text, len);
	int rc = evidence_parse("r.json", exact, len, 8, NOW, &a, &e);
	free(exact);
	assert_int_equal(rc, row->fault ? -1 : 0);
	if (row->fault) {
		snprintf(want, sizeof want, "source.min_entropy_file: r.json%s", row->fault);
		assert_int_equal(e.code, ERR_CONFIG);
		if (row->fault[0])
			assert_string_equal(e.msg, want);
		assert_non_null(strstr(e.msg, "source.min_entropy_file: r.json:"));
		return;
	}
	assert_true(fabs(a.h_per_sample - row->h) < 1e-12);
	assert_int_equal(a.samples, 1000000);
	assert_true(a.date_unix_seconds > 1795837333 && a.date_unix_seconds <= NOW);
	assert_true(strcmp(a.driver, "virtio_rng.0") == 0 || a.driver[0] == '\0');
	assert_true(a.version[0] && !strchr(a.version, '\x1b'));
}

/* Every beginning of a result is refused: half of a file that is being written is no evidence. */
static void beginnings_test(void **state)
{
	struct assessed a;
	struct err e;
	(void)state;
	for (size_t len = 0; len < sizeof good - 3; len++)
		assert_int_equal(evidence_parse("r.json", good, len, 8, NOW, &a, &e), -1);
	assert_int_equal(evidence_parse("r.json", good, sizeof good - 1, 8, NOW, &a, &e), 0);
}

/* A mapping in a mapping, more often than anybody would write it: libyaml has its bound, and nothing here recurses. */
static void depth_test(void **state)
{
	enum { DEEP = 100000 };
	struct assessed a;
	struct err e;
	char *text = malloc(DEEP);
	(void)state;
	memset(text, '[', DEEP);
	memcpy(text, "{x: ", 4);
	assert_int_equal(evidence_parse("r.json", text, DEEP, 8, NOW, &a, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	free(text);
}

/* Without a file, and with one that is not there. */
static void no_file_test(void **state)
{
	struct source_config c = {.sample_bits = 8};
	struct assessed a;
	struct err e;
	(void)state;
	assert_int_equal(evidence_read(&c, NOW, &a, &e), 0);
	assert_int_equal(a.use, ASSESSED_NONE);
	snprintf(c.min_entropy_file, sizeof c.min_entropy_file, "/nonexistent/r.json");
	assert_int_equal(evidence_read(&c, NOW, &a, &e), 0);
	assert_int_equal(a.use, ASSESSED_MISSING);
	assert_true(a.entropy_ratio < 0 && a.date_unix_seconds < 0);
}

int main(void)
{
	const struct CMUnitTest more[] = {cmocka_unit_test(beginnings_test), cmocka_unit_test(depth_test),
					  cmocka_unit_test(no_file_test)};
	return ROWS_RUN("results", row_test, rows) + cmocka_run_group_tests_name("files", more, NULL, NULL);
}
