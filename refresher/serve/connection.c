#include "serve/connection.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	BURST = 8,            /* requests in one turn */
	FILE_PIECE = 1 << 18, /* bytes of a file in one turn */
	LINGER_S = 2,         /* how long what nobody wants is read and thrown away */
};

struct connection *connection_new(int fd, int64_t idle_ns, int64_t now_ns)
{
	struct connection *c = malloc(sizeof *c);
	if (!c) {
		close(fd);
		return NULL;
	}
	/* All but the input, of which only what was filled in is read. */
	memset(c, 0, offsetof(struct connection, in));
	c->fd = fd;
	c->file_fd = -1;
	c->idle_ns = idle_ns;
	c->deadline_ns = now_ns + idle_ns;
	return c;
}

void connection_free(struct connection *c)
{
	/* An answer that is cut off is no use to anybody: the kernel gives its part up at once, and does not keep it
	 * for a client that reads nothing. */
	const struct linger at_once = {.l_onoff = 1};
	if (connection_is_sending(c))
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(c->fd);
	if (c->file_fd >= 0)
		close(c->file_fd);
	free(c->out);
	free(c);
}

bool connection_is_sending(const struct connection *c)
{
	return c->out || c->file_fd >= 0;
}

static enum connection_wants wants(const struct connection *c)
{
	if (c->over)
		return IS_OVER;
	return connection_is_sending(c) ? WANTS_OUTPUT : WANTS_INPUT;
}

/* Bytes that a call on the socket moved: 0 where it would have waited. Anything else that it refuses is the end. */
static size_t moved(struct connection *c, ssize_t n, int64_t now_ns)
{
	if (n > 0)
		c->deadline_ns = now_ns + c->idle_ns;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		c->over = true;
	return n > 0 ? (size_t)n : 0;
}

/* The answer is out. */
static void finish(struct connection *c, int64_t now_ns)
{
	if (!c->ends)
		return;
	c->over = !c->has_unwanted || c->client_ended;
	if (c->over)
		return;
	shutdown(c->fd, SHUT_WR);
	c->lingers = true;
	c->deadline_ns = now_ns + (int64_t)LINGER_S * NS_PER_S;
}

static void send_file(struct connection *c, int64_t now_ns)
{
	size_t piece = c->file_left < FILE_PIECE ? (size_t)c->file_left : FILE_PIECE;
	ssize_t n = piece > 0 ? sendfile(c->fd, c->file_fd, NULL, piece) : 0;
	/* A file that has become shorter cannot keep what its length promised. */
	if (n == 0 && piece > 0)
		c->over = true;
	c->file_left -= moved(c, n, now_ns);
	if (c->file_left > 0)
		return;
	close(c->file_fd);
	c->file_fd = -1;
}

/* What the socket takes of the rest of an answer. */
static void send_rest(struct connection *c, int64_t now_ns)
{
	if (c->out) {
		int more = c->file_left > 0 ? MSG_MORE : 0;
		c->sent += moved(c, send(c->fd, c->out + c->sent, c->out_len - c->sent, MSG_NOSIGNAL | more), now_ns);
		if (c->sent == c->out_len) {
			free(c->out);
			c->out = NULL;
		}
	}
	if (!c->out && c->file_fd >= 0)
		send_file(c, now_ns);
	if (!c->over && !connection_is_sending(c))
		finish(c, now_ns);
}

/* Keeps what follows behind the first `sent` bytes of head and body. */
static void keep_rest(struct connection *c, const struct iovec part[2], size_t sent)
{
	size_t total = part[0].iov_len + part[1].iov_len;
	c->out = malloc(total);
	if (!c->out) {
		c->over = true;
		return;
	}
	memcpy(c->out, part[0].iov_base, part[0].iov_len);
	if (part[1].iov_len > 0)
		memcpy(c->out + part[0].iov_len, part[1].iov_base, part[1].iov_len);
	c->out_len = total;
	c->sent = sent;
}

