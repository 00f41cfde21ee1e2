/* listen.h - the address of the HTTP endpoint: text -> socket address (pure), socket address -> listening socket. */
#ifndef REFRESHER_SERVE_LISTEN_H
#define REFRESHER_SERVE_LISTEN_H

#include "base/err.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct listen_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} u;
	socklen_t len;
};

/* ADDRESS:PORT in numbers, because a look-up could block and needs files of the system: "127.0.0.1:8080", "[::1]:8080",
 * ":8080" (the same as "[::]:8080") and, with brackets that it does not need, "[127.0.0.1]:8080". 0, or -1 with
 * ERR_CONFIG and one sentence, what is wrong and what is allowed. "none" is no address. Pure. */
int listen_parse(const char *text, struct listen_address *out, struct err *e);

/* Checks an address for the configuration without binding: 0, or -1 with *e saying what is allowed. "none" is fine. */
int listen_check(const char *text, struct err *e);

/* What it means that a socket of this family could not be had for this port (0: any), and what to do. Pure. */
const char *listen_why(int sys_errno, int family, unsigned port);

/* A bound, listening, non-blocking, close-on-exec socket; -1 with ERR_CONFIG as listen_parse, or with ERR_OS or
 * ERR_NOPERM naming `text` and the remedy. [::] also takes IPv4; where the kernel has no IPv6 it becomes 0.0.0.0. */
int listen_open(const char *text, struct err *e);

/* Raises the soft limit of descriptors to what the connections, `beyond` more and the rest of the process need: where
 * they run out first, idle clients would keep a probe out, and the worker from its file. 0, or -1 with ERR_CONFIG:
 * the hard limit is lower. */
int listen_reserve(unsigned connections, unsigned beyond, struct err *e);

#endif
