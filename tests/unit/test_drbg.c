/* drbg.c and selftest.c: refusals that leave the state alone, splitting of requests, the reseed interval. Twins are two
 * DRBGs with the same samples: what one may do beyond the other must not show in the output. */
#include "drbg_rig.h"

#include <stdio.h>
#include <stdlib.h>

static bool all_are(const uint8_t *p, size_t n, uint8_t value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* ---- lengths: a long request is the same as its parts ---- */

struct length {
	const char *name;
	size_t len;
};
static const struct length lengths[] = {
	{"0 bytes", 0},
	{"1 byte", 1},
	{"one byte less than a request", DRBG_MAX_REQUEST - 1},
	{"one request", DRBG_MAX_REQUEST},
	{"one request and one byte", DRBG_MAX_REQUEST + 1},
	{"three requests and some bytes", 3 * DRBG_MAX_REQUEST + 77},
};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static void check_length(void **state)
{
	const struct length *row = *state;
	const uint8_t adin[] = "additional";
	struct err e = {0};
	struct rig whole = rig_seeded(), parts = rig_seeded();
	uint8_t *x = malloc(row->len + 1), *y = malloc(row->len + 1);
	assert_true(x && y);
	memset(x, 0xA5, row->len + 1);
	assert_int_equal(drbg_generate(whole.drbg, x, row->len, false, adin, sizeof adin, &e), 0);
	for (size_t done = 0, n; done < row->len; done += n) {
		n = row->len - done < DRBG_MAX_REQUEST ? row->len - done : DRBG_MAX_REQUEST;
		bool first = done == 0;
		assert_int_equal(
			drbg_generate(parts.drbg, y + done, n, false, first ? adin : NULL, first ? sizeof adin : 0, &e),
			0);
	}
	assert_memory_equal(x, y, row->len);
	assert_int_equal(x[row->len], 0xA5);
	assert_same_output(&whole, &parts, true);
	free(y);
	free(x);
	rig_free(&parts);
	rig_free(&whole);
}

/* ---- state ---- */

static void a_refused_reseed_leaves_the_state(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(), b = rig_seeded();
	assert_same_output(&a, &b, true);
	fill(&a, 9, drbg_reseed_need(&a.params) - 1);
	assert_int_equal(reseed(&a, &e), -1);
	assert_int_equal(generate_pr(&a, &e), -1);
	assert_int_equal(instantiate(&a, &e), -1);
	assert_same_output(&a, &b, true);
	rig_free(&b);
	rig_free(&a);
}

static void a_reseed_changes_the_output(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(), b = rig_seeded();
	fill(&a, 9, 100);
	assert_int_equal(reseed(&a, &e), 0);
	assert_int_equal(pool_counts(a.pool).level, 0); /* all of it, not only the need */
	assert_same_output(&a, &b, false);
	rig_free(&b);
	rig_free(&a);
}

static void every_sample_of_a_full_pool_counts(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_new(4, DRBG_MARGIN_BITS), b = rig_new(4, DRBG_MARGIN_BITS);
	fill(&a, 1, CAP);
	fill(&b, 1, CAP - 1);
	fill(&b, 2, 1);
	assert_int_equal(instantiate(&a, &e), 0);
	assert_int_equal(instantiate(&b, &e), 0);
	assert_int_equal(pool_counts(a.pool).level, 0);
	assert_same_output(&a, &b, false);
	rig_free(&b);
	rig_free(&a);
}

static void instantiate_begins_anew(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(), b = rig_seeded();
	uint8_t out[10];
	assert_int_equal(drbg_generate(a.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	fill(&a, 1, drbg_instantiate_need(&a.params));
	assert_int_equal(instantiate(&a, &e), 0);
	assert_same_output(&a, &b, true);
	rig_free(&b);
	rig_free(&a);
}

static void uninstantiated_generates_nothing(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig r = rig_new(4, DRBG_MARGIN_BITS);
	uint8_t out[100];
	memset(out, 0xA5, sizeof out);
	fill(&r, 1, CAP);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_true(all_are(out, sizeof out, 0));
	assert_int_equal(drbg_generate(r.drbg, out, 0, false, NULL, 0, &e), -1);
	assert_int_equal(generate_pr(&r, &e), -1);
	assert_int_equal(reseed(&r, &e), -1);
	assert_int_equal(pool_counts(r.pool).level, CAP);
	assert_false(drbg_is_ready(r.drbg));
	rig_free(&r);
}

static void a_refused_generate_leaves_zeros(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig r = rig_seeded();
	uint8_t out[100];
	memset(out, 0xA5, sizeof out);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, true, NULL, 0, &e), -1);
	assert_true(all_are(out, sizeof out, 0));
	rig_free(&r);
}

static void a_missing_personalization_string_is_an_empty_one(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(), b = rig_new(4, DRBG_MARGIN_BITS);
	fill(&b, 1, drbg_instantiate_need(&b.params));
	assert_int_equal(drbg_instantiate(b.drbg, (const uint8_t *)"", 0, &e), 0);
	assert_same_output(&a, &b, true);
	rig_free(&b);
	rig_free(&a);
}

static void prediction_resistance_is_a_reseed_first(void **state)
{
	(void)state;
	struct err e = {0};
	const uint8_t adin[] = "additional";
	uint8_t x[50], y[50];
	struct rig a = rig_seeded(), b = rig_seeded();
	fill(&a, 5, 80);
	fill(&b, 5, 80);
	assert_int_equal(drbg_generate(a.drbg, x, sizeof x, true, adin, sizeof adin, &e), 0);
	assert_int_equal(drbg_reseed(b.drbg, adin, sizeof adin, &e), 0);
	assert_int_equal(drbg_generate(b.drbg, y, sizeof y, false, NULL, 0, &e), 0);
	assert_memory_equal(x, y, sizeof x);
	rig_free(&b);
	rig_free(&a);
}

static void openssl_never_reseeds_by_itself(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig r = rig_seeded();
	uint8_t out[1];
	fill(&r, 7, CAP);
	for (int i = 0; i < 1000; i++) /* 256 is OpenSSL's own interval for the first DRBG of a process */
		assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	assert_int_equal(pool_counts(r.pool).level, CAP);
	rig_free(&r);
}

static void the_reseed_interval_holds(void **state)
{
	(void)state;
	struct err e = {0};
	uint8_t out[2 * DRBG_MAX_REQUEST];
	struct rig r = {.params = {.h_per_sample = 8, .reseed_interval = 3}};
	r.pool = pool_new(CAP, NULL, &e);
	r.drbg = drbg_new(r.pool, &r.params, &e);
	assert_non_null(r.drbg);
	fill(&r, 1, 48);
	assert_int_equal(instantiate(&r, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0); /* two requests */
	assert_int_equal(drbg_generate(r.drbg, out, 1, false, NULL, 0, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, 1, false, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_true(drbg_is_ready(r.drbg));
	fill(&r, 1, 32);
	assert_int_equal(reseed(&r, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	memset(out, 0xA5, sizeof out);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), -1); /* its second request */
	assert_true(all_are(out, sizeof out, 0));
	fill(&r, 1, 48);
	assert_int_equal(instantiate(&r, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	rig_free(&r);
}

static void the_self_test_passes(void **state)
{
	(void)state;
	struct err e = {0};
	assert_int_equal(drbg_self_test(&e), 0);
	assert_int_equal(e.code, ERR_NONE);
}

static void the_version_is_major_minor_patch(void **state)
{
	(void)state;
	int major, minor, patch;
	assert_int_equal(sscanf(drbg_library_version(), "%d.%d.%d", &major, &minor, &patch), 3);
	assert_true(major >= 3);
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(a_refused_reseed_leaves_the_state),
		cmocka_unit_test(a_reseed_changes_the_output),
		cmocka_unit_test(every_sample_of_a_full_pool_counts),
		cmocka_unit_test(instantiate_begins_anew),
		cmocka_unit_test(uninstantiated_generates_nothing),
		cmocka_unit_test(a_refused_generate_leaves_zeros),
		cmocka_unit_test(a_missing_personalization_string_is_an_empty_one),
		cmocka_unit_test(prediction_resistance_is_a_reseed_first),
		cmocka_unit_test(openssl_never_reseeds_by_itself),
		cmocka_unit_test(the_reseed_interval_holds),
		cmocka_unit_test(the_self_test_passes),
		cmocka_unit_test(the_version_is_major_minor_patch),
	};
	enum { SINGLES = sizeof singles / sizeof singles[0] };
	struct CMUnitTest tests[LENGTHS + SINGLES];
	for (size_t i = 0; i < LENGTHS; i++)
		tests[i] = (struct CMUnitTest){lengths[i].name, check_length, NULL, NULL, (void *)&lengths[i]};
	for (size_t i = 0; i < SINGLES; i++)
		tests[LENGTHS + i] = singles[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
