/* http.c: /numbers.txt. */
#include "base/str.h"
#include "http_rig.h"

#include "rows.h"
#include "status_sample.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	struct http_rig rig;
	char dir[32], path[64], other[64];
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	strcpy(f->dir, "/tmp/test_http_XXXXXX");
	if (!f || !mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof f->path, "%s/numbers.txt", f->dir);
	snprintf(f->other, sizeof f->other, "%s/other", f->dir);
	rig_init(&f->rig);
	f->rig.config.serve_numbers = true;
	f->rig.numbers_path = f->path;
	f->rig.source.open_numbers = rig_open_numbers;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	unlink(f->path);
	unlink(f->other);
	rmdir(f->dir);
	free(f);
	return 0;
}

static char *field(const struct response *a, const char *name, char out[80])
{
	const char *p = strcasestr(a->head, name);
	assert_non_null(p);
	p += strlen(name);
	snprintf(out, 80, "%.*s", (int)strcspn(p, "\r"), p);
	return out;
}

static void test_whole_file(void **state)
{
	static struct response a;
	struct fixture *f = *state;
	char value[80];
	write_file(f->path, "1\n-2\n3\n");
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 200);
	assert_string_equal(a.body, "1\n-2\n3\n");
	assert_string_equal(field(&a, "\r\nContent-Type: ", value), "text/plain; charset=utf-8");
	assert_null(strcasestr(a.head, "\r\nAccept-Ranges:"));
	assert_string_equal(field(&a, "\r\nCache-Control: ", value), "no-store");
	assert_int_equal(field(&a, "\r\nETag: ", value)[0], '"');
	assert_non_null(strstr(field(&a, "\r\nLast-Modified: ", value), " GMT"));
}

static void test_validators(void **state)
{
	static struct response a;
	struct fixture *f = *state;
	char etag[80], date[80], headers[300];
	write_file(f->path, "0123456789");
	rig_start(&f->rig);
	client_ask(&f->rig, "HEAD /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n", &a);
	assert_int_equal(a.code, 200);
	assert_non_null(strstr(a.head, "\r\nContent-Length: 10\r\n"));
	field(&a, "\r\nETag: ", etag);
	field(&a, "\r\nLast-Modified: ", date);
	snprintf(headers, sizeof headers, "If-None-Match: %s\r\n", etag);
	client_get(&f->rig, "/numbers.txt", headers, &a);
	assert_int_equal(a.code, 304);
	assert_int_equal(a.total, 0);
	/* RFC 9110 8.6: the length of the 200, or none; never 0. */
	assert_true(!strcasestr(a.head, "\r\nContent-Length:") || strstr(a.head, "\r\nContent-Length: 10\r\n"));
	assert_null(strcasestr(a.head, "\r\nContent-Type:"));
	snprintf(headers, sizeof headers, "If-Modified-Since: %s\r\n", date);
	client_get(&f->rig, "/numbers.txt", headers, &a);
	assert_int_equal(a.code, 304);
	/* Ranges are not offered: the whole file, which RFC 9110 14.2 allows. */
	snprintf(headers, sizeof headers, "Range: bytes=2-4\r\nIf-Range: %s\r\n", etag);
	client_get(&f->rig, "/numbers.txt", headers, &a);
	assert_int_equal(a.code, 200);
	assert_string_equal(a.body, "0123456789");
	assert_null(strcasestr(a.head, "\r\nContent-Range:"));
	client_get(&f->rig, "/numbers.txt", "Range: bytes=10-\r\n", &a);
	assert_int_equal(a.code, 200);
	rig_stop(&f->rig);
}

static void test_the_file_may_be_replaced_between_requests(void **state)
{
	static struct response a;
	struct fixture *f = *state;
	char first[80], second[80];
	write_file(f->path, "old\n");
	rig_start(&f->rig);
	int fd = rig_connect(&f->rig);
	client_send(fd, "GET /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n");
	client_read(fd, false, &a);
	assert_string_equal(a.body, "old\n");
	field(&a, "\r\nETag: ", first);
	write_file(f->other, "new\n");
	assert_int_equal(rename(f->other, f->path), 0);
	client_send(fd, "GET /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n");
	client_read(fd, false, &a);
	assert_string_equal(a.body, "new\n");
	assert_string_not_equal(field(&a, "\r\nETag: ", second), first);
	close(fd);
	rig_stop(&f->rig);
}

