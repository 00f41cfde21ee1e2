/* The wall clock jumps while the whole pipeline runs: the beat, the probes and the file do not notice. */
#include "rows.h"

#include "base/log.h"
#include "config/config.h"
#include "run/run.h"
#include "serve/probes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GENERATIONS = 8, HOUR = 3600 };
#define SECOND_NS INT64_C(1000000000)

struct row {
	const char *name;
	int64_t start_s; /* of the wall clock; 0: as it is */
	int64_t jump_s;  /* at every look ... */
	int64_t jumps;   /* ... so many times at most */
};

static const struct row rows[] = {
	{"the clock goes as it should", 0, 0, 0},
	{"the clock jumps back an hour at every look", 0, -HOUR, 100000},
	{"the clock jumps forward a day at every look", 0, 24 * HOUR, 10000},
	{"the clock stands in 1970 until somebody sets it", 5, INT64_C(40) * 365 * 24 * HOUR, 1},
	{"the clock stands before 1970 and goes back", -10 * HOUR, -1, 100000},
	{"the clock passes the end of 32 bits", INT64_C(2147483640), 1, 100000},
	{"the clock stands in the year 2200", INT64_C(7258118400), 0, 0},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct world {
	const struct row *row;
	struct io io; /* the real one, but for the wall clock */
	int64_t looks;
	struct run *run;
	struct status last;
	unsigned not_ready; /* looks after the first file at which the daemon was not ready */
	char dir[64], file[80];
};

static int64_t jumping_clock_ns(void *self, clockid_t id)
{
	if (id != CLOCK_REALTIME)
		return io_posix.clock_ns(self, id);
	struct world *w = self;
	int64_t base = w->row->start_s ? w->row->start_s * SECOND_NS : io_real_ns(&io_posix);
	/* Several threads look; which of them sees which jump does not matter. */
	int64_t looks = __atomic_add_fetch(&w->looks, 1, __ATOMIC_RELAXED);
	return base + (looks < w->row->jumps ? looks : w->row->jumps) * w->row->jump_s * SECOND_NS;
}

/* The main loop's service: looks as the HTTP endpoint would, and ends the run. */
static void look(void *self)
{
	struct world *w = self;
	run_snapshot(w->run, false, &w->last);
	if (w->last.daemon.stopping)
		return;
	if (w->last.output.generation > 0 &&
	    (!probe_passes(&w->last, PROBE_READINESS) || !probe_passes(&w->last, PROBE_LIVENESS)))
		w->not_ready++;
	if (w->last.output.generation >= GENERATIONS)
		raise(SIGTERM);
}

static int soon(void *self)
{
	(void)self;
	return 5;
}

static struct run_config config_of(const struct world *w)
{
	struct config c;
	config_default(&c);
	c.run.source.kind = SOURCE_KERNEL;
	c.run.numbers.count = 50;
	c.run.numbers.format = NUMBERS_RUNNER; /* its lines begin with the time of day */
	c.run.interval_seconds = 0.02;
	snprintf(c.run.output.file, sizeof c.run.output.file, "%s", w->file);
	return c.run;
}

static void check_file(const struct world *w)
{
	char line[200];
	unsigned lines = 0, h, m, s, ms;
	FILE *f = fopen(w->file, "r");
	assert_non_null(f);
	for (; fgets(line, sizeof line, f); lines++) {
		assert_int_equal(sscanf(line, "%2u:%2u:%2u.%3u,", &h, &m, &s, &ms), 4);
		assert_true(h < 24 && m < 60 && s < 60);
		assert_true(line[2] == ':' && line[12] == ',');
		assert_null(strstr(line, ",-,"));
	}
	fclose(f);
	assert_int_equal(lines, 50);
}

static void test_row(void **state)
{
	struct world w = {.row = *state, .io = io_posix, .dir = "/tmp/clock-jumps.XXXXXX"};
	struct err e = {0};
	w.io.self = &w;
	w.io.clock_ns = jumping_clock_ns;
	assert_non_null(mkdtemp(w.dir));
	snprintf(w.file, sizeof w.file, "%s/numbers.txt", w.dir);
	struct run_config c = config_of(&w);
	w.run = run_open(&c, &w.io, &e);
	assert_non_null(w.run);
	struct run_service service = {.self = &w, .fd = -1, .work = look, .timeout_ms = soon};
	alarm(30); /* a beat that waits for the wall clock ends here */
	assert_int_equal(run_go(w.run, &service, NULL, &e), 0);
	alarm(0);
	assert_true(run_close(w.run));
	assert_int_equal(w.not_ready, 0);
	assert_true(w.last.output.generation >= GENERATIONS);
	assert_int_equal(w.last.refresh.failures[REFRESH_PUBLISH] + w.last.refresh.failures[REFRESH_WRITE], 0);
	assert_int_equal(w.last.source.read_errors[SOURCE_TIMEOUT], 0);
	/* What is shown as the time of the start lies as far back by the clock of the last look as it is old. */
	assert_int_equal(w.last.now_wall_ns - status_wall_ns(&w.last, w.last.daemon.start_ns),
			 w.last.now_ns - w.last.daemon.start_ns);
	check_file(&w);
	unlink(w.file);
	rmdir(w.dir);
}

int main(void)
{
	log_setup((struct log_config){.level = LOG_ERROR});
	return ROWS_RUN("clock jumps", test_row, rows);
}
