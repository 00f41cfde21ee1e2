/* drbg.c, provider.c and digest.c without memory: OpenSSL's n-th allocation is refused, for one n after the other. Each
 * time there is an error or the right result, never half of one; and afterwards everything still works. */
#include "drbg_rig.h"
#include "seed/digest.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

enum { DRBG_STRIDE = 7 }; /* a DRBG makes thousands of allocations: every seventh keeps the test short */

static struct fault {
	long count;   /* allocations so far */
	long refused; /* this one is refused; 0: none */
} fault;

static bool refuse(void)
{
	return ++fault.count == fault.refused;
}

static void *failing_malloc(size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return refuse() ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file, (void)line;
	return refuse() ? NULL : realloc(p, n);
}

static void plain_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

/* For the leak checker: OpenSSL loses some of its own memory where its set-up fails; ours it still sees. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:failing_malloc\nleak:failing_realloc\n";
}

/* Each user returns 0 and its result as text, or -1. */

static int use_drbg(char result[DIGEST_HEX_SIZE])
{
	struct err e = {0};
	uint8_t out[32];
	struct rig r = {.params = {.h_per_sample = 8, .margin_bits = 0}};
	r.pool = pool_new(CAP, NULL, &e);
	assert_non_null(r.pool);
	fill(&r, 1, CAP);
	r.drbg = drbg_new(r.pool, &r.params, &e);
	int rc = r.drbg ? drbg_instantiate(r.drbg, NULL, 0, &e) : -1;
	if (rc == 0)
		rc = drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e);
	assert_int_equal(e.code != ERR_NONE, rc != 0);
	rig_free(&r);
	for (size_t i = 0; rc == 0 && i < sizeof out; i++)
		snprintf(result + 2 * i, 3, "%02x", out[i]);
	return rc;
}

static int use_digest(char result[DIGEST_HEX_SIZE])
{
	struct err e = {0};
	struct digest *d = digest_new(&e);
	assert_int_equal(e.code != ERR_NONE, d == NULL);
	if (!d)
		return -1;
	digest_add(d, "ab", 2);
	digest_reset(d);
	digest_add(d, "abc", 3);
	digest_hex(d, result);
	digest_free(d);
	return result[0] == '\0' ? -1 : 0;
}

struct row {
	const char *name;
	int (*use)(char result[DIGEST_HEX_SIZE]);
	long stride;
};
static const struct row rows[] = {
	{"a digest survives every refused allocation", use_digest, 1},
	{"a DRBG survives refused allocations", use_drbg, DRBG_STRIDE},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void sweep(void **state)
{
	const struct row *r = *state;
	char good[DIGEST_HEX_SIZE], result[DIGEST_HEX_SIZE];
	long failures = 0;
	assert_int_equal(r->use(good), 0); /* what stays for the life of the process is allocated now */
	fault = (struct fault){0};
	assert_int_equal(r->use(good), 0);
	long all = fault.count;
	for (long n = all; n > 0; n -= r->stride) {
		fault = (struct fault){.refused = n};
		if (r->use(result) != 0)
			failures++;
		else
			assert_string_equal(result, good);
		assert_true(fault.count >= n); /* the injector struck */
	}
	fault = (struct fault){0};
	assert_true(failures > 5);
	assert_int_equal(r->use(result), 0);
	assert_string_equal(result, good);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];
	if (!CRYPTO_set_mem_functions(failing_malloc, failing_realloc, plain_free))
		return EXIT_FAILURE;
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, sweep, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
