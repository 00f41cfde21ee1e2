/* Readers on the real file system while generations are published: never torn, never short, never missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/sink.h"
#include "sink_rig.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GENERATIONS = 300, LINES_MAX = 400, LINE = 8, CHUNK_LINES = 50, READS_MIN = 20 };

/* Generation g: (g % LINES_MAX) + 1 lines "ggggggg\n"; its first line tells all about it. */
static unsigned lines_of(unsigned g)
{
	return g % LINES_MAX + 1;
}

static int publish(struct sink *s, unsigned g, struct err *e)
{
	char chunk[CHUNK_LINES * LINE + 1];
	if (sink_begin(s, e) < 0)
		return -1;
	for (unsigned left = lines_of(g); left > 0;) {
		unsigned n = left < CHUNK_LINES ? left : CHUNK_LINES;
		for (unsigned i = 0; i < n; i++)
			snprintf(chunk + i * LINE, LINE + 1, "%07u\n", g);
		if (sink_write(s, chunk, n * LINE, e) < 0)
			return -1;
		left -= n;
	}
	return sink_seal(s, e) < 0 ? -1 : sink_commit(s, e);
}

struct reader {
	const char *path;
	atomic_bool stop;
	atomic_uint reads;
	char complaint[200];
};

static bool is_whole(const char *text, size_t len, char *complaint)
{
	unsigned g = 0;
	if (len < LINE || sscanf(text, "%7u", &g) != 1 || len != (size_t)lines_of(g) * LINE) {
		snprintf(complaint, 200, "generation %u has %zu bytes", g, len);
		return false;
	}
	for (size_t i = LINE; i < len; i += LINE)
		if (memcmp(text + i, text, LINE) != 0) {
			snprintf(complaint, 200, "generation %u is torn at byte %zu", g, i);
			return false;
		}
	return true;
}

static void *read_on(void *arg)
{
	struct reader *r = arg;
	char text[LINES_MAX * LINE + 1];
	while (!r->stop) {
		int fd = open(r->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			snprintf(r->complaint, sizeof r->complaint, "the file is missing");
			break;
		}
		size_t len = 0;
		ssize_t n;
		/* Small reads, so that a rename falls between them. */
		while (len < sizeof text &&
		       (n = read(fd, text + len, 97 < sizeof text - len ? 97 : sizeof text - len)) > 0)
			len += (size_t)n;
		close(fd);
		if (!is_whole(text, len, r->complaint))
			break;
		r->reads++;
	}
	return NULL;
}

static void a_thread_that_reads_all_the_time_sees_whole_generations_only(void **state)
{
	(void)state;
	struct rig r;
	struct reader reader = {0};
	pthread_t thread;
	sink_rig_init(&r);
	struct sink *s = sink_open(&r.c, &io_posix, &r.e);
	assert_non_null(s);
	assert_int_equal(publish(s, 1, &r.e), 0);
	reader.path = r.c.file;
	assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
	int result = 0;
	unsigned g = 2;
	/* 300 generations, and as many more as the reader needs to have looked some times. */
	for (; result == 0 && (g < GENERATIONS || reader.reads < READS_MIN) && !reader.complaint[0]; g++)
		result = publish(s, g, &r.e);
	reader.stop = true;
	pthread_join(thread, NULL);
	sink_free(s);
	assert_int_equal(result, 0);
	assert_string_equal(reader.complaint, "");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

/* The checker itself: it must be able to complain. */
static void the_reader_knows_a_torn_and_a_short_file(void **state)
{
	(void)state;
	char complaint[200];
	assert_true(is_whole("0000001\n0000001\n", 16, complaint));
	assert_false(is_whole("0000001\n0000002\n", 16, complaint));
	assert_false(is_whole("0000001\n", 8, complaint));
	assert_false(is_whole("0000001\n000", 11, complaint));
	assert_false(is_whole("", 0, complaint));
}

/* Killed by the kernel, at no point of our choice. */
static void a_killed_writer_leaves_a_whole_file_and_the_next_start_cleans_up(void **state)
{
	(void)state;
	struct rig r;
	char text[LINES_MAX * LINE + 1], complaint[200];
	sink_rig_init(&r);
	for (unsigned round = 0; round < 20; round++) {
		int ready[2];
		char byte;
		assert_int_equal(pipe(ready), 0);
		pid_t child = fork();
		if (child == 0) {
			struct sink *s = sink_open(&r.c, &io_posix, &r.e);
			for (unsigned g = 1; s && publish(s, g, &r.e) == 0; g++)
				if (g == 1 + round && write(ready[1], "", 1) != 1)
					break;
			_exit(1);
		}
		close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(ready[0]);
		int n = fake_file_read(&r.f, "numbers.txt", text, sizeof text);
		assert_true(n > 0);
		assert_true(is_whole(text, (size_t)n, complaint));
		assert_true(fake_file_count(&r.f, ".tmp.") <= 1);
	}
	rig_open_ok(&r);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reader_knows_a_torn_and_a_short_file),
		cmocka_unit_test(a_thread_that_reads_all_the_time_sees_whole_generations_only),
		cmocka_unit_test(a_killed_writer_leaves_a_whole_file_and_the_next_start_cleans_up),
	};
	return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
