/* request.h - the head of a request -> what is asked (RFC 9112 sections 2 to 6). Pure; works in the caller's buffer.
 *
 * Strict, because what two programs read differently is how requests are smuggled past a proxy: line ends are CR LF, no
 * other control character but a tab, no folded line, no blank before a colon, one Host in HTTP/1.1, one Content-Length
 * of digits alone, and never together with Transfer-Encoding. What breaks these rules is 400 and the end of the
 * connection. HTTP/1.0 is answered, without staying open. */
#ifndef REFRESHER_SERVE_REQUEST_H
#define REFRESHER_SERVE_REQUEST_H

#include "serve/condition.h"
#include "serve/route.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	REQUEST_HEAD_MAX = 8192, /* request line, fields and the empty line behind them */
	REQUEST_BODY_MAX = 4096, /* a longer body is 413; a shorter one is left unread */
};

/* Pointers lead into the text that was parsed, or are NULL where there is nothing. */
struct request {
	const char *method;
	const char
		*path; /* percent-decoded, without scheme and host; "" where it holds %00, which is no path of ours */
	char *query;   /* for request_argument */
	struct condition condition;
	const char *accept;
	const char *host, *content_length, *transfer_encoding;
	bool http_1_0;
	bool has_body; /* it follows, and is not read: the connection must end behind the answer */
	bool close;    /* the client wants, or the request needs, the connection to end behind the answer */
};

/* Looks at text[from, len), with what was looked at before in front of it. The length of the head when its end is
 * there, 0 while it is not, -1 when a byte came that no head can hold. */
long request_scan(const char *text, size_t from, size_t len);

/* Takes a whole head, text[len], apart; it is changed. CODE_200, or the code of the refusal: 400, 413, 501 or 505. */
enum http_code request_parse(char *text, size_t len, struct request *r);

/* The next argument of the query, decoded; false: there is none. value NULL: it has none. Arguments that hold %00 are
 * passed over. */
bool request_argument(struct request *r, const char **key, const char **value);

#endif
