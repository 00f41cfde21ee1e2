/* pool_rig.h - what the tests of the pool share: a counted sequence of samples, put and taken in order. */
#ifndef TESTS_POOL_RIG_H
#define TESTS_POOL_RIG_H

#include "seed/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CAP = 64 };

static inline struct pool *new_pool(size_t capacity)
{
	struct err e;
	struct pool *p = pool_new(capacity, NULL, &e);
	assert_non_null(p);
	return p;
}

/* Sample number i of the sequence; its period is prime to every capacity here, so a misplaced byte shows. */
static inline uint8_t sample(size_t i)
{
	return (uint8_t)(1 + i % 251);
}

static inline size_t put_next(struct pool *p, size_t *put, size_t n)
{
	uint8_t buf[4 * CAP];
	for (size_t i = 0; i < n; i++)
		buf[i] = sample(*put + i);
	size_t done = pool_put(p, buf, n);
	*put += done;
	return done;
}

static inline size_t take_next(struct pool *p, size_t *taken, size_t n)
{
	uint8_t buf[4 * CAP];
	size_t done = pool_take(p, buf, n);
	assert_true(done <= n);
	for (size_t i = 0; i < done; i++)
		assert_int_equal(buf[i], sample(*taken + i));
	*taken += done;
	return done;
}

#endif
