/* terminal.c: how the program is, in the one line that a person at a terminal sees change. */
#include "serve/terminal.h"

#include "rows.h"
#include "status_sample.h"

static void well(struct status *s)
{
	s->output.generation = 12;
	s->output.published_ns = s->now_ns - SECONDS(4);
}

static void starting(struct status *s)
{
	s->gate.state = GATE_STARTING;
	s->gate.since_ns = s->now_ns - SECONDS(5);
	s->health.startup_samples = 1024;
	s->health.startup_done = 512;
	s->output.published_ns = 0;
	s->output.generation = 0;
}

static void starting_beside_a_file(struct status *s)
{
	starting(s);
	s->output.published_ns = s->now_ns - SECONDS(30);
}

static void nothing_read(struct status *s)
{
	starting(s);
	s->health.startup_done = 0;
}

static void failed(struct status *s)
{
	well(s);
	s->gate.state = GATE_FAILED;
	s->gate.retry_at_ns = s->now_ns + SECONDS(5);
}

static void generating(struct status *s)
{
	well(s);
	s->refresh.numbers_made = 250;
	s->refresh.numbers_wanted = 1000;
	s->refresh.numbers_since_ns = s->now_ns - SECONDS(10);
}

static void all_made(struct status *s)
{
	generating(s);
	s->refresh.numbers_made = 1000;
}

static const struct row {
	const char *name;
	void (*change)(struct status *);
	const char *line;
} rows[] = {
	{"well", well, "refresher: ok, generation 12, file 4 s old; Ctrl-C ends it"},
	{"half of the start-up test", starting, "refresher: starting, 512 of 1024 samples, 5 s left; Ctrl-C ends it"},
	{"no sample yet", nothing_read, "refresher: starting, 0 of 1024 samples; Ctrl-C ends it"},
	{"an earlier run's file", starting_beside_a_file,
	 "refresher: starting, 512 of 1024 samples, 5 s left, file 30 s old; Ctrl-C ends it"},
	{"failed", failed, "refresher: failed, next start-up test in 5 s, generation 12, file 4 s old; Ctrl-C ends it"},
	{"a long refresh", generating, "refresher: ok, 250 of 1000 numbers, 30 s left, generation 12; Ctrl-C ends it"},
	{"the disk is waited for", all_made, "refresher: ok, 1000 of 1000 numbers, generation 12; Ctrl-C ends it"},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct status s;
	struct text t;
	char room[160];
	status_sample(&s);
	s.gate.state = GATE_OK;
	r->change(&s);
	text_init(&t, room, sizeof room);
	terminal_line(&t, &s);
	assert_string_equal(room, r->line);
}

int main(void)
{
	return ROWS_RUN("lines", test_row, rows);
}
