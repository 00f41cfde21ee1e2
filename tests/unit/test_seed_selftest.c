/* The self-test of the DRBG above one that is broken: whatever step gives the wrong answer, the self-test says which.
 */
#include "seed/drbg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The linker's names for what selftest.c calls, and for what stands behind it. */
int __real_drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e);
int __real_drbg_reseed(struct drbg *d, const uint8_t *adin, size_t adin_len, struct err *e);
int __real_drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
			 size_t adin_len, struct err *e);
bool __real_drbg_is_ready(const struct drbg *d);
int __wrap_drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e);
int __wrap_drbg_reseed(struct drbg *d, const uint8_t *adin, size_t adin_len, struct err *e);
int __wrap_drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
			 size_t adin_len, struct err *e);
bool __wrap_drbg_is_ready(const struct drbg *d);

enum step { INSTANTIATE, RESEED, GENERATE, IS_READY };
enum answer { WELL, TURNED_ROUND, WRONG_BIT };

/* The nth call of a step gives the wrong answer. */
static struct fault {
	enum step step;
	unsigned nth;
	enum answer answer;
	unsigned count;
} fault;

static enum answer answer_of(enum step step)
{
	return step == fault.step && ++fault.count == fault.nth ? fault.answer : WELL;
}

/* A refusal that did not come, or a refusal for no reason. */
static int turned(enum answer answer, int rc, struct err *e)
{
	if (answer != TURNED_ROUND)
		return rc;
	return rc == 0 ? err_set(e, ERR_SOFTWARE, 0, "broken") : 0;
}

int __wrap_drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e)
{
	return turned(answer_of(INSTANTIATE), __real_drbg_instantiate(d, pers, pers_len, e), e);
}

int __wrap_drbg_reseed(struct drbg *d, const uint8_t *adin, size_t adin_len, struct err *e)
{
	return turned(answer_of(RESEED), __real_drbg_reseed(d, adin, adin_len, e), e);
}

int __wrap_drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
			 size_t adin_len, struct err *e)
{
	enum answer answer = answer_of(GENERATE);
	int rc = __real_drbg_generate(d, out, len, prediction_resistance, adin, adin_len, e);
	if (answer == WRONG_BIT)
		out[len > 63 ? 63 : 0] ^= 1;
	return turned(answer, rc, e);
}

/* What the self-test made and has not given back yet. */
static int alive;

struct drbg *__real_drbg_new(struct pool *pool, const struct drbg_params *params, struct err *e);
struct drbg *__wrap_drbg_new(struct pool *pool, const struct drbg_params *params, struct err *e);
struct drbg *__wrap_drbg_new(struct pool *pool, const struct drbg_params *params, struct err *e)
{
	alive++;
	return __real_drbg_new(pool, params, e);
}

void __real_drbg_free(struct drbg *d);
void __wrap_drbg_free(struct drbg *d);
void __wrap_drbg_free(struct drbg *d)
{
	alive--;
	__real_drbg_free(d);
}

struct pool *__real_pool_new(size_t capacity, struct locked *account, struct err *e);
struct pool *__wrap_pool_new(size_t capacity, struct locked *account, struct err *e);
struct pool *__wrap_pool_new(size_t capacity, struct locked *account, struct err *e)
{
	alive++;
	return __real_pool_new(capacity, account, e);
}

void __real_pool_free(struct pool *p);
void __wrap_pool_free(struct pool *p);
void __wrap_pool_free(struct pool *p)
{
	alive--;
	__real_pool_free(p);
}

bool __wrap_drbg_is_ready(const struct drbg *d)
{
	return __real_drbg_is_ready(d) == (answer_of(IS_READY) == WELL);
}

struct row {
	const char *name;
	enum step step;
	unsigned nth;
	enum answer answer;
	const char *says;
};
static const struct row rows[] = {
	{"an uninstantiated DRBG that generates", GENERATE, 1, TURNED_ROUND, "an uninstantiated DRBG was not refused"},
	{"an instantiation that fails", INSTANTIATE, 1, TURNED_ROUND, "broken"},
	{"a first request that fails", GENERATE, 2, TURNED_ROUND, "broken"},
	{"a second request that fails", GENERATE, 3, TURNED_ROUND, "broken"},
	{"one wrong bit in the known answer", GENERATE, 3, WRONG_BIT, "wrong output"},
	{"a reseed from an empty pool", RESEED, 1, TURNED_ROUND, "a reseed from an empty pool was not refused"},
	{"prediction resistance from an empty pool", GENERATE, 4, TURNED_ROUND,
	 "prediction resistance with an empty pool was not refused"},
	{"an instantiation from an empty pool", INSTANTIATE, 2, TURNED_ROUND,
	 "an instantiation from an empty pool was not refused"},
	{"a refusal that costs the state", IS_READY, 1, TURNED_ROUND, "a refusal changed the state"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void the_self_test_sees(void **state)
{
	const struct row *r = *state;
	struct err e = {0};
	fault = (struct fault){.step = r->step, .nth = r->nth, .answer = r->answer};
	assert_int_equal(drbg_self_test(&e), -1);
	assert_int_equal(fault.count >= r->nth, true);
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_non_null(strstr(e.msg, r->says));
	assert_ptr_equal(strstr(e.msg, DRBG_NAME), e.msg);
	assert_int_equal(alive, 0);
	fault = (struct fault){0};
	assert_int_equal(drbg_self_test(&e), 0);
	assert_int_equal(alive, 0);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, the_self_test_sees, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests_name("the self-test sees", tests, NULL, NULL);
}
