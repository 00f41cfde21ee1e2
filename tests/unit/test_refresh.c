/* One refresh against a health test that fails meanwhile: nothing of an older seed leaves, whenever that happens. */

#include "fake_io.h"
#include "rows.h"
#include "run/refresh.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { SECOND_NS = 1000000000 };

struct rig {
	struct fake_io files;
	struct pipeline p;
	struct refresh refresh;
	struct gate gate;
	struct status_board board;
	bool cleared; /* what latch does: a start-up test is passed at once */
	struct sink_config output;
};

static void fill(struct pool *p, size_t n)
{
	uint8_t samples[1024];
	assert_int_equal(getrandom(samples, n, 0), (ssize_t)n);
	assert_int_equal(pool_put(p, samples, n), n);
}

static void rig_init(struct rig *r)
{
	struct err e = {0};
	char path[512];
	memset(r, 0, sizeof *r);
	fake_io_init(&r->files);
	static const struct source_ops ops = {0};
	static const struct source source = {.ops = &ops, .kind = SOURCE_REPLAY, .name = "rig"};
	const struct refresh_config c = {.seed = {.reseed_bytes = 1 << 20},
					 .numbers = {.format = NUMBERS_INT32, .count = 100, .bytes = 16},
					 .interval_seconds = 30};
	r->output = (struct sink_config){.mode = 0444, .uid = (uid_t)-1, .gid = (gid_t)-1};
	snprintf(r->output.file, sizeof r->output.file, "%s", fake_io_path(&r->files, "out.txt", path));
	gate_init(&r->gate, 1);
	status_init(&r->board, &r->files.io, &r->gate);
	gate_tell(&r->gate, GATE_PASSED, "", 1, 0);
	r->p = (struct pipeline){.io = &r->files.io,
				 .source = &source,
				 .pool = pool_new(1024, NULL, &e),
				 .gate = &r->gate,
				 .sink = sink_open(&r->output, &r->files.io, &e),
				 .seed = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS},
				 .board = &r->board};
	assert_non_null(r->p.sink);
	assert_int_equal(refresh_init(&r->refresh, &r->p, &c, &e), 0);
	fake_io_reset(&r->files);
}

static void rig_fini(struct rig *r)
{
	refresh_fini(&r->refresh);
	sink_free(r->p.sink);
	pool_free(r->p.pool);
	assert_int_equal(fake_file_count(&r->files, ".tmp"), 0);
	fake_io_fini(&r->files);
}

static int refresh(struct rig *r, struct err *e)
{
	fill(r->p.pool, 112);
	const struct refresh_times t = {r->files.boottime_ns + SECOND_NS,
					r->files.boottime_ns + 3 * (int64_t)SECOND_NS};
	return refresh_once(&r->refresh, &t, e);
}

static void clear(struct rig *r)
{
	gate_tell(&r->gate, GATE_RETRY, "", 1, 0);
	gate_tell(&r->gate, GATE_PASSED, "", 1, 0);
}

/* What the collector does when a permanent failure is latched, and perhaps cleared soon after. */
static void latch(void *arg)
{
	struct rig *r = arg;
	pool_discard(r->p.pool);
	gate_tell(&r->gate, GATE_PERMANENT, "repetition_count: count 16", 1, 0);
	if (r->cleared)
		clear(r);
}

struct row {
	const char *name;
	enum fake_call call; /* the failure is latched just before its nth call */
	unsigned nth;
	bool cleared;
	int result;
	enum refresh_stage stage;
	const char *says;
};

static const struct row rows[] = {
	{"latched before the temporary file is made", FAKE_OPENAT, 1, false, -1, REFRESH_ENTROPY, "count 16"},
	{"latched before the first write", FAKE_WRITE, 1, false, -1, REFRESH_ENTROPY, "count 16"},
	{"latched while the disk syncs the file", FAKE_FSYNC, 1, false, -1, REFRESH_ENTROPY, "count 16"},
	{"latched and cleared before the first write", FAKE_WRITE, 1, true, -1, REFRESH_ENTROPY, "passed"},
	{"latched and cleared while the disk syncs", FAKE_FSYNC, 1, true, -1, REFRESH_ENTROPY, "passed"},
	{"latched after the rename: the file was out before", FAKE_FSYNC, 2, false, 0, 0, ""},
};

