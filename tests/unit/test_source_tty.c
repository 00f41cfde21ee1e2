/* tty.c: a generator behind a terminal in cooked mode. Every byte arrives as it was sent, and none is sent back. */
#include "rows.h"
#include "source/tty.h"

#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct line {
	int generator; /* the other end */
	char name[64];
};

static void line_open(struct line *l)
{
	l->generator = posix_openpt(O_RDWR | O_NOCTTY);
	if (l->generator < 0 || grantpt(l->generator) < 0 || unlockpt(l->generator) < 0 ||
	    ptsname_r(l->generator, l->name, sizeof l->name) != 0)
		skip_since("needs a pseudo-terminal");
}

static int open_device(struct source *s, const char *path, const struct io *io, struct err *e)
{
	struct source_config c = {.kind = SOURCE_DEVICE};
	snprintf(c.device, sizeof c.device, "%s", path);
	return source_open(s, &c, io, e);
}

static void every_byte_arrives_and_none_is_sent_back(void **state)
{
	struct line l;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t sent[256], got[256];
	(void)state;
	line_open(&l);
	for (int i = 0; i < 256; i++)
		sent[i] = (uint8_t)i;
	assert_int_equal(open_device(&s, l.name, &io_posix, &e), 0);
	assert_int_equal(write(l.generator, sent, sizeof sent), sizeof sent);
	for (size_t n = 0; n < sizeof got;) {
		ssize_t more = s.ops->read(s.self, got + n, sizeof got - n, &cause, &e);
		assert_true(more > 0);
		n += (size_t)more;
	}
	assert_memory_equal(got, sent, sizeof sent);
	struct pollfd back = {.fd = l.generator, .events = POLLIN};
	assert_int_equal(poll(&back, 1, 50), 0);
	source_close(&s);
	close(l.generator);
}

/* Bytes that came before it was raw may be changed already: they are thrown away. */
static void what_lay_there_is_not_read(void **state)
{
	struct line l;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t byte = 0;
	(void)state;
	line_open(&l);
	int held = open(l.name, O_RDWR | O_NOCTTY); /* so that the line is there */
	assert_int_equal(write(l.generator, "old\r", 4), 4);
	assert_int_equal(open_device(&s, l.name, &io_posix, &e), 0);
	assert_int_equal(write(l.generator, "n", 1), 1);
	assert_int_equal(s.ops->read(s.self, &byte, 1, &cause, &e), 1);
	assert_int_equal(byte, 'n');
	source_close(&s);
	close(held);
	close(l.generator);
}

static void what_is_no_terminal_is_left_alone(void **state)
{
	struct err e = {0};
	(void)state;
	int fd = open("/dev/zero", O_RDONLY);
	assert_int_equal(tty_make_raw(fd, "/dev/zero", &e), 0);
	close(fd);
}

/* In a session of its own, whose terminal the line is. */
static int own_terminal(const struct line *l)
{
	struct source s = {0};
	struct err e = {0};
	struct termios before, after;
	setsid();
	int fd = open(l->name, O_RDWR); /* becomes the session's */
	if (fd < 0 || tcgetattr(fd, &before) < 0)
		return 1;
	if (open_device(&s, l->name, &io_posix, &e) == 0 || e.code != ERR_UNAVAILABLE)
		return 2;
	if (!strstr(e.msg, "is the terminal that refresher was started from") || tcgetattr(fd, &after) < 0)
		return 3;
	return before.c_lflag == after.c_lflag ? 0 : 4;
}

static void the_terminal_of_a_person_is_refused_and_stays_as_it_is(void **state)
{
	struct line l;
	int status;
	(void)state;
	line_open(&l);
	pid_t child = fork();
	if (child == 0)
		_exit(own_terminal(&l));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	close(l.generator);
}

/* One setting that is not raw. */
struct row {
	const char *name;
	tcflag_t in, local, control_off;
	bool no_min;
	bool raw;
};
static const struct row rows[] = {
	{"raw", 0, 0, 0, false, true},
	{"CR becomes LF", ICRNL, 0, 0, false, false},
	{"CR is eaten", IGNCR, 0, 0, false, false},
	{"LF becomes CR", INLCR, 0, 0, false, false},
	{"0x11 and 0x13 stop and go", IXON, 0, 0, false, false},
	{"0x11 and 0x13 are sent", IXOFF, 0, 0, false, false},
	{"the eighth bit is cut", ISTRIP, 0, 0, false, false},
	{"0xff is doubled", PARMRK, 0, 0, false, false},
	{"lines", 0, ICANON, 0, false, false},
	{"0x03 is a signal", 0, ISIG, 0, false, false},
	{"echo", 0, ECHO, 0, false, false},
	{"0x16 quotes", 0, IEXTEN, 0, false, false},
	{"seven bits", 0, 0, CSIZE, false, false},
	{"not listening", 0, 0, CREAD, false, false},
	{"reads that do not wait", 0, 0, 0, true, false},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct termios t = {.c_cflag = CS8 | CREAD, .c_cc = {[VMIN] = 1}};
	t.c_iflag |= r->in;
	t.c_lflag |= r->local;
	t.c_cflag &= ~r->control_off;
	t.c_cc[VMIN] = r->no_min ? 0 : 1;
	assert_int_equal(tty_is_raw(&t), r->raw);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(every_byte_arrives_and_none_is_sent_back),
		cmocka_unit_test(what_lay_there_is_not_read),
		cmocka_unit_test(what_is_no_terminal_is_left_alone),
		cmocka_unit_test(the_terminal_of_a_person_is_refused_and_stays_as_it_is),
	};
	int failed = ROWS_RUN("settings of a line", test_row, rows);
	return failed + cmocka_run_group_tests_name("tty", others, NULL, NULL);
}
