/* listen.c: addresses as text, and the sockets that they make. */
#include "serve/http.h"
#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct row {
	const char *text; /* also the name */
	int family;       /* 0: refused */
	unsigned port;
	const char *says; /* in the message */
};

static const struct row rows[] = {
	{"127.0.0.1:8080", AF_INET, 8080, NULL},
	{"0.0.0.0:0", AF_INET, 0, NULL},
	{"255.255.255.255:65535", AF_INET, 65535, NULL},
	{"[::]:8080", AF_INET6, 8080, NULL},
	{"[::1]:1", AF_INET6, 1, NULL},
	{"[2001:db8:ffff:ffff:ffff:ffff:255.255.255.255]:80", AF_INET6, 80, NULL},
	{"127.0.0.1:65536", 0, 0, "port"},
	{"127.0.0.1:99999", 0, 0, "port"},
	{"127.0.0.1:100000", 0, 0, "port"},
	{"127.0.0.1:", 0, 0, "port"},
	{"127.0.0.1:-1", 0, 0, "port"},
	{"127.0.0.1: 80", 0, 0, "port"},
	{"127.0.0.1:0x50", 0, 0, "port"},
	{"127.0.0.1", 0, 0, "no port"},
	{"", 0, 0, "no port"},
	{":8080", 0, 0, "no address"},
	{"*:8080", 0, 0, "not a numeric address"},
	{"localhost:8080", 0, 0, "not a numeric address"},
	{"127.0.0:8080", 0, 0, "not a numeric address"},
	{"127.0.0.256:8080", 0, 0, "not a numeric address"},
	{"::1:8080", 0, 0, "needs brackets"},
	{"[::1]8080", 0, 0, "port"},
	{"[::1:8080", 0, 0, "needs brackets"},
	{"[]:8080", 0, 0, "not a numeric IPv6 address"},
	{"[127.0.0.1]:8080", 0, 0, "not a numeric IPv6 address"},
	{"[fe80::1%eth0]:8080", 0, 0, "not a numeric IPv6 address"},
	{"[:8080", 0, 0, "not a numeric address"},
	{"]:8080", 0, 0, "not a numeric address"},
	{"[2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999]:80", 0, 0, "not a numeric address"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct listen_address a;
	struct err e = {.code = ERR_NONE};
	assert_int_equal(listen_parse(r->text, &a, &e), r->family ? 0 : -1);
	assert_int_equal(http_check_listen(r->text, &e), r->family ? 0 : -1);
	if (!r->family) {
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.msg, r->says));
		assert_non_null(strstr(e.msg, "allowed: "));
		return;
	}
	assert_int_equal(a.u.any.sa_family, r->family);
	assert_int_equal(ntohs(r->family == AF_INET ? a.u.v4.sin_port : a.u.v6.sin6_port), r->port);
	assert_int_equal(a.len, r->family == AF_INET ? sizeof a.u.v4 : sizeof a.u.v6);
}

static void test_none_is_fine_as_configuration(void **state)
{
	struct err e = {.code = ERR_NONE};
	(void)state;
	assert_int_equal(http_check_listen("none", &e), 0);
	assert_int_equal(http_check_listen("None", &e), -1);
}

static int open_text(const char *text, unsigned *port, struct err *e)
{
	struct listen_address a;
	assert_int_equal(listen_parse(text, &a, e), 0);
	return listen_open(text, &a, port, e);
}

static void test_open(void **state)
{
	struct err e = {.code = ERR_NONE};
	unsigned port = 0;
	(void)state;
	int fd = open_text("127.0.0.1:0", &port, &e);
	assert_true(fd >= 0);
	assert_true(port > 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
}

static void test_in_use_names_the_address(void **state)
{
	struct err e = {.code = ERR_NONE};
	unsigned port;
	char text[40];
	(void)state;
	int fd = open_text("127.0.0.1:0", &port, &e);
	snprintf(text, sizeof text, "127.0.0.1:%u", port);
	assert_int_equal(open_text(text, &port, &e), -1);
	close(fd);
	assert_int_equal(e.code, ERR_OS);
	assert_int_equal(e.sys_errno, EADDRINUSE);
	assert_non_null(strstr(e.msg, text));
	assert_non_null(strstr(e.msg, "choose another port"));
}

static void test_an_address_of_another_machine(void **state)
{
	struct err e = {.code = ERR_NONE};
	unsigned port;
	(void)state;
	assert_int_equal(open_text("192.0.2.1:0", &port, &e), -1); /* TEST-NET-1, RFC 5737 */
	assert_int_equal(e.code, ERR_OS);
	assert_non_null(strstr(e.msg, "no interface has this address"));
}

static void test_any_ipv6_takes_ipv4(void **state)
{
	struct err e = {.code = ERR_NONE};
	unsigned port;
	(void)state;
	int fd = open_text("[::]:0", &port, &e);
	assert_true(fd >= 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), 0);
	close(client);
	close(fd);
}

int main(void)
{
	struct CMUnitTest tests[ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_none_is_fine_as_configuration),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_in_use_names_the_address),
		cmocka_unit_test(test_an_address_of_another_machine),
		cmocka_unit_test(test_any_ipv6_takes_ipv4),
	};
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].text, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	int failed = cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("listen", others, NULL, NULL);
}
