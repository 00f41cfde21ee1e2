/* listen.c: addresses as text, and the sockets that they make. */
#include "serve/listen.h"

#include "rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct row {
	const char *text; /* also the name */
	int family;       /* 0: refused */
	unsigned port;
	const char *says; /* the address, or what is in the message */
};

#define NOT_NUMBERS "not an address in numbers"

static const struct row rows[] = {
	{"127.0.0.1:8080", AF_INET, 8080, "127.0.0.1"},
	{"0.0.0.0:8080", AF_INET, 8080, "0.0.0.0"},
	{"0.0.0.0:0", AF_INET, 0, "0.0.0.0"},
	{"255.255.255.255:65535", AF_INET, 65535, "255.255.255.255"},
	{":8080", AF_INET6, 8080, "::"},
	{":0", AF_INET6, 0, "::"},
	{"[::]:8080", AF_INET6, 8080, "::"},
	{"[::1]:1", AF_INET6, 1, "::1"},
	{"[fd00:10:244::7]:8080", AF_INET6, 8080, "fd00:10:244::7"},
	{"[::ffff:10.0.0.1]:8080", AF_INET6, 8080, "::ffff:10.0.0.1"},
	{"[2001:db8:ffff:ffff:ffff:ffff:255.255.255.255]:80", AF_INET6, 80, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"[10.0.0.1]:8080", AF_INET, 8080, "10.0.0.1"},
	{"[0.0.0.0]:8080", AF_INET, 8080, "0.0.0.0"},
	{"127.0.0.1:65536", 0, 0, "the port is not"},
	{"127.0.0.1:99999", 0, 0, "the port is not"},
	{"127.0.0.1:100000", 0, 0, "the port is not"},
	{"127.0.0.1:", 0, 0, "the port is not"},
	{":", 0, 0, "the port is not"},
	{"[::]:", 0, 0, "the port is not"},
	{"127.0.0.1:-1", 0, 0, "the port is not"},
	{"127.0.0.1: 80", 0, 0, "the port is not"},
	{":80 ", 0, 0, "the port is not"},
	{":http", 0, 0, "the port is not"},
	{"127.0.0.1:0x50", 0, 0, "the port is not"},
	{"127.0.0.1:8080/", 0, 0, "the port is not"},
	{"127.0.0.1", 0, 0, "no port"},
	{"8080", 0, 0, "no port"},
	{"", 0, 0, "no port"},
	{"[::]", 0, 0, "no port behind the brackets"},
	{"[::1]8080", 0, 0, "no port behind the brackets"},
	{"[10.0.0.1]8080", 0, 0, "no port"},
	{" :8080", 0, 0, NOT_NUMBERS},
	{"*:8080", 0, 0, NOT_NUMBERS},
	{"localhost:8080", 0, 0, NOT_NUMBERS},
	{"[localhost]:8080", 0, 0, NOT_NUMBERS},
	{"$(POD_IP):8080", 0, 0, NOT_NUMBERS},
	{"http://127.0.0.1:8080", 0, 0, NOT_NUMBERS},
	{"127.0.0:8080", 0, 0, NOT_NUMBERS},
	{"127.0.0.256:8080", 0, 0, NOT_NUMBERS},
	{"[127.0.0.1:8080", 0, 0, NOT_NUMBERS},
	{"127.0.0.1]:8080", 0, 0, NOT_NUMBERS},
	{"[[::1]]:8080", 0, 0, NOT_NUMBERS},
	{"[::1:8080", 0, 0, NOT_NUMBERS},
	{"[:8080", 0, 0, NOT_NUMBERS},
	{"]:8080", 0, 0, NOT_NUMBERS},
	{"[1::2::3]:80", 0, 0, NOT_NUMBERS},
	{"[2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999]:80", 0, 0, NOT_NUMBERS},
	{"::1:8080", 0, 0, "needs brackets"},
	{"::8080", 0, 0, "needs brackets"},
	{"::1", 0, 0, "needs brackets"},
	{"::", 0, 0, "the port is not"},
	{"fd00:10:244::7:8080", 0, 0, "needs brackets"},
	{"[]:8080", 0, 0, "nothing between the brackets"},
	{"[fe80::1%eth0]:8080", 0, 0, "a zone (%) is not taken"},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct listen_address a;
	struct err e = {.code = ERR_NONE};
	assert_int_equal(listen_parse(r->text, &a, &e), r->family ? 0 : -1);
	assert_int_equal(listen_check(r->text, &e), r->family ? 0 : -1);
	if (!r->family) {
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.msg, r->says));
		assert_non_null(strstr(e.msg, "allowed: "));
		assert_true(strlen(e.msg) < sizeof e.msg - 1);
		return;
	}
	char host[INET6_ADDRSTRLEN];
	bool v4 = r->family == AF_INET;
	inet_ntop(r->family, v4 ? (const void *)&a.u.v4.sin_addr : &a.u.v6.sin6_addr, host, sizeof host);
	assert_string_equal(host, r->says);
	assert_int_equal(a.u.any.sa_family, r->family);
	assert_int_equal(ntohs(r->family == AF_INET ? a.u.v4.sin_port : a.u.v6.sin6_port), r->port);
	assert_int_equal(a.len, r->family == AF_INET ? sizeof a.u.v4 : sizeof a.u.v6);
}

