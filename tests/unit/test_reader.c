/* The reader with a scripted source and a clock of its own: sizes, pauses, what is counted, and what the log is told.
 * The linker leads log_limited to the wrapper below. */

#include "rows.h"
#include "run/reader.h"

#include <stdio.h>
#include <string.h>

static const int64_t MS = 1000000;

static char said[4096]; /* the messages that the log has taken, each behind a blank */

bool __real_log_limited(struct log_rate *r, int64_t now_ns, bool must, enum log_level level, const char *msg,
			const struct log_field *fields);
bool __wrap_log_limited(struct log_rate *r, int64_t now_ns, bool must, enum log_level level, const char *msg,
			const struct log_field *fields);
bool __wrap_log_limited(struct log_rate *r, int64_t now_ns, bool must, enum log_level level, const char *msg,
			const struct log_field *fields)
{
	bool written = __real_log_limited(r, now_ns, must, level, msg, fields);
	if (written)
		snprintf(said + strlen(said), sizeof said - strlen(said), " %s",
			 strcmp(msg, "source failed") ? "back" : "failed");
	return written;
}

struct rig {
	int64_t now_ns, took_ns; /* a read takes so long */
	ssize_t gives;           /* samples of the next read; <= 0: it fails */
	uint8_t value;
	struct source source;
	struct gate gate;
	struct status_board board;
	struct io io;
	struct pipeline p;
	struct reader reader;
};

static int64_t rig_now(void *self, clockid_t id)
{
	(void)id;
	return ((struct rig *)self)->now_ns;
}

static ssize_t rig_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct rig *r = self;
	r->now_ns += r->took_ns;
	if (r->gives <= 0) {
		*cause = SOURCE_IO;
		return err_set(e, ERR_UNAVAILABLE, 0, "rig: error");
	}
	size_t n = (size_t)r->gives < cap ? (size_t)r->gives : cap;
	memset(buf, r->value, n);
	return (ssize_t)n;
}

static void rig_init(struct rig *r, unsigned sample_bits)
{
	static const struct source_ops ops = {.read = rig_read};
	said[0] = '\0';
	log_setup((struct log_config){.level = LOG_ERROR});
	*r = (struct rig){.now_ns = 1000000 * MS, .took_ns = MS, .gives = 1000, .value = 0xff};
	r->source = (struct source){.ops = &ops, .self = r, .kind = SOURCE_REPLAY, .name = "rig"};
	r->io = (struct io){.self = r, .clock_ns = rig_now};
	gate_init(&r->gate, r->now_ns);
	status_init(&r->board, &r->io, &r->gate);
	r->p = (struct pipeline){.io = &r->io, .source = &r->source, .gate = &r->gate, .board = &r->board};
	const struct run_config c = {.source = {.sample_bits = sample_bits, .timeout_seconds = 8},
				     .health = {.watch_interval_seconds = 30},
				     .interval_seconds = 30};
	reader_init(&r->reader, &r->p, &c);
}

static ssize_t read_once(struct rig *r, bool *back)
{
	uint8_t buf[READER_MAX];
	struct err e = {0};
	*back = false;
	return reader_read(&r->reader, buf, sizeof buf, back, &e);
}

struct size_row {
	const char *name;
	int64_t took_ns; /* of 8 s that a read may take */
	ssize_t sizes[4];
};

static const struct size_row size_rows[] = {
	{"a fast source is read in larger and larger pieces", 1000000, {64, 128, 256, 256}},
	{"a read of an eighth of the timeout is not slow", 1000000000, {64, 128, 256, 256}},
	{"one that takes longer is halved", 1000000001, {64, 32, 16, 8}},
};

static void check_sizes(void **state)
{
	const struct size_row *row = *state;
	struct rig r;
	bool back;
	rig_init(&r, 8);
	r.took_ns = row->took_ns;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(read_once(&r, &back), row->sizes[i]);
}

