#include "serve/listen.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { OWN_DESCRIPTORS = 64 }; /* of the rest of the process */

#define ALLOWED "allowed: ADDRESS:PORT in numbers as 127.0.0.1:8080 or [::1]:8080, :PORT for all addresses, or none"

/* Every refusal says what is wrong, and what would be right. */
static int refuse(const char *text, const char *why, struct err *e)
{
	return err_set(e, ERR_CONFIG, 0, "\"%s\": %s; %s", text, why, ALLOWED);
}

/* 0 ... 65535 in decimal, nothing else. -1: no port. */
static int parse_port(const char *s)
{
	size_t n = strlen(s);
	/* strtoul alone would take blanks, a sign, and a number that is cut when it becomes a port. */
	if (n < 1 || n > 5 || strspn(s, "0123456789") != n)
		return -1;
	unsigned long v = strtoul(s, NULL, 10);
	return v <= 65535 ? (int)v : -1;
}

/* Every IPv4 address of the machine; the members of the struct that are not named are 0. */
static void set_any_v4(struct listen_address *a, unsigned port)
{
	*a = (struct listen_address){.len = sizeof a->u.v4};
	a->u.v4.sin_family = AF_INET;
	a->u.v4.sin_port = htons((uint16_t)port);
}

static bool is_v6(const struct listen_address *a)
{
	return a->u.any.sa_family == AF_INET6;
}

/* The port lies at the same place in both kinds, but the language does not say so. */
static unsigned port_of(const struct listen_address *a)
{
	return ntohs(is_v6(a) ? a->u.v6.sin6_port : a->u.v4.sin_port);
}

/* No address stands for every one. Brackets may stand around both kinds: a manifest says [$(POD_IP)]:8080 and does not
 * know which kind the pod will have. false: it is no address in numbers. */
static bool parse_host(const char *host, size_t len, unsigned port, struct listen_address *out)
{
	char text[INET6_ADDRSTRLEN] = "::";
	/* The brackets are taken off, and what is between them is copied, because inet_pton reads to the NUL. */
	bool brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
	if (brackets) {
		host++;
		len -= 2;
	}
	if (len >= sizeof text)
		return false;
	if (len > 0)
		snprintf(text, sizeof text, "%.*s", (int)len, host);

	/* inet_pton takes four decimal numbers alone, where getaddrinfo would also take 127.1 and 0x7f.1. */
	set_any_v4(out, port);
	if (inet_pton(AF_INET, text, &out->u.v4.sin_addr) == 1)
		return true;
	/* Without brackets nobody could tell where an IPv6 address ends and the port begins. */
	if (!brackets && len > 0)
		return false;
	*out = (struct listen_address){.len = sizeof out->u.v6};
	out->u.v6.sin6_family = AF_INET6;
	out->u.v6.sin6_port = htons((uint16_t)port);
	return inet_pton(AF_INET6, text, &out->u.v6.sin6_addr) == 1;
}

/* The sentence for an address that parse_host refused; [host, host + len) of the whole text. */
static const char *why_no_address(const char *text, size_t len)
{
	if (strncmp(text, "[]", 2) == 0)
		return "nothing between the brackets, as where a variable is not set";
	if (text[0] == '[' && memchr(text, '%', len))
		return "an address with a zone (%) is not taken; use [::] for all addresses";
	/* Only what an IPv6 address is written with, and more than one colon. */
	if (text[strspn(text, "0123456789abcdefABCDEF:.")] == '\0' && strchr(text, ':') != strrchr(text, ':'))
		return "an IPv6 address needs brackets, and a port behind them";
	return "not an address in numbers; names are not looked up";
}

