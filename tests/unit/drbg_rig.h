/* drbg_rig.h - what the tests of the DRBG share: a pool and a DRBG above it. */
#ifndef TESTS_DRBG_RIG_H
#define TESTS_DRBG_RIG_H

#include "seed/drbg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CAP = 1024 };

struct rig {
	struct pool *pool;
	struct drbg *drbg;
	struct drbg_params params;
};

static inline struct rig rig_new(double h, unsigned margin_bits)
{
	struct err e = {0};
	struct rig r = {.params = {.h_per_sample = h, .margin_bits = margin_bits}};
	r.pool = pool_new(CAP, NULL, &e);
	assert_non_null(r.pool);
	r.drbg = drbg_new(r.pool, &r.params, &e);
	assert_non_null(r.drbg);
	return r;
}

static inline void rig_free(struct rig *r)
{
	drbg_free(r->drbg);
	pool_free(r->pool);
}

static inline void fill(struct rig *r, uint8_t value, size_t n)
{
	uint8_t samples[CAP];
	memset(samples, value, sizeof samples);
	assert_int_equal(pool_put(r->pool, samples, n), n);
}

static inline struct rig rig_seeded(void)
{
	struct err e = {0};
	struct rig r = rig_new(4, DRBG_MARGIN_BITS);
	fill(&r, 1, drbg_instantiate_need(&r.params));
	assert_int_equal(drbg_instantiate(r.drbg, NULL, 0, &e), 0);
	return r;
}

static inline void assert_same_output(struct rig *a, struct rig *b, bool same)
{
	struct err e = {0};
	uint8_t x[64], y[64];
	assert_int_equal(drbg_generate(a->drbg, x, sizeof x, false, NULL, 0, &e), 0);
	assert_int_equal(drbg_generate(b->drbg, y, sizeof y, false, NULL, 0, &e), 0);
	assert_int_equal(memcmp(x, y, sizeof x) == 0, same);
}

static inline int reseed(struct rig *r, struct err *e)
{
	return drbg_reseed(r->drbg, NULL, 0, e);
}

static inline int generate_pr(struct rig *r, struct err *e)
{
	uint8_t out[32];
	return drbg_generate(r->drbg, out, sizeof out, true, NULL, 0, e);
}

static inline int instantiate(struct rig *r, struct err *e)
{
	return drbg_instantiate(r->drbg, NULL, 0, e);
}

#endif