static void check_row(void **state)
{
	const struct row *row = *state;
	struct rig r;
	struct err e = {0};
	char text[4096];
	rig_init(&r);
	r.cleared = row->cleared;
	fake_io_fault(&r.files, (struct fake_fault){.call = row->call, .nth = row->nth, .before = latch, .arg = &r});
	assert_int_equal(refresh(&r, &e), row->result);
	assert_int_equal(r.files.faults_hit, 1);
	assert_int_equal(fake_file_read(&r.files, "out.txt", text, sizeof text) > 0, row->result == 0);
	if (row->result < 0) {
		assert_int_equal(r.refresh.stage, row->stage);
		assert_non_null(strstr(e.msg, row->says));
	}
	/* A new seed, taken after the failure was cleared, is good again. */
	fake_io_reset(&r.files);
	clear(&r);
	assert_int_equal(refresh(&r, &e), 0);
	assert_true(fake_file_read(&r.files, "out.txt", text, sizeof text) > 0);
	rig_fini(&r);
}

static void write_in_place(struct rig *r)
{
	struct err e = {0};
	sink_free(r->p.sink);
	fake_file_write(&r->files, "out.txt", "old\n");
	r->output.write = SINK_IN_PLACE;
	r->p.sink = sink_open(&r->output, r->p.io, &e);
	assert_non_null(r->p.sink);
	fake_io_reset(&r->files);
}

/* Readers of this mode see each byte at once: nothing may be written after the failure, not even a first piece. */
static void in_place_nothing_is_written_once_the_lock_is_there(void **state)
{
	(void)state;
	struct rig r;
	struct err e = {0};
	char text[4096];
	rig_init(&r);
	write_in_place(&r);
	fake_io_fault(&r.files, (struct fake_fault){.call = FAKE_LOCK, .nth = 1, .before = latch, .arg = &r});
	assert_int_equal(refresh(&r, &e), -1);
	assert_int_equal(r.refresh.stage, REFRESH_ENTROPY);
	assert_int_equal(fake_file_read(&r.files, "out.txt", text, sizeof text), 4);
	assert_string_equal(text, "old\n");
	rig_fini(&r);
}

/* With an order to stop in the middle the rest of the old file must not look like numbers of the new one. */
static void stop(void *arg)
{
	struct rig *r = arg;
	atomic_store(&r->refresh.stop, true);
}

static void in_place_a_refresh_that_is_abandoned_empties_the_file(void **state)
{
	(void)state;
	struct rig r;
	struct err e = {0};
	char text[4096];
	rig_init(&r);
	r.refresh.config.numbers.count = 100000;
	write_in_place(&r);
	fake_io_fault(&r.files, (struct fake_fault){.call = FAKE_WRITE, .nth = 2, .before = stop, .arg = &r});
	assert_int_equal(refresh(&r, &e), -1);
	assert_non_null(strstr(e.msg, "is empty until the next refresh"));
	assert_int_equal(fake_file_read(&r.files, "out.txt", text, sizeof text), 0);
	rig_fini(&r);
}

/* ---- faults of the output, and what is said of the file -----------------------------------------------------------
 */

struct fault_row {
	const char *name;
	enum fake_call call;
	unsigned nth;
	int error;
	enum refresh_stage stage;
};

/* 100000 numbers are many pieces. */
static const struct fault_row fault_rows[] = {
	{"no temporary file can be made", FAKE_OPENAT, 1, ENOSPC, REFRESH_WRITE},
	{"the first piece cannot be written", FAKE_WRITE, 1, EIO, REFRESH_WRITE},
	{"the second piece cannot be written: no third one follows", FAKE_WRITE, 2, EIO, REFRESH_WRITE},
	{"the fourth piece cannot be written", FAKE_WRITE, 4, ENOSPC, REFRESH_WRITE},
	{"the file cannot be synced", FAKE_FSYNC, 1, EIO, REFRESH_WRITE},
	{"the file cannot be renamed", FAKE_RENAMEAT, 1, EACCES, REFRESH_PUBLISH},
};

static void check_fault(void **state)
{
	const struct fault_row *row = *state;
	struct rig r;
	struct err e = {0};
	char text[64];
	rig_init(&r);
	r.refresh.config.numbers.count = 100000;
	fake_io_fault(&r.files, (struct fake_fault){.call = row->call, .nth = row->nth, .error = row->error});
	assert_int_equal(refresh(&r, &e), -1);
	assert_int_equal(r.refresh.stage, row->stage);
	assert_int_equal(e.sys_errno, row->error);
	if (row->call == FAKE_WRITE)
		assert_int_equal(r.files.count[FAKE_WRITE], row->nth);
	assert_int_equal(fake_file_read(&r.files, "out.txt", text, sizeof text), -1);
	rig_fini(&r);
}

