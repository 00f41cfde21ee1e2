/* notify.c: what a message says of each status, when the next one is due, and which names of a socket are refused. */
#include "serve/notify.h"

#include "base/str.h"

#include "rows.h"
#include "status_sample.h"

#include <stdlib.h>

typedef void change_fn(struct status *s);

static void nothing(struct status *s)
{
	(void)s;
}

static void no_file_yet(struct status *s)
{
	s->output.generation = 0;
	s->output.published_ns = 0;
}

static void source_gone(struct status *s)
{
	s->source.up = false;
	str_copy(s->source.error, sizeof s->source.error, "no device\nREADY=1");
}

static void drbg_bad(struct status *s)
{
	s->drbg.ok = false;
	s->output.ok = false;
}

static void stopping(struct status *s)
{
	s->daemon.stopping = true;
}

static void odd_name(struct status *s)
{
	str_copy(s->noise.name, sizeof s->noise.name, "/dev/a\nSTOPPING=1");
}

struct row {
	const char *name;
	change_fn *change;
	const char *message;
};

static const struct row rows[] = {
	{"well", nothing, "READY=1\nWATCHDOG=1\nSTATUS=ready: numbers from /dev/hwrng\n"},
	{"before the first file", no_file_yet,
	 "WATCHDOG=1\nSTATUS=not ready: [-]freshness failed: no file was published yet\n"},
	{"a failed source, whose error may hold anything", source_gone,
	 "READY=1\nWATCHDOG=1\nSTATUS=not ready: [-]source failed: no device?READY=1\n"},
	{"not live", drbg_bad, "READY=1\nSTATUS=not ready: [-]output failed: the last file was not published\n"},
	{"stopping", stopping,
	 "READY=1\nWATCHDOG=1\nSTOPPING=1\nSTATUS=not ready: [-]shutdown failed: shutting down\n"},
	{"a device of an odd name", odd_name, "READY=1\nWATCHDOG=1\nSTATUS=ready: numbers from /dev/a?STOPPING=1\n"},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct status s;
	struct text t;
	char buf[1024];
	status_sample(&s);
	r->change(&s);
	text_init(&t, buf, sizeof buf);
	notify_render(&t, &s);
	assert_string_equal(buf, r->message);
}

/* The environment of a service, and what comes of it. */
struct open_row {
	const char *name, *socket, *usec, *pid;
	const char *error; /* NULL: nobody wants to know, and that is no error */
	int64_t beat_ns;
};

static const struct open_row open_rows[] = {
	{"no manager", NULL, NULL, NULL, NULL, SECONDS(10)},
	{"an empty name", "", NULL, NULL, NULL, SECONDS(10)},
	{"a watchdog of 2 s", NULL, "2000000", NULL, NULL, SECONDS(1)},
	{"a watchdog of an hour", NULL, "3600000000", NULL, NULL, SECONDS(10)},
	{"a watchdog of another process", NULL, "2000000", "1", NULL, SECONDS(10)},
	{"no number", NULL, "soon", NULL, NULL, SECONDS(10)},
	{"another kind of socket", "vsock:2:1", NULL, NULL,
	 "NOTIFY_SOCKET vsock:2:1: neither a path nor an abstract name", SECONDS(10)},
	{"nobody listens", "@refresher-nobody", NULL, NULL, "NOTIFY_SOCKET @refresher-nobody: Connection refused",
	 SECONDS(10)},
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void test_open_row(void **state)
{
	const struct open_row *r = *state;
	struct notify n;
	struct err e = {0};
	set("NOTIFY_SOCKET", r->socket);
	set("WATCHDOG_USEC", r->usec);
	set("WATCHDOG_PID", r->pid);
	assert_int_equal(notify_open(&n, &e), r->error ? -1 : 0);
	assert_string_equal(e.msg, r->error ? r->error : "");
	assert_int_equal(n.fd, -1);
	assert_true(n.beat_ns == r->beat_ns);
	assert_int_equal(notify_timeout_ms(&n, SECONDS(1)), -1);
	notify_close(&n);
}

static void test_due(void **state)
{
	/* Until the first file somebody may wait for it; then there is a beat, and one that is late is not hurried. */
	(void)state;
	struct notify n = {.fd = 0, .beat_ns = SECONDS(10)};
	assert_int_equal(notify_timeout_ms(&n, SECONDS(1)), 250);
	n.told = 1;
	n.told_ns = SECONDS(100);
	assert_int_equal(notify_timeout_ms(&n, SECONDS(100)), 10001);
	assert_int_equal(notify_timeout_ms(&n, SECONDS(110) - 1), 1);
	assert_int_equal(notify_timeout_ms(&n, SECONDS(110)), -1);
}

int main(void)
{
	const struct CMUnitTest others[] = {cmocka_unit_test(test_due)};
	int failed = ROWS_RUN("messages", test_row, rows);
	failed += ROWS_RUN("environments", test_open_row, open_rows);
	return failed + cmocka_run_group_tests_name("when", others, NULL, NULL);
}