static void no_read_asks_for_fewer_than_four(void **state)
{
	struct rig r;
	bool back;
	(void)state;
	rig_init(&r, 8);
	r.took_ns = 2000000000;
	for (unsigned i = 0; i < 20; i++)
		read_once(&r, &back);
	assert_int_equal(r.reader.size, READER_MIN);
}

static void a_bit_source_gives_the_lowest_bit(void **state)
{
	struct rig r;
	bool back;
	struct err e = {0};
	uint8_t buf[READER_MAX];
	(void)state;
	rig_init(&r, 1);
	assert_int_equal(reader_read(&r.reader, buf, 10, &back, &e), 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(buf[i], 1);
}

static void pauses_double_from_a_tenth_of_a_second_to_a_second(void **state)
{
	static const int64_t pauses[] = {100, 200, 400, 800, 1000, 1000};
	struct rig r;
	bool back;
	(void)state;
	rig_init(&r, 8);
	r.gives = -1;
	for (unsigned i = 0; i < sizeof pauses / sizeof *pauses; i++) {
		assert_int_equal(read_once(&r, &back), -1);
		assert_int_equal(r.reader.pause_ns, pauses[i] * MS);
	}
	r.gives = 1;
	read_once(&r, &back);
	assert_true(back);
	r.gives = -1;
	read_once(&r, &back);
	assert_int_equal(r.reader.pause_ns, 100 * MS);
}

static void a_failed_source_is_said_once_and_counted_each_time(void **state)
{
	struct rig r;
	struct status s;
	bool back;
	(void)state;
	rig_init(&r, 8);
	read_once(&r, &back);
	assert_false(back);
	r.gives = -1;
	for (unsigned i = 0; i < 5; i++)
		read_once(&r, &back);
	assert_string_equal(said, " failed");
	status_copy(&r.board, &s);
	assert_int_equal(s.source.read_errors[SOURCE_IO], 5);
	assert_string_equal(s.source.error, "rig: error");
	assert_false(s.source.up);
	r.gives = 10;
	read_once(&r, &back);
	assert_true(back);
	assert_string_equal(said, " failed back");
	status_copy(&r.board, &s);
	assert_true(s.source.up);
	assert_string_equal(s.source.error, "");
	assert_int_equal(s.source.read_bytes, 64 + 10);
	assert_int_equal(s.source.read_seconds.count, 2);
}

/* A source that comes and goes: the log is held to its rate, that it is gone is said wherever the log says it is there,
 * and that it is there again is said once there is room. */
static void the_last_word_of_the_log_is_true(void **state)
{
	struct rig r;
	bool back;
	(void)state;
	rig_init(&r, 8);
	r.took_ns = 0;
	for (unsigned i = 0; i < 1000; i++) {
		r.gives = i % 2 ? 1 : -1;
		read_once(&r, &back);
	}
	size_t lines = 0;
	for (const char *c = said; *c; c++)
		lines += *c == ' ';
	assert_in_range(lines, LOG_BURST, LOG_BURST + 1);
	assert_true(r.reader.said_down);
	said[0] = '\0';
	reader_catch_up(&r.reader);
	assert_string_equal(said, "");
	r.now_ns += LOG_EARN_NS;
	reader_catch_up(&r.reader);
	assert_string_equal(said, " back");
	r.now_ns += 3 * LOG_EARN_NS;
	reader_catch_up(&r.reader); /* there is room for a line, and nothing new to be said */
	assert_string_equal(said, " back");
	r.gives = -1;
	read_once(&r, &back);
	assert_string_equal(said, " back failed");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(no_read_asks_for_fewer_than_four),
		cmocka_unit_test(a_bit_source_gives_the_lowest_bit),
		cmocka_unit_test(pauses_double_from_a_tenth_of_a_second_to_a_second),
		cmocka_unit_test(a_failed_source_is_said_once_and_counted_each_time),
		cmocka_unit_test(the_last_word_of_the_log_is_true),
	};
	int failed = ROWS_RUN("reader sizes", check_sizes, size_rows);
	return failed + cmocka_run_group_tests_name("reader", others, NULL, NULL);
}