static void the_manifest_has_the_digest_of_the_file(void **state)
{
	(void)state;
	static char text[1 << 21];
	struct rig r;
	struct err e = {0};
	char json[4096], sha[DIGEST_HEX_SIZE], expected[256];
	struct digest *d = digest_new(&e);
	rig_init(&r);
	r.refresh.config.numbers.count = 100000;
	r.refresh.config.numbers.manifest = true;
	for (int round = 1; round <= 2; round++) {
		assert_int_equal(refresh(&r, &e), 0);
		ssize_t n = fake_file_read(&r.files, "out.txt", text, sizeof text);
		assert_true(n > 0 && fake_file_read(&r.files, "out.txt.json", json, sizeof json) > 0);
		digest_reset(d);
		digest_add(d, text, (size_t)n);
		digest_hex(d, sha);
		snprintf(expected, sizeof expected,
			 "\"count\":100000,\"format\":\"int32\",\"bytes\":%zd,\"sha256\":\"%s\"", n, sha);
		assert_non_null(strstr(json, expected));
	}
	/* Switched off: what would be left speaks of an older file. */
	r.refresh.config.numbers.manifest = false;
	assert_int_equal(refresh(&r, &e), 0);
	assert_int_equal(fake_file_read(&r.files, "out.txt.json", json, sizeof json), -1);
	digest_free(d);
	rig_fini(&r);
}

/* --- a reader that holds a lock --- */

struct lock_row {
	const char *name;
	unsigned refused;   /* so many tries find it locked */
	int64_t tick_in_ns; /* until the next tick; 0: a run that writes once */
	bool published;
	int64_t waited_ns; /* at least, by the test's clock; at most a pause more */
};

static const struct lock_row lock_rows[] = {
	{"a reader that is quick is waited for", 3, 5 * (int64_t)SECOND_NS, true, 1000000},
	{"a reader that stays costs the refresh at the next tick", 1000000, 5 * (int64_t)SECOND_NS, false,
	 5 * (int64_t)SECOND_NS},
	{"a tick that is over already leaves one try", 1000000, -1, false, 0},
	{"a run that writes once waits as long as for a source", 1000000, 0, false, 2 * (int64_t)SECOND_NS},
};

static void check_lock(void **state)
{
	const struct lock_row *row = *state;
	struct rig r;
	struct err e = {0};
	struct status s;
	char text[4096];
	rig_init(&r);
	r.refresh.config.timeout_seconds = 2;
	write_in_place(&r);
	fill(r.p.pool, 112);
	fake_io_fault(&r.files,
		      (struct fake_fault){.call = FAKE_LOCK, .nth = 1, .more = row->refused - 1, .error = EAGAIN});
	int64_t began = r.files.boottime_ns;
	const struct refresh_times t = {began + SECOND_NS, row->tick_in_ns ? began + row->tick_in_ns : 0};
	assert_int_equal(refresh_once(&r.refresh, &t, &e), row->published ? 0 : -1);
	int64_t waited = r.files.boottime_ns - began;
	assert_true(waited >= row->waited_ns && waited <= row->waited_ns + SECOND_NS / 5);
	status_copy(r.p.board, &s);
	assert_true(r.files.boottime_ns - s.refresh.heartbeat_ns <
		    SECOND_NS / 5); /* it gave signs of life all the time */
	assert_true(fake_file_read(&r.files, "out.txt", text, sizeof text) > 0);
	if (!row->published) {
		assert_int_equal(r.refresh.stage, REFRESH_WRITE);
		assert_int_equal(e.code, ERR_IO);
		assert_non_null(strstr(e.msg, "holds a lock on"));
		assert_string_equal(text, "old\n");
	}
	rig_fini(&r);
}

static void an_order_to_stop_ends_the_wait_for_a_reader(void **state)
{
	(void)state;
	struct rig r;
	struct err e = {0};
	rig_init(&r);
	write_in_place(&r);
	fake_io_fault(&r.files, (struct fake_fault){.call = FAKE_LOCK, .nth = 1, .more = 1000000, .error = EAGAIN});
	fake_io_fault(&r.files, (struct fake_fault){.call = FAKE_LOCK_HOLDER, .nth = 3, .before = stop, .arg = &r});
	assert_int_equal(refresh(&r, &e), -1);
	assert_int_equal(r.files.count[FAKE_LOCK], 3);
	assert_string_equal(e.msg, "stopping");
	rig_fini(&r);
}

