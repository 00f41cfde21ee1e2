/* http.c under many, slow and rude clients: a probe on a fresh connection is answered within 1 s, whatever the others
 * do (the client's reads give up after 1 s), and the number of open connections stays bounded. */
#include "http_rig.h"

#include "rows.h"
#include "status_sample.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define GET "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

enum { CLIENTS = 100, LIMIT = 8 };

static void assert_probe(const struct http_rig *g)
{
	static struct response a;
	client_ask(g, GET, &a);
	assert_int_equal(a.code, 200);
}

struct row {
	const char *name, *first, *next; /* what each client sends at once, and before each probe */
};

static const struct row rows[] = {
	{"clients that send nothing", "", ""},
	{"clients with a slow request line", "GET /heal", "t"},
	{"clients with slow header fields", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", "a"},
	{"clients with a body that never comes", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", "a"},
	{"clients that were answered and stay", GET, ""},
	{"clients that send garbage", "\x01\x02garbage", "\r\n"},
};

static void test_crowd(void **state)
{
	const struct row *r = *state;
	struct http_rig g;
	int fds[CLIENTS], closed = 0;
	rig_init(&g);
	g.config.connections = LIMIT;
	rig_start(&g);
	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = rig_connect(&g);
		send(fds[i], r->first, strlen(r->first), MSG_NOSIGNAL);
	}
	for (int i = 0; i < CLIENTS; i++) {
		/* Those that the server has closed refuse it. */
		send(fds[i], r->next, strlen(r->next), MSG_NOSIGNAL);
		if (i % 10 == 0)
			assert_probe(&g);
	}
	/* The last ones have their time to ask before they are closed. */
	for (int tries = 100; closed < CLIENTS - LIMIT && tries > 0; tries--) {
		usleep(10000);
		closed = 0;
		for (int i = 0; i < CLIENTS; i++)
			closed += client_closed(fds[i]);
	}
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	rig_stop(&g);
	assert_true(closed >= CLIENTS - LIMIT);
}

/* How many of those that have all connected before the first one asks are answered. */
static int answered_of_a_burst(const struct http_rig *g, int clients)
{
	static struct response a;
	int fds[CLIENTS], answered = 0;
	for (int i = 0; i < clients; i++)
		fds[i] = rig_connect(g);
	for (int i = 0; i < clients; i++)
		send(fds[i], GET, strlen(GET), MSG_NOSIGNAL);
	for (int i = 0; i < clients; i++) {
		client_read(fds[i], false, &a);
		answered += a.code == 200;
		close(fds[i]);
	}
	return answered;
}

/* More than may stay, and as many as the library lets in. On a busy machine their time may be over before they ask, so
 * they try again. */
static void test_newcomers_do_not_push_each_other_out(void **state)
{
	struct http_rig g;
	int answered = 0;
	(void)state;
	rig_init(&g);
	g.config.connections = LIMIT;
	rig_start(&g);
	for (int tries = 20; answered < LIMIT + 30 && tries > 0; tries--)
		answered = answered_of_a_burst(&g, LIMIT + 30);
	rig_stop(&g);
	assert_int_equal(answered, LIMIT + 30);
}

/* Asked in turn with every arrival, this connection is never the one that was unused for the longest time. */
static void test_a_client_in_use_stays(void **state)
{
	static struct response a;
	struct http_rig g;
	int fds[CLIENTS];
	(void)state;
	rig_init(&g);
	g.config.connections = LIMIT;
	rig_start(&g);
	int kept = rig_connect(&g);
	for (int i = 0; i < CLIENTS; i++) {
		client_send(kept, GET);
		client_read(kept, false, &a);
		assert_int_equal(a.code, 200);
		fds[i] = rig_connect(&g);
	}
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	close(kept);
	rig_stop(&g);
}

/* Whether one that connects before two probes, and asks behind them, is answered. */
static bool newcomer_is_answered(const struct http_rig *g)
{
	static struct response a;
	int newcomer = rig_connect(g);
	assert_probe(g);
	assert_probe(g);
	send(newcomer, GET, strlen(GET), MSG_NOSIGNAL);
	client_read(newcomer, false, &a);
	close(newcomer);
	return a.code == 200;
}

/* Whoever goes for the probes, it is not the newcomer while its time to ask lasts; on a busy machine it may be over. */
static void test_readers_of_nothing_keep_no_newcomer_out(void **state)
{
	char path[] = "/tmp/test_http_load_XXXXXX", c;
	struct http_rig g;
	int readers[LIMIT], file = mkstemp(path);
	(void)state;
	assert_int_equal(ftruncate(file, 64 << 20), 0); /* more than the kernel's buffers take */
	rig_init(&g);
	g.config.connections = LIMIT;
	g.config.serve_numbers = true;
	g.numbers_path = path;
	g.source.open_numbers = rig_open_numbers;
	rig_start(&g);
	for (int i = 0; i < LIMIT; i++) {
		readers[i] = rig_connect(&g);
		client_send(readers[i], "GET /numbers.txt HTTP/1.1\r\nHost: x\r\n\r\n");
		assert_int_equal(recv(readers[i], &c, 1, 0), 1);
	}
	int tries = 20;
	while (!newcomer_is_answered(&g))
		assert_true(--tries > 0);
	for (int i = 0; i < LIMIT; i++)
		close(readers[i]);
	rig_stop(&g);
	close(file);
	unlink(path);
}

static void test_an_idle_client_is_closed_in_time(void **state)
{
	struct http_rig g;
	(void)state;
	rig_init(&g);
	g.config.idle_seconds = 1;
	rig_start(&g);
	int fd = rig_connect(&g), tries = 5;
	char c;
	while (tries-- > 0 && recv(fd, &c, 1, 0) < 0) /* each waits 1 s */
		;
	assert_true(client_closed(fd));
	close(fd);
	rig_stop(&g);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
	static struct response a;
	char requests[4096] = "";
	struct http_rig g;
	(void)state;
	for (int i = 0; i < 20; i++)
		strcat(requests, i % 2 ? GET : "GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
	rig_init(&g);
	rig_start(&g);
	int fd = rig_connect(&g);
	client_send(fd, requests);
	for (int i = 0; i < 20; i++) {
		client_read(fd, false, &a);
		assert_int_equal(a.code, i % 2 ? 200 : 404);
	}
	close(fd);
	rig_stop(&g);
}

static void test_a_client_that_closed_its_half_is_answered(void **state)
{
	static struct response a;
	struct http_rig g;
	(void)state;
	rig_init(&g);
	rig_start(&g);
	int fd = rig_connect(&g);
	client_send(fd, GET);
	shutdown(fd, SHUT_WR);
	client_read(fd, false, &a);
	assert_int_equal(a.code, 200);
	assert_string_equal(a.body, "ok\n");
	close(fd);
	rig_stop(&g);
}

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;
	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void test_resets_leave_nothing_behind(void **state)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct http_rig g;
	(void)state;
	rig_init(&g);
	int before = open_descriptors();
	rig_start(&g);
	for (int i = 0; i < 300; i++) {
		int fd = rig_connect(&g);
		client_send(fd, i % 3 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" : "GET /met");
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		close(fd);
	}
	assert_probe(&g);
	rig_stop(&g);
	assert_int_equal(open_descriptors(), before);
}

static void test_free_with_clients_connected(void **state)
{
	struct http_rig g;
	(void)state;
	rig_init(&g);
	rig_start(&g);
	int idle = rig_connect(&g), half = rig_connect(&g);
	client_send(half, "GET /healthz HT");
	assert_probe(&g); /* so both were accepted */
	rig_stop(&g);
	assert_true(client_sees_end(idle));
	assert_true(client_sees_end(half));
	close(idle);
	close(half);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_newcomers_do_not_push_each_other_out),
		cmocka_unit_test(test_a_client_in_use_stays),
		cmocka_unit_test(test_readers_of_nothing_keep_no_newcomer_out),
		cmocka_unit_test(test_an_idle_client_is_closed_in_time),
		cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
		cmocka_unit_test(test_a_client_that_closed_its_half_is_answered),
		cmocka_unit_test(test_resets_leave_nothing_behind),
		cmocka_unit_test(test_free_with_clients_connected),
	};
	int failed = ROWS_RUN("crowds", test_crowd, rows);
	return failed + cmocka_run_group_tests_name("http load", others, NULL, NULL);
}