static const struct why_row {
	const char *name;
	int sys_errno, family;
	unsigned port;
	const char *says;
} why_rows[] = {
	{"in use", EADDRINUSE, AF_INET, 8080, "another program listens there"},
	{"an address of another machine", EADDRNOTAVAIL, AF_INET, 8080, "no interface has this address"},
	{"the last low port", EACCES, AF_INET, 1023, "needs CAP_NET_BIND_SERVICE"},
	{"the first high port", EACCES, AF_INET6, 1024, "a security module"},
	{"any port", EPERM, AF_INET, 0, "a filter of system calls"},
	{"no IPv6", EAFNOSUPPORT, AF_INET6, 8080, "use an IPv4 address"},
	{"no IPv4", EAFNOSUPPORT, AF_INET, 8080, "a sandbox forbids IPv4"},
	{"anything else", ENOBUFS, AF_INET, 8080, "cannot be listened at"},
};

static void test_why(void **state)
{
	const struct why_row *r = *state;
	assert_non_null(strstr(listen_why(r->sys_errno, r->family, r->port), r->says));
}

static void test_none_is_fine_as_configuration(void **state)
{
	struct err e = {.code = ERR_NONE};
	(void)state;
	assert_int_equal(listen_check("none", &e), 0);
	assert_int_equal(listen_check("None", &e), -1);
}

static int open_text(const char *text, unsigned *port, struct err *e)
{
	struct listen_address a = {.len = sizeof a.u};
	int fd = listen_open(text, e);
	if (fd >= 0)
		assert_int_equal(getsockname(fd, &a.u.any, &a.len), 0);
	*port = ntohs(a.u.v4.sin_port); /* at the same place in both kinds */
	return fd;
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

static int connect_v4(unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(client, (struct sockaddr *)&to, sizeof to);
	close(client);
	return rc;
}

static int connect_v6(unsigned port)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	to.sin6_addr = in6addr_loopback;
	int client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(client, (struct sockaddr *)&to, sizeof to);
	close(client);
	return rc;
}

/* Which of 127.0.0.1 and ::1 gets through to a listener. */
static const struct connect_row {
	const char *text;
	bool v4, v6;
} connect_rows[] = {
	{":0", true, true},           {"[::]:0", true, true},         {"0.0.0.0:0", true, false},
	{"[0.0.0.0]:0", true, false}, {"[127.0.0.1]:0", true, false}, {"[::1]:0", false, true},
};

static void test_who_can_connect(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof connect_rows / sizeof *connect_rows; i++) {
		const struct connect_row *r = &connect_rows[i];
		struct err e = {.code = ERR_NONE};
		unsigned port;
		print_message("%s\n", r->text);
		int fd = open_text(r->text, &port, &e);
		if (fd < 0 && r->v6 && !r->v4)
			continue; /* a machine without ::1 */
		assert_true(fd >= 0);
		assert_int_equal(connect_v4(port) == 0, r->v4);
		if (!r->v6)
			assert_int_not_equal(connect_v6(port), 0);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_none_is_fine_as_configuration),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_in_use_names_the_address),
		cmocka_unit_test(test_an_address_of_another_machine),
		cmocka_unit_test(test_who_can_connect),
	};
	int failed = ROWS_RUN("addresses", test_row, rows);
	failed += ROWS_RUN("reasons", test_why, why_rows);
	return failed + cmocka_run_group_tests_name("listen", others, NULL, NULL);
}
