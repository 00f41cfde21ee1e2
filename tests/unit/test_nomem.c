/* No memory: each allocation of a module is refused once. The module says so and keeps nothing;
 * afterwards it works. Allocations of the libraries are not touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/yaml.h"
#include "seed/digest.h"
#include "seed/drbg.h"
#include "sink_rig.h"
#include "source/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct fault {
	bool armed;
	unsigned count, refused; /* this one is refused; 0: none */
} fault;

static bool refuse(void)
{
	return fault.armed && ++fault.count == fault.refused;
}

/* The linker's names for what the modules call, and for what stands behind it. */
void *__real_calloc(size_t n, size_t size);
void *__real_malloc(size_t size);
void *__real_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);

static void *no_memory(void *instead)
{
	errno = ENOMEM;
	return instead;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refuse() ? no_memory(NULL) : __real_calloc(n, size);
}

void *__wrap_malloc(size_t size)
{
	return refuse() ? no_memory(NULL) : __real_malloc(size);
}

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return refuse() ? no_memory(MAP_FAILED) : __real_mmap(at, len, protection, flags, fd, offset);
}

/* Each makes an object, uses it and frees it: 0, or -1 with *e. `arg` is the row's. */

static int use_sink(unsigned arg, struct err *e)
{
	struct rig r;
	enum sink_mode wanted = (enum sink_mode)arg;
	sink_rig_init(&r);
	if (wanted == SINK_MODE_STREAM || wanted == SINK_MODE_DEVICE)
		snprintf(r.c.file, sizeof r.c.file, "%s", wanted == SINK_MODE_STREAM ? "-" : "/dev/null");
	if (wanted == SINK_MODE_IN_PLACE)
		r.c.write = SINK_IN_PLACE;
	bool opened = rig_open(&r);
	if (opened)
		assert_int_equal(sink_view(r.s).mode, wanted);
	*e = r.e;
	rig_fini(&r);
	return opened ? 0 : -1;
}

static int use_pool(unsigned arg, struct err *e)
{
	(void)arg;
	uint8_t sample = 7;
	struct pool *p = pool_new(64, NULL, e);
	if (!p)
		return -1;
	assert_int_equal(pool_put(p, &sample, 1), 1);
	assert_int_equal(pool_take(p, &sample, 1), 1);
	pool_free(p);
	return 0;
}

static int use_drbg(unsigned arg, struct err *e)
{
	(void)arg;
	const struct drbg_params params = {.h_per_sample = 8};
	fault.armed = false;
	struct pool *p = pool_new(64, NULL, e);
	fault.armed = true;
	struct drbg *d = drbg_new(p, &params, e);
	drbg_free(d);
	pool_free(p);
	return d ? 0 : -1;
}

static int use_self_test(unsigned arg, struct err *e)
{
	(void)arg;
	return drbg_self_test(e);
}

static int use_digest(unsigned arg, struct err *e)
{
	(void)arg;
	struct digest *d = digest_new(e);
	digest_free(d);
	return d ? 0 : -1;
}

static int use_replay(unsigned arg, struct err *e)
{
	(void)arg;
	struct source s = {0};
	const struct source_config c = {.path = "/dev/null"};
	if (replay_open(&s, &c, &io_posix, e) < 0)
		return -1;
	source_close(&s);
	return 0;
}

static int use_yaml(unsigned arg, struct err *e)
{
	(void)arg;
	static struct config c;
	struct reading r = {0};
	char path[32];
	int fd = memfd_create("empty.yaml", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	yaml_load_file(&c, path, &r);
	close(fd);
	*e = r.faults[0].e;
	return r.count > 0 ? -1 : 0;
}

struct row {
	const char *name;
	int (*use)(unsigned arg, struct err *e);
	unsigned arg, allocations; /* how many are refused, one after the other */
	enum err_code code;
};
static const struct row rows[] = {
	{"sink: replace", use_sink, SINK_MODE_REPLACE, 1, ERR_OS},
	{"sink: in place", use_sink, SINK_MODE_IN_PLACE, 1, ERR_OS},
	{"sink: device", use_sink, SINK_MODE_DEVICE, 1, ERR_OS},
	{"sink: stream", use_sink, SINK_MODE_STREAM, 1, ERR_OS},
	{"pool: itself and its store", use_pool, 0, 2, ERR_OS},
	{"DRBG: itself, its parent and the parent's store", use_drbg, 0, 3, ERR_SOFTWARE},
	{"self-test: what a pool and a DRBG need", use_self_test, 0, 5, ERR_NONE},
	{"digest", use_digest, 0, 1, ERR_SOFTWARE},
	{"replay", use_replay, 0, 1, ERR_NONE},
	{"configuration file", use_yaml, 0, 1, ERR_OS},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static int use_once(const struct row *r, unsigned refused, struct err *e)
{
	*e = (struct err){0};
	fault = (struct fault){.armed = true, .refused = refused};
	int rc = r->use(r->arg, e);
	fault.armed = false;
	return rc;
}

static void each_refusal_is_an_error_and_nothing_else(void **state)
{
	const struct row *r = *state;
	struct err e;
	assert_int_equal(use_once(r, 0, &e), 0);
	assert_int_equal(fault.count, r->allocations);
	for (unsigned n = 1; n <= r->allocations; n++) {
		assert_int_equal(use_once(r, n, &e), -1);
		assert_int_not_equal(e.code, ERR_NONE);
		if (r->code)
			assert_int_equal(e.code, r->code);
		assert_true(strlen(e.msg) > 3);
	}
	assert_int_equal(use_once(r, 0, &e), 0);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, each_refusal_is_an_error_and_nothing_else, NULL, NULL,
					       (void *)&rows[i]};
	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
