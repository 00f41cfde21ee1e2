/* http.h - the HTTP endpoint: listens, routes, responds from a copy of the status. libmicrohttpd without threads of its
 * own.
 *
 * The main thread owns it: http_fd becomes readable when there is work, http_run does it without blocking,
 * http_timeout_ms says when to call http_run at the latest. Every response is rendered from the struct status that the
 * callback fills in; serve knows nothing else of the program.
 *
 * Paths: see probes.h for /healthz, /livez, /readyz, /startupz and NAME below them; /metrics, /status, /, and
 * /numbers.txt where it is switched on. GET and HEAD; other methods, OPTIONS too, get 405 with Allow. A small request
 * body is not read: the response comes and the connection closes; one over 4 KiB, or chunked, gets 413. A request line
 * and header of more than 8 KiB gets 414 or 431. Fields that can be read in two ways (route.h) get 400 and the end, an
 * escaped NUL names no path. What the library answers itself, before it asks: an HTTP/1.1 request without Host (400), a
 * length that is no number (400; the releases before 1.0 put a second 400 behind it, then close), a first line that is
 * none (closed without a word); those releases also take a line feed alone for a line end, and a folded line for a part
 * of the name; and some hundreds of arguments or fields may use up its memory below 8 KiB (431, or closed without a
 * word).
 *
 * Bounded: at most `connections` stay open. When one more comes, the connection that was unused for the longest time is
 * closed, so idle and slow clients never keep a probe out. One that has just come has some milliseconds to ask first
 * (slots.h); for so long up to 32 more may be open. A client that neither sends nor takes anything for idle_seconds is
 * closed.
 *
 * /numbers.txt is there only for a file that is replaced as a whole. It is opened and read in the main thread, so it
 * belongs on a local volume. */
#ifndef REFRESHER_SERVE_HTTP_H
#define REFRESHER_SERVE_HTTP_H

#include "base/err.h"
#include "serve/supply.h"

#include <stdbool.h>

enum { HTTP_LISTEN_MAX = 128 };

struct http_config {
	char listen[HTTP_LISTEN_MAX]; /* "127.0.0.1:8080" (default), ":8080" (all addresses), "none"; see listen.h; port
					 0: any */
	unsigned connections;         /* 64; 4 ... 4096 */
	unsigned idle_seconds;        /* 10 */
	bool serve_numbers;           /* also GET /numbers.txt */
};

struct http;

/* Binds and listens. listen "none" is the caller's business. NULL with *e: ERR_CONFIG (address), ERR_OS (in use:
 * names the address), ERR_NOPERM. The source struct is copied. */
struct http *http_new(const struct http_config *c, const struct http_source *source, struct err *e);
void http_free(struct http *h); /* NULL is accepted; closes every connection */

int http_fd(const struct http *h); /* an epoll descriptor */
/* `http` is a struct http, so that these can be handed over as plain pointers. */
void http_run(void *http);
int http_timeout_ms(void *http);          /* -1: none */
unsigned http_port(const struct http *h); /* the bound port */

#endif