static void test_a_large_file_comes_whole_and_is_counted(void **state)
{
	enum { SIZE = 5 << 20 };
	static struct response a;
	struct fixture *f = *state;
	int fd = open(f->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, SIZE), 0);
	close(fd);
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	assert_int_equal(a.total, SIZE);
	client_get(&f->rig, "/metrics", "", &a);
	assert_non_null(strstr(a.body, "http_requests_total{handler=\"numbers\",code=\"200\"} 1\n"));
	rig_stop(&f->rig);
}

static void test_raw_bytes_have_their_type(void **state)
{
	static struct response a;
	struct fixture *f = *state;
	char value[80];
	write_file(f->path, "1234");
	str_copy(f->rig.status.refresh.format, sizeof f->rig.status.refresh.format, "binary");
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 200);
	assert_string_equal(field(&a, "\r\nContent-Type: ", value), "application/octet-stream");
}

/* What the opener says, and what the client is told: one sentence, and 404 where nobody's disk is at fault. */
static const struct refusal {
	const char *name, *write_mode;
	int open_errno; /* 0: the opener is not asked */
	int code;
	const char *says;
} refusals[] = {
	{"no file yet", "replace", ENOENT, 404, "there is no file: none was published yet, or it was removed\n"},
	{"a link in its place", "replace", EINVAL, 404, "not served: what stands at FILE is no regular file\n"},
	{"another's file in its place", "replace", EPERM, 404,
	 "not served: the file that stands at FILE is not ours\n"},
	{"a disk that fails", "replace", EIO, 500, "the file cannot be opened\n"},
	{"in place", "in_place", 0, 404,
	 "not served: the file is not replaced as a whole, and would be torn now and then\n"},
	{"standard output", "stream", 0, 404, "not served: the numbers go to standard output or to a device\n"},
	{"a device", "device", 0, 404, "not served: the numbers go to standard output or to a device\n"},
};

static const struct refusal *refusal; /* of the row that runs */
static bool was_asked;

static int refuse(void *self, struct stat *st)
{
	(void)self, (void)st;
	was_asked = true;
	errno = refusal->open_errno;
	return -1;
}

static void test_refusal(void **state)
{
	static struct response a;
	struct http_rig g;
	refusal = *state;
	was_asked = false;
	rig_init(&g);
	g.config.serve_numbers = true;
	g.source.open_numbers = refuse;
	str_copy(g.status.output.mode, sizeof g.status.output.mode, refusal->write_mode);
	rig_start(&g);
	client_get(&g, "/numbers.txt", "", &a);
	assert_int_equal(a.code, refusal->code);
	assert_string_equal(a.body, refusal->says);
	assert_int_equal(was_asked, refusal->open_errno != 0);
	rig_stop(&g);
}

static void test_nobody_opens_a_file_on_a_disk_that_hangs(void **state)
{
	static struct response a;
	struct fixture *f = *state;
	struct status *s = &f->rig.status;
	write_file(f->path, "1\n");
	static const char *const stages[] = {"generate", "write", "publish"};
	s->refresh.heartbeat_ns = s->now_ns - 2000000001;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(s->refresh.activity, sizeof s->refresh.activity, "%s", stages[i]);
		rig_start(&f->rig);
		client_get(&f->rig, "/numbers.txt", "", &a);
		rig_stop(&f->rig);
		assert_int_equal(a.code, 503);
		assert_non_null(strstr(a.body, "the disk has not answered"));
	}
	s->refresh.heartbeat_ns = s->now_ns - 2000000000;
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 200);
}

static void test_switched_off(void **state)
{
	static struct response a;
	struct fixture *f = *state;
	write_file(f->path, "secret\n");
	f->rig.config.serve_numbers = false;
	rig_start(&f->rig);
	client_get(&f->rig, "/numbers.txt", "", &a);
	rig_stop(&f->rig);
	assert_int_equal(a.code, 404);
	assert_null(strstr(a.body, "secret"));
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(test_whole_file),
		WITH_FILES(test_validators),
		WITH_FILES(test_the_file_may_be_replaced_between_requests),
		WITH_FILES(test_a_large_file_comes_whole_and_is_counted),
		WITH_FILES(test_raw_bytes_have_their_type),
		WITH_FILES(test_nobody_opens_a_file_on_a_disk_that_hangs),
		WITH_FILES(test_switched_off),
	};
	int failed = ROWS_RUN("refusals", test_refusal, refusals);
	return failed + cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