/* Begins an answer; most are out at once. */
static void start(struct connection *c, const struct answer *answer, bool has_body, int64_t now_ns)
{
	char head[ANSWER_HEAD_MAX];
	size_t head_len = answer_head(answer, c->ends, clock_ns(CLOCK_REALTIME), head);
	size_t body_len = has_body && answer->body ? (size_t)answer->length : 0;
	struct iovec part[2] = {{head, head_len}, {(void *)(uintptr_t)answer->body, body_len}};
	struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
	c->file_fd = answer->file_fd;
	c->file_left = has_body && c->file_fd >= 0 ? answer->length : 0;
	int more = c->file_left > 0 ? MSG_MORE : 0;
	size_t sent = moved(c, sendmsg(c->fd, &message, MSG_NOSIGNAL | more), now_ns);
	if (!c->over && sent < head_len + body_len)
		keep_rest(c, part, sent);
	else if (!c->over)
		send_rest(c, now_ns);
}

static void refuse(struct connection *c, struct answerer *a, enum http_code code, bool has_body, int64_t now_ns)
{
	struct answer answer = answer_refusal(a, code);
	c->ends = c->has_unwanted = true;
	start(c, &answer, has_body, now_ns);
}

/* A head that is whole: head_len bytes of the input. */
static void take_head(struct connection *c, struct answerer *a, size_t head_len, int64_t now_ns)
{
	struct request r;
	enum http_code code = request_parse(c->in, head_len, &r);
	bool has_body = strcmp(r.method, "HEAD") != 0;
	if (code != CODE_200) {
		refuse(c, a, code, has_body, now_ns);
		return;
	}
	c->ends = r.close;
	c->has_unwanted = r.has_body;
	struct answer answer = answer_request(a, &r);
	start(c, &answer, has_body, now_ns);
}

static void drop_input(struct connection *c, size_t n)
{
	memmove(c->in, c->in + n, c->in_len - n);
	c->in_len -= n;
	c->scanned = 0;
}

/* Takes the next request out of the input. false: it is not all there yet. */
static bool take_request(struct connection *c, struct answerer *a, int64_t now_ns)
{
	/* RFC 9112 2.2: empty lines in front of a request are passed over. */
	size_t empty = 0;
	while (c->in_len >= empty + 2 && memcmp(c->in + empty, "\r\n", 2) == 0)
		empty += 2;
	if (empty > 0)
		drop_input(c, empty);
	long head_len = request_scan(c->in, c->scanned, c->in_len);
	bool full = c->in_len == sizeof c->in;
	c->scanned = c->in_len;
	if (head_len == 0 && !full && !(c->client_ended && c->in_len > 0))
		return false;
	c->requests++;
	if (head_len > 0) {
		take_head(c, a, (size_t)head_len, now_ns);
		drop_input(c, (size_t)head_len);
	} else if (head_len == 0 && full) {
		/* RFC 9110 15.5.15, RFC 6585 5: what was too long is the line that has not ended, or all of them. */
		refuse(c, a, memchr(c->in, '\n', c->in_len) ? CODE_431 : CODE_414, true, now_ns);
	} else {
		refuse(c, a, CODE_400, true, now_ns);
	}
	return true;
}

/* Answers what has come, as long as each answer is out at once. */
static enum connection_wants take_requests(struct connection *c, struct answerer *a, int64_t now_ns)
{
	for (int i = 0; i < BURST; i++) {
		if (c->over || c->lingers || connection_is_sending(c))
			return wants(c);
		if (!take_request(c, a, now_ns)) {
			c->over = c->client_ended;
			return wants(c);
		}
	}
	/* There may be more: a socket that can be written to brings it back in the next turn. */
	return c->over ? IS_OVER : WANTS_OUTPUT;
}

static void receive(struct connection *c, int64_t now_ns)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - c->in_len, 0);
	c->client_ended = c->client_ended || n == 0;
	c->in_len += moved(c, n, now_ns);
}

/* What comes behind the last answer goes nowhere, and does not move the deadline. */
static void drain(struct connection *c)
{
	ssize_t n = recv(c->fd, c->in, sizeof c->in, 0);
	c->over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

enum connection_wants connection_turn(struct connection *c, struct answerer *a, int64_t now_ns)
{
	if (c->lingers) {
		drain(c);
		return wants(c);
	}
	if (connection_is_sending(c))
		send_rest(c, now_ns);
	else if (c->in_len < sizeof c->in)
		receive(c, now_ns);
	return take_requests(c, a, now_ns);
}

enum connection_wants connection_expire(struct connection *c, struct answerer *a, int64_t now_ns)
{
	if (c->lingers || connection_is_sending(c) || c->in_len == 0)
		return IS_OVER;
	refuse(c, a, CODE_408, true, now_ns);
	return wants(c);
}
