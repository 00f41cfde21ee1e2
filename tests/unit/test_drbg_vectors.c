/* NIST's known answers through our pool, our provider and drbg.h; tests/vectors/ tells the form of the files. Each
 * vector has one negative twin for each of its pool lines: one flipped bit there must change the output. Runs in the
 * top directory of the source. */
#include "seed/drbg.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { MAX_LINE = 1200, MAX_BYTES = 512, MAX_LINES = 16, MAX_CASES = 256, MAX_OUT = 256, NO_FLIP = -1 };

struct vector {
	char name[MAX_LINE];
	char lines[MAX_LINES][MAX_LINE];
	size_t line_count;
	int pools; /* how many of the lines begin with "pool" */
};

struct test_case {
	const struct vector *vector;
	int flip; /* the pool line that gets a wrong bit */
	char name[MAX_LINE + 80];
};

struct run {
	struct pool *pool;
	struct drbg *drbg;
	int flip;
	int pools_seen;
	uint8_t out[MAX_OUT];
	size_t out_len;
	bool matched;
};

/* ---- reading ---- */

static void stop(const char *what, const char *where)
{
	fprintf(stderr, "test_drbg_vectors: %s: %s\n", what, where);
	exit(EXIT_FAILURE);
}

static size_t from_hex(const char *hex, uint8_t out[MAX_BYTES])
{
	size_t n = 0;
	unsigned byte;
	if (strcmp(hex, "-") == 0)
		return 0;
	for (; n < MAX_BYTES && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		out[n] = (uint8_t)byte;
	if (hex[2 * n] != '\0')
		stop("not hexadecimal", hex);
	return n;
}

static void add_line(struct vector *v, const char *line)
{
	if (v->line_count == MAX_LINES)
		stop("too many lines", v->name);
	snprintf(v->lines[v->line_count++], MAX_LINE, "%s", line);
	v->pools += strncmp(line, "pool ", 5) == 0;
}

/* Returns how many vectors the file has. */
static size_t read_file(const char *path, struct vector *vectors, size_t max)
{
	char line[MAX_LINE];
	size_t n = 0;
	FILE *f = fopen(path, "r");
	if (!f)
		stop("cannot open", path);
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (strncmp(line, "vector ", 7) == 0) {
			if (n == max)
				stop("too many vectors", path);
			snprintf(vectors[n++].name, MAX_LINE, "%s", line + 7);
		} else if (n == 0) {
			stop("a line before the first vector", path);
		} else {
			add_line(&vectors[n - 1], line);
		}
	}
	fclose(f);
	return n;
}

/* ---- running ---- */

static void do_pool(struct run *r, uint8_t *samples, size_t n)
{
	if (r->pools_seen++ == r->flip)
		samples[n - 1] ^= 1;
	assert_int_equal(pool_put(r->pool, samples, n), n);
}

static void do_generate(struct run *r, const char *line, bool prediction_resistance)
{
	struct err e = {0};
	char hex[MAX_LINE];
	uint8_t adin[MAX_BYTES];
	assert_int_equal(sscanf(line, "%*s %zu %1199s", &r->out_len, hex), 2);
	assert_true(r->out_len <= MAX_OUT);
	size_t n = from_hex(hex, adin);
	assert_int_equal(drbg_generate(r->drbg, r->out, r->out_len, prediction_resistance, adin, n, &e), 0);
}

static void do_line(struct run *r, const char *line)
{
	struct err e = {0};
	char word[16], hex[MAX_LINE];
	uint8_t in[MAX_BYTES];
	assert_int_equal(sscanf(line, "%15s %1199s", word, hex), 2);
	size_t n = strncmp(word, "generate", 8) == 0 ? 0 : from_hex(hex, in);
	if (strcmp(word, "pool") == 0)
		do_pool(r, in, n);
	else if (strcmp(word, "instantiate") == 0)
		assert_int_equal(drbg_instantiate(r->drbg, in, n, &e), 0);
	else if (strcmp(word, "reseed") == 0)
		assert_int_equal(drbg_reseed(r->drbg, in, n, &e), 0);
	else if (strcmp(word, "generate") == 0)
		do_generate(r, line, false);
	else if (strcmp(word, "generate_pr") == 0)
		do_generate(r, line, true);
	else if (strcmp(word, "expect") == 0)
		r->matched = n == r->out_len && memcmp(in, r->out, n) == 0;
	else
		fail_msg("unknown step: %s", line);
}

static void run_case(void **state)
{
	const struct test_case *c = *state;
	const struct drbg_params params = {.h_per_sample = 8, .margin_bits = 0};
	struct err e = {0};
	struct run r = {.flip = c->flip};
	r.pool = pool_new(64, NULL, &e);
	assert_non_null(r.pool);
	r.drbg = drbg_new(r.pool, &params, &e);
	assert_non_null(r.drbg);
	for (size_t i = 0; i < c->vector->line_count; i++)
		do_line(&r, c->vector->lines[i]);
	assert_true(r.out_len > 0);
	assert_int_equal(pool_counts(r.pool).level, 0);
	assert_int_equal(r.matched, c->flip == NO_FLIP);
	drbg_free(r.drbg);
	pool_free(r.pool);
}

static size_t add_cases(const struct vector *v, struct test_case *cases, size_t n)
{
	for (int flip = NO_FLIP; flip < v->pools; flip++) {
		if (n == MAX_CASES)
			stop("too many cases", v->name);
		struct test_case *c = &cases[n++];
		c->vector = v;
		c->flip = flip;
		if (flip == NO_FLIP)
			snprintf(c->name, sizeof c->name, "%s", v->name);
		else
			snprintf(c->name, sizeof c->name, "%s: a wrong bit in pool line %d shows", v->name, flip + 1);
	}
	return n;
}

int main(void)
{
	enum { MAX_VECTORS = 64 };
	struct vector *vectors = calloc(MAX_VECTORS, sizeof *vectors);
	struct test_case *cases = calloc(MAX_CASES, sizeof *cases);
	struct CMUnitTest *tests = calloc(MAX_CASES, sizeof *tests);
	if (!vectors || !cases || !tests)
		stop("no memory", "start");
	size_t n = read_file("tests/vectors/ctr_drbg_aes256_df.txt", vectors, MAX_VECTORS);
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count = add_cases(&vectors[i], cases, count);
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){cases[i].name, run_case, NULL, NULL, &cases[i]};
	int rc = _cmocka_run_group_tests("drbg vectors", tests, count, NULL, NULL);
	free(tests);
	free(cases);
	free(vectors);
	return rc;
}