int listen_parse(const char *text, struct listen_address *out, struct err *e)
{
	/* The port stands behind the last colon. */
	const char *colon = strrchr(text, ':');
	if (!colon)
		return refuse(text, "no port", e);
	/* In "[::]" the last colon belongs to the address. */
	if (text[0] == '[' && strchr(colon, ']'))
		return refuse(text, "no port behind the brackets", e);
	int port = parse_port(colon + 1);
	if (port < 0)
		return refuse(text, "the port is not a number from 0 to 65535", e);

	/* What stands before it is the address, or nothing. */
	if (!parse_host(text, (size_t)(colon - text), (unsigned)port, out))
		return refuse(text, why_no_address(text, (size_t)(colon - text)), e);
	return 0;
}

int listen_check(const char *text, struct err *e)
{
	struct listen_address a;
	return strcmp(text, "none") == 0 ? 0 : listen_parse(text, &a, e);
}

const char *listen_why(int sys_errno, int family, unsigned port)
{
	switch (sys_errno) {
	case EADDRINUSE:
		return "another program listens there; choose another port or none";
	case EADDRNOTAVAIL:
		return "no interface has this address; use [::] or 0.0.0.0 for all";
	case EACCES:
	case EPERM:
		if (port > 0 && port < 1024)
			return "a port below 1024 needs CAP_NET_BIND_SERVICE; choose a higher port";
		return "a filter of system calls or a security module (SELinux, AppArmor) forbids it; see its log";
	case EAFNOSUPPORT:
		if (family == AF_INET6)
			return "this kernel has no IPv6, or a sandbox forbids it; use an IPv4 address";
		return "a sandbox forbids IPv4 sockets (RestrictAddressFamilies= of systemd?); allow them or use none";
	default:
		return "the address cannot be listened at";
	}
}

static int bind_and_listen(int fd, const struct listen_address *a)
{
	const int on = 1, off = 0;

	/* A restarted daemon gets its port back while old connections still linger in TIME_WAIT. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		return -1;
	/* [::] takes IPv4 too, whatever net.ipv6.bindv6only says. */
	if (is_v6(a) && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
		return -1;
	/* The longest backlog that the kernel grants: a burst of idle clients must not push a probe out. */
	return bind(fd, &a->u.any, a->len) < 0 || listen(fd, SOMAXCONN) < 0 ? -1 : 0;
}

int listen_open(const char *text, struct err *e)
{
	const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	struct listen_address a = {.len = 0};
	if (listen_parse(text, &a, e) < 0)
		return -1;
	int fd = socket(a.u.any.sa_family, type, 0);

	/* Every address of a machine that has no IPv6 is every IPv4 address. */
	if (fd < 0 && errno == EAFNOSUPPORT && is_v6(&a) && IN6_IS_ADDR_UNSPECIFIED(&a.u.v6.sin6_addr)) {
		log_warn("kernel has no IPv6; listening on 0.0.0.0", log_str("listen", text));
		set_any_v4(&a, port_of(&a));
		fd = socket(AF_INET, type, 0);
	}
	if (fd >= 0 && bind_and_listen(fd, &a) == 0)
		return fd;

	/* What the kernel refused is said before the descriptor is closed, which may change errno. */
	enum err_code code = errno == EACCES || errno == EPERM ? ERR_NOPERM : ERR_OS;
	err_set(e, code, errno, "http.listen %s: %s", text, listen_why(errno, a.u.any.sa_family, port_of(&a)));
	if (fd >= 0)
		close(fd);
	return -1;
}

int listen_reserve(unsigned connections, unsigned beyond, struct err *e)
{
	struct rlimit limit;
	rlim_t need = connections + beyond + OWN_DESCRIPTORS;

	/* A limit that cannot be read is left as it is: the system calls will say what is wrong. */
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
		return 0;

	/* Only who starts the daemon can raise the hard limit. */
	limit.rlim_cur = need;
	if (limit.rlim_max < need || setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return err_set(e, ERR_CONFIG, 0,
			       "http.connections: %u need %lu descriptors, and the limit is %lu; "
			       "raise it (ulimit -Hn) or allow fewer",
			       connections, (unsigned long)need, (unsigned long)limit.rlim_max);
	return 0;
}