/* The additional input of each request to the DRBG, in order. */
static struct {
	unsigned requests, short_ones;
	uint8_t adin[16][32];
} seen;

int __real_drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
			 size_t adin_len, struct err *e);
int __wrap_drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
			 size_t adin_len, struct err *e);
int __wrap_drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
			 size_t adin_len, struct err *e)
{
	const unsigned i = seen.requests++;

	if (adin_len != sizeof *seen.adin)
		seen.short_ones++;
	else if (i < sizeof seen.adin / sizeof *seen.adin)
		memcpy(seen.adin[i], adin, adin_len);
	return __real_drbg_generate(d, out, len, prediction_resistance, adin, adin_len, e);
}

/* A machine that is cloned in the midst of a refresh has a twin with the same DRBG. What parts them is that each
 * request takes new bytes of the kernel, of which the twins have different ones. */
static void each_request_takes_new_bytes_of_the_kernel(void **state)
{
	struct rig r;
	struct err e = {0};

	/* Eight buffers of random bytes. */
	(void)state;
	rig_init(&r);
	r.refresh.config.numbers.count = 8 * RANDOM_SHORT / numbers_draw_bytes(&r.refresh.config.numbers);
	memset(&seen, 0, sizeof seen);
	assert_int_equal(refresh(&r, &e), 0);
	assert_int_equal(seen.requests, 8);
	assert_int_equal(seen.short_ones, 0);
	for (unsigned i = 0; i < 8; i++)
		for (unsigned k = 0; k < i; k++)
			assert_memory_not_equal(seen.adin[i], seen.adin[k], sizeof *seen.adin);
	rig_fini(&r);
}

struct size_row {
	const char *name;
	uint64_t at_start, count;
	unsigned requests;
};

static const struct size_row size_rows[] = {
	{"a short file in short pieces", 100000, 100000, 49},
	{"a long one in the longest", 100001, 100001, 7},
	{"made long by a reload", 100000, 100001, 49},
	{"made short by a reload", 100001, 4000, 1},
};

static void the_count_at_the_start_says_how_much_is_drawn_at_once(void **state)
{
	const struct size_row *row = *state;
	struct rig r;
	struct err e = {0};
	rig_init(&r);
	struct refresh_config c = r.refresh.config;
	c.numbers.count = row->at_start;
	refresh_fini(&r.refresh);
	memset(&r.refresh, 0, sizeof r.refresh);
	assert_int_equal(refresh_init(&r.refresh, &r.p, &c, &e), 0);
	memset(&seen, 0, sizeof seen);
	r.refresh.config.numbers.count = row->count;
	assert_int_equal(refresh(&r, &e), 0);
	assert_int_equal(seen.requests, row->requests);
	assert_int_equal(r.refresh.output.file_numbers, row->count);
	rig_fini(&r);
}

/* A reload has switched the manifest off, and then the file has to go: what cannot be removed is tried again. */
static void a_manifest_that_could_not_be_removed_is_still_to_go(void **state)
{
	struct rig r;
	struct err e = {0};
	char text[4096];

	(void)state;
	rig_init(&r);
	r.refresh.config.numbers.manifest = true;
	assert_int_equal(refresh(&r, &e), 0);
	r.refresh.config.numbers.manifest = false;
	fake_io_fault(&r.files, (struct fake_fault){.call = FAKE_UNLINKAT, .nth = 1, .error = EIO, .name = ".json"});
	assert_int_equal(refresh_remove(&r.refresh, &e), -1);
	assert_true(fake_file_read(&r.files, "out.txt.json", text, sizeof text) > 0);
	assert_int_equal(refresh_remove(&r.refresh, &e), 0);
	assert_int_equal(fake_file_read(&r.files, "out.txt.json", text, sizeof text), -1);
	rig_fini(&r);
}

static bool wrong_answers;

int __real_drbg_self_test(struct err *e);
int __wrap_drbg_self_test(struct err *e);
int __wrap_drbg_self_test(struct err *e)
{
	return wrong_answers ? err_set(e, ERR_SOFTWARE, 0, "known-answer test: wrong output")
			     : __real_drbg_self_test(e);
}

struct self_test_row {
	const char *name;
	int64_t seconds; /* since the test of the start */
	bool asked, wrong;
	uint64_t tests; /* behind the refresh */
};

