#include "serve/listen.h"

#include "base/log.h"
#include "serve/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OWN_DESCRIPTORS = 64 }; /* of the rest of the process */

#define ALLOWED "allowed: IPv4:PORT as 127.0.0.1:8080, [IPv6]:PORT as [::]:8080, or none"

static int refuse(const char *text, const char *why, struct err *e)
{
	return err_set(e, ERR_CONFIG, 0, "\"%s\": %s; %s", text, why, ALLOWED);
}

/* 0 ... 65535 in decimal, nothing else. -1: no port. */
static int parse_port(const char *s)
{
	size_t n = strlen(s);
	int v = 0;
	if (n < 1 || n > 5 || strspn(s, "0123456789") != n)
		return -1;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v <= 65535 ? v : -1;
}

int listen_parse(const char *text, struct listen_address *out, struct err *e)
{
	char host[INET6_ADDRSTRLEN + 2];
	const char *colon = strrchr(text, ':');
	if (!colon)
		return refuse(text, "no port", e);
	int port = parse_port(colon + 1);
	if (port < 0)
		return refuse(text, "the port is not a number from 0 to 65535", e);
	size_t n = (size_t)(colon - text);
	if (n == 0)
		return refuse(text, "no address before the port", e);
	if (n >= sizeof host)
		return refuse(text, "not a numeric address", e);
	memcpy(host, text, n);
	host[n] = '\0';

	*out = (struct listen_address){.len = sizeof out->u.v4};
	out->u.v4.sin_family = AF_INET;
	out->u.v4.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &out->u.v4.sin_addr) == 1)
		return 0;
	if (host[0] != '[' || host[n - 1] != ']')
		return refuse(text, strchr(host, ':') ? "an IPv6 address needs brackets" : "not a numeric address", e);
	host[n - 1] = '\0';
	*out = (struct listen_address){.len = sizeof out->u.v6};
	out->u.v6.sin6_family = AF_INET6;
	out->u.v6.sin6_port = htons((uint16_t)port);
	if (inet_pton(AF_INET6, host + 1, &out->u.v6.sin6_addr) == 1)
		return 0;
	return refuse(text, "not a numeric IPv6 address", e);
}

int http_check_listen(const char *listen, struct err *e)
{
	struct listen_address a;
	return strcmp(listen, "none") == 0 ? 0 : listen_parse(listen, &a, e);
}

static bool is_any_v6(const struct listen_address *a)
{
	return a->u.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->u.v6.sin6_addr);
}

static int open_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int fail(const char *text, int sys_errno, struct err *e)
{
	switch (sys_errno) {
	case EADDRINUSE:
		return err_set(e, ERR_OS, sys_errno,
			       "http.listen %s: another program listens there; choose another port or none", text);
	case EADDRNOTAVAIL:
		return err_set(e, ERR_OS, sys_errno,
			       "http.listen %s: no interface has this address; use [::] or 0.0.0.0 for all", text);
	case EACCES:
	case EPERM:
		return err_set(e, ERR_NOPERM, sys_errno,
			       "http.listen %s: a port below 1024 needs CAP_NET_BIND_SERVICE; choose a higher port",
			       text);
	case EAFNOSUPPORT:
		return err_set(e, ERR_OS, sys_errno, "http.listen %s: this kernel has no IPv6; use an IPv4 address",
			       text);
	default:
		return err_set(e, ERR_OS, sys_errno, "http.listen %s", text);
	}
}

static int bind_and_listen(int fd, const struct listen_address *a, unsigned *port)
{
	const int on = 1, off = 0;
	struct listen_address bound = {.len = sizeof bound.u};
	/* A restarted daemon gets its port back while old connections still linger in TIME_WAIT. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -1;
	if (is_any_v6(a) && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
		return -1;
	/* The longest backlog that the kernel grants: a burst of idle clients must not push a probe out. */
	if (bind(fd, &a->u.any, a->len) < 0 || listen(fd, SOMAXCONN) < 0)
		return -1;
	if (getsockname(fd, &bound.u.any, &bound.len) < 0)
		return -1;
	*port = ntohs(bound.u.any.sa_family == AF_INET6 ? bound.u.v6.sin6_port : bound.u.v4.sin_port);
	return 0;
}

int listen_open(const char *text, const struct listen_address *a, unsigned *port, struct err *e)
{
	struct listen_address use = *a;
	int fd = open_socket(use.u.any.sa_family);
	if (fd < 0 && errno == EAFNOSUPPORT && is_any_v6(&use)) {
		log_warn("kernel has no IPv6; listening on 0.0.0.0", log_str("listen", text));
		use = (struct listen_address){.len = sizeof use.u.v4};
		use.u.v4.sin_family = AF_INET;
		use.u.v4.sin_port = a->u.v6.sin6_port;
		fd = open_socket(AF_INET);
	}
	if (fd < 0)
		return fail(text, errno, e);
	if (bind_and_listen(fd, &use, port) < 0) {
		fail(text, errno, e);
		close(fd);
		return -1;
	}
	return fd;
}

int listen_reserve(unsigned connections, unsigned beyond, struct err *e)
{
	struct rlimit limit;
	rlim_t need = connections + beyond + OWN_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
		return 0;
	if (limit.rlim_max < need)
		return err_set(
			e, ERR_CONFIG, 0,
			"http.connections: %u need %lu descriptors, and the limit is %lu; raise it (ulimit -Hn) or "
			"allow fewer",
			connections, (unsigned long)need, (unsigned long)limit.rlim_max);
	limit.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return err_set(e, ERR_OS, errno, "http.connections: cannot raise the limit of descriptors");
	return 0;
}
