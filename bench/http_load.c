/* http_load.c - GET requests over keep-alive connections: how many per second, and how long one takes.
 *
 * http_load PORT PATH CONNECTIONS SECONDS [RATE]: to 127.0.0.1. Without RATE each connection sends its next request as
 * soon as the answer is there; with it, RATE requests per second begin at even distances, and the time of a request
 * counts from the moment when it was due, so that a stalled server is not asked more kindly. Prints
 * "requests N seconds S errors N p50 US p99 US max US late US". late: the 99th percentile of how much later than due
 * the requests left, which is the machine's fault or this program's, not the server's. It goes on, for 20 s at most,
 * until there are as many answers as connections, so that a slow server is measured too. Answers end by Content-Length
 * or as one chunked message. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 4096, ANSWER_MAX = 256 * 1024, TIMES_MAX = 4 << 20 };

struct connection {
	int fd;
	bool busy;
	int64_t due_ns; /* when its request began, or should have begun */
	size_t len;     /* of the answer so far */
};

struct load {
	struct connection all[MAX_CONNECTIONS];
	unsigned connections;
	char request[512];
	size_t request_len;
	char *answers;                /* one ANSWER_MAX for each connection */
	uint32_t *times_us, *late_us; /* of answers; of paced requests */
	size_t answered, errors, paced;
	int epoll_fd;
};

static void die(const char *what)
{
	fprintf(stderr, "http_load: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void open_connection(struct load *l, struct connection *c, uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		die("epoll");
}

static void send_request(struct load *l, struct connection *c, int64_t due_ns)
{
	c->due_ns = due_ns;
	c->busy = true;
	c->len = 0;
	if (send(c->fd, l->request, l->request_len, MSG_NOSIGNAL) != (ssize_t)l->request_len)
		die("send");
}

static bool is_whole(char *answer, size_t len)
{
	answer[len] = '\0';
	char *body = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "\r\nContent-Length:");
	if (!body)
		return false;
	body += 4;
	if (length && length < body)
		return (size_t)(answer + len - body) >= strtoul(length + 17, NULL, 10);
	return len >= 7 && memcmp(answer + len - 7, "\r\n0\r\n\r\n", 7) == 0;
}

/* true: its answer is complete now. */
static bool receive(struct load *l, struct connection *c)
{
	char *answer = l->answers + (size_t)(c - l->all) * ANSWER_MAX;
	ssize_t n = recv(c->fd, answer + c->len, ANSWER_MAX - 1 - c->len, MSG_DONTWAIT);
	if (n <= 0)
		die("the server closed the connection");
	c->len += (size_t)n;
	if (!is_whole(answer, c->len))
		return false;
	if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
		l->errors++;
	if (l->answered < TIMES_MAX)
		l->times_us[l->answered++] = (uint32_t)((now_ns() - c->due_ns) / 1000);
	c->busy = false;
	return true;
}

/* The paced requests that are due; returns when the next one is. A connection that is busy when its turn comes sends
 * late, and that time counts. */
static int64_t send_due(struct load *l, int64_t next_ns, int64_t step_ns, unsigned *turn)
{
	while (next_ns <= now_ns()) {
		struct connection *c = &l->all[*turn % l->connections];
		if (c->busy)
			break;
		if (l->paced < TIMES_MAX)
			l->late_us[l->paced++] = (uint32_t)((now_ns() - next_ns) / 1000);
		send_request(l, c, next_ns);
		++*turn;
		next_ns += step_ns;
	}
	return next_ns;
}

/* Returns the seconds that it took. */
static double run(struct load *l, double seconds, double rate)
{
	struct epoll_event ready[256];
	int64_t begin = now_ns(), end = begin + (int64_t)(seconds * 1e9), limit_ns = end + 20000000000, next = begin,
		now;
	int64_t step = rate > 0 ? (int64_t)(1e9 / rate) : 0;
	unsigned turn = 0;
	if (step == 0)
		for (unsigned i = 0; i < l->connections; i++)
			send_request(l, &l->all[i], now_ns());
	while ((now = now_ns()) < end || (l->answered < l->connections && now < limit_ns)) {
		if (step > 0)
			next = send_due(l, next, step, &turn);
		int64_t pause = step > 0 && next > now ? next - now : 10000000;
		struct timespec limit = {.tv_nsec = (long)(pause < 10000000 ? pause : 10000000)};
		int n = epoll_pwait2(l->epoll_fd, ready, 256, &limit, NULL);
		for (int i = 0; i < n; i++)
			if (receive(l, ready[i].data.ptr) && step == 0)
				send_request(l, ready[i].data.ptr, now_ns());
	}
	return (double)(now - begin) / 1e9;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static uint32_t percentile(uint32_t *values, size_t n, unsigned percent)
{
	qsort(values, n, sizeof *values, by_value);
	return n > 0 ? values[n * percent / 100] : 0;
}

int main(int argc, char **argv)
{
	struct load *l = calloc(1, sizeof *l);
	if (argc < 5 || !l)
		die("usage: http_load PORT PATH CONNECTIONS SECONDS [RATE]");
	uint16_t port = (uint16_t)atoi(argv[1]);
	double seconds = atof(argv[4]);
	l->connections = (unsigned)atoi(argv[3]);
	if (l->connections < 1 || l->connections > MAX_CONNECTIONS)
		die("CONNECTIONS: 1 ... 4096");
	l->request_len = (size_t)snprintf(l->request, sizeof l->request,
					  "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/plain\r\n\r\n", argv[2]);
	l->answers = malloc((size_t)l->connections * ANSWER_MAX); /* touched only as far as answers reach */
	l->times_us = malloc(TIMES_MAX * sizeof *l->times_us);
	l->late_us = malloc(TIMES_MAX * sizeof *l->late_us);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (!l->answers || !l->times_us || !l->late_us || l->epoll_fd < 0)
		die("no memory");
	for (unsigned i = 0; i < l->connections; i++)
		open_connection(l, &l->all[i], port);
	seconds = run(l, seconds, argc > 5 ? atof(argv[5]) : 0);
	if (l->answered == 0)
		die("no answer");
	uint32_t p50 = percentile(l->times_us, l->answered, 50), p99 = percentile(l->times_us, l->answered, 99);
	printf("requests %zu seconds %g errors %zu p50 %u p99 %u max %u late %u\n", l->answered, seconds, l->errors,
	       p50, p99, l->times_us[l->answered - 1], percentile(l->late_us, l->paced, 99));
	return EXIT_SUCCESS;
}