static const struct self_test_row self_test_rows[] = {
	{"within the hour none is due", 3599, false, true, 1},
	{"an hour later one is due, and passes", 3600, false, false, 2},
	{"an hour later one is due, and fails: no numbers", 3600, false, true, 2},
	{"one that was asked for passes", 1, true, false, 2},
	{"one that was asked for fails: no numbers", 1, true, true, 2},
};

static void check_self_test(void **state)
{
	const struct self_test_row *row = *state;
	const bool fails = row->wrong && row->tests > 1;
	struct rig r;
	struct err e = {0};
	char text[4096];

	rig_init(&r);
	const struct drbg_counts *c = &r.refresh.seeds;
	assert_int_equal(c->self_tests, 1);
	r.files.boottime_ns = c->last_self_test_ns + row->seconds * SECOND_NS;
	wrong_answers = row->wrong;
	assert_int_equal(refresh_self_test(&r.refresh, row->asked, &e), fails ? -1 : 0);
	assert_int_equal(refresh(&r, &e), fails ? -1 : 0);
	assert_int_equal(c->self_tests, row->tests);
	assert_int_equal(c->ok, !fails);
	assert_int_equal(fake_file_read(&r.files, "out.txt", text, sizeof text) > 0, !fails);
	if (fails) {
		/* It is due, asked for or not, until it passes: then there are numbers again. */
		assert_int_equal(r.refresh.stage, REFRESH_GENERATE);
		assert_string_equal(c->error, "known-answer test: wrong output");
		assert_string_equal(e.msg, c->error);
		assert_int_equal(refresh_self_test(&r.refresh, false, &e), -1);
		assert_int_equal(c->self_tests, 3);
		wrong_answers = false;
		assert_int_equal(refresh_self_test(&r.refresh, false, &e), 0);
		pool_discard(r.p.pool);
		assert_int_equal(refresh(&r, &e), 0);
		assert_true(c->ok);
		assert_string_equal(c->error, "");
	}
	wrong_answers = false;
	rig_fini(&r);
}

/* What stands at FILE when the daemon starts; now is 1,800,000,000 s after 1970. */
static const struct adopt_row {
	const char *name, *text;
	int64_t written_s, age_s; /* age_s -1: nothing was published yet */
} adopt_rows[] = {
	{"an hour old", "1\n", 1800000000 - 3600, 3600},
	{"just written", "1\n", 1800000000, 0},
	{"from a clock that was ahead", "1\n", 1800000000 + 3600, 0},
	{"from a clock that stood before 1970", "1\n", -5, 1800000000},
	{"empty, as a file in place that was cut off", "", 1800000000 - 3600, -1},
};

static void check_adopt(void **state)
{
	const struct adopt_row *row = *state;
	struct rig r;
	char path[512];
	rig_init(&r);
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = row->written_s}};
	fake_file_write(&r.files, "out.txt", row->text);
	assert_int_equal(utimensat(AT_FDCWD, fake_io_path(&r.files, "out.txt", path), times, 0), 0);
	refresh_adopt(&r.refresh);
	const struct sink_counts *o = &r.refresh.output;
	assert_int_equal(o->published_ns, row->age_s < 0 ? 0 : r.files.boottime_ns - row->age_s * (int64_t)SECOND_NS);
	assert_int_equal(o->file_bytes, strlen(row->text));
	assert_int_equal(o->generation, 0);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(the_manifest_has_the_digest_of_the_file),
		cmocka_unit_test(in_place_nothing_is_written_once_the_lock_is_there),
		cmocka_unit_test(in_place_a_refresh_that_is_abandoned_empties_the_file),
		cmocka_unit_test(an_order_to_stop_ends_the_wait_for_a_reader),
		cmocka_unit_test(each_request_takes_new_bytes_of_the_kernel),
		cmocka_unit_test(a_manifest_that_could_not_be_removed_is_still_to_go),
	};
	int failed = ROWS_RUN("a file of an earlier run", check_adopt, adopt_rows);
	failed += ROWS_RUN("a failure is latched meanwhile", check_row, rows);
	failed += ROWS_RUN("the output fails", check_fault, fault_rows);
	failed += ROWS_RUN("a locked file", check_lock, lock_rows);
	failed += ROWS_RUN("pieces", the_count_at_the_start_says_how_much_is_drawn_at_once, size_rows);
	failed += ROWS_RUN("known-answer tests", check_self_test, self_test_rows);
	return failed + cmocka_run_group_tests_name("manifest, in place", others, NULL, NULL);
}
