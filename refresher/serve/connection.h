/* connection.h - one HTTP connection: takes requests out of what comes in, sends the answers, one after the other.
 *
 * Nothing blocks. A connection holds the 8 KiB in which a request must fit, and of an answer only what the socket did
 * not take at once. It ends behind an answer that says so, when the client has closed its half and all its requests are
 * answered, and when nothing has moved until its deadline. A request that is refused, or has a body, ends it too: the
 * answer goes out, and what the client still sends is thrown away for a moment, since closing at once would make the
 * kernel reset the connection and the answer be lost. */
#ifndef REFRESHER_SERVE_CONNECTION_H
#define REFRESHER_SERVE_CONNECTION_H

#include "serve/answer.h"
#include "serve/request.h"
#include "serve/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum connection_wants { WANTS_INPUT, WANTS_OUTPUT, IS_OVER };

struct connection {
	/* the caller's: its place in the list, which must be the first member, and what epoll looks for */
	struct slot slot;
	uint32_t watched;
	int fd;
	int64_t idle_ns, deadline_ns;
	uint64_t requests; /* taken so far */
	/* what is known of its end */
	bool client_ended; /* its half is closed */
	bool ends;         /* behind the answer that is under way */
	bool has_unwanted; /* then the client may still be sending */
	bool lingers;      /* the last answer is out */
	bool over;
	/* the rest of an answer: out[sent, out_len), then file_left bytes of the file */
	char *out;
	size_t out_len, sent;
	int file_fd; /* -1: none */
	uint64_t file_left;
	/* input: in[0, in_len), of which request_scan has seen `scanned` */
	size_t in_len, scanned;
	char in[REQUEST_HEAD_MAX];
};

/* Takes over an accepted, non-blocking socket; NULL (and the socket is closed): no memory. Times are of CLOCK_BOOTTIME.
 */
struct connection *connection_new(int fd, int64_t idle_ns, int64_t now_ns);
void connection_free(struct connection *c); /* closes it */

/* One turn, when the socket is ready for what was wanted. It is short: whoever pipelines comes back for more. */
enum connection_wants connection_turn(struct connection *c, struct answerer *a, int64_t now_ns);

/* The deadline has passed. Half a request is answered with 408. */
enum connection_wants connection_expire(struct connection *c, struct answerer *a, int64_t now_ns);

bool connection_is_sending(const struct connection *c);

#endif
