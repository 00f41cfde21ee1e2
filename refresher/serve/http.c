#include "serve/http.h"

#include "base/clock.h"
#include "base/limit.h"
#include "serve/answer.h"
#include "serve/connection.h"
#include "serve/listen.h"
#include "serve/slots.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of one http_run, so that signals and timers of the main loop come in between. */
enum { EVENTS = 64, ARRIVALS = 16 };
/* Where no connection can be accepted, for lack of descriptors or memory, it is tried again so much later. */
enum { ACCEPT_PAUSE_NS = NS_PER_S / 10 };

struct http {
	int listen_fd, epoll_fd;
	unsigned limit, port;
	int64_t idle_ns;
	int64_t look_ns;   /* no deadline of a connection is earlier */
	int64_t accept_ns; /* the pause of accepting ends; 0: there is none */
	struct slots slots;
	struct answerer answerer;
};

static int64_t now_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

/* With a connection as its data, or without one for the listener. 0, or -1 with errno. */
static int watch(struct http *h, int operation, int fd, uint32_t events, struct connection *c)
{
	struct epoll_event e = {.events = events, .data.ptr = c};
	return epoll_ctl(h->epoll_fd, operation, fd, &e);
}

static void look_at(struct http *h, int64_t deadline_ns)
{
	if (deadline_ns < h->look_ns)
		h->look_ns = deadline_ns;
}

static void end_connection(struct http *h, struct connection *c)
{
	slots_remove(&h->slots, &c->slot);
	connection_free(c);
	/* Then nothing needs to be looked at but a pause of accepting. */
	if (h->slots.open == 0)
		h->look_ns = h->accept_ns ? h->accept_ns : INT64_MAX;
}

/* After a turn of the connection: it waits for what it wants now, or is gone. */
static void settle(struct http *h, struct connection *c, enum connection_wants wants)
{
	uint32_t events = wants == WANTS_OUTPUT ? EPOLLOUT : EPOLLIN;
	if (wants != IS_OVER && events != c->watched && watch(h, EPOLL_CTL_MOD, c->fd, events, c) < 0)
		wants = IS_OVER;
	if (wants == IS_OVER) {
		end_connection(h, c);
		return;
	}
	c->watched = events;
	look_at(h, c->deadline_ns);
}

static void turn(struct http *h, struct connection *c, int64_t now)
{
	uint64_t requests = c->requests;
	enum connection_wants wants = connection_turn(c, &h->answerer, now);
	bool busy = connection_is_sending(c);
	if (c->requests != requests || busy != c->slot.busy)
		slots_touch(&h->slots, &c->slot, busy);
	settle(h, c, wants);
}

/* The newcomer has a place in any case: where there are too many the one goes that was unused for the longest time. */
static void open_connection(struct http *h, int fd, int64_t now)
{
	struct connection *c = connection_new(fd, h->idle_ns, now);
	if (!c)
		return;
	slots_add(&h->slots, &c->slot);
	c->watched = EPOLLIN;
	if (watch(h, EPOLL_CTL_ADD, fd, EPOLLIN, c) < 0) {
		end_connection(h, c);
		return;
	}
	look_at(h, c->deadline_ns);
	struct slot *victim = slots_shed(&h->slots, h->limit);
	if (victim)
		end_connection(h, (struct connection *)victim);
}

/* The listener stays ready meanwhile, so it is not looked at: else the loop would not rest. */
static void pause_accepting(struct http *h, int64_t now)
{
	watch(h, EPOLL_CTL_MOD, h->listen_fd, 0, NULL);
	h->accept_ns = now + ACCEPT_PAUSE_NS;
	look_at(h, h->accept_ns);
}

static void accept_some(struct http *h, int64_t now)
{
	for (int i = 0; i < ARRIVALS; i++) {
		int fd = accept4(h->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (err_is_shortage(errno) || errno == ENOBUFS))
			pause_accepting(h, now);
		/* Other failures are of a client that has left already; the rest is told of again. */
		if (fd < 0)
			return;
		open_connection(h, fd, now);
	}
}

/* Ends what has passed its deadline. */
static void look(struct http *h, int64_t now)
{
	if (now < h->look_ns)
		return;
	h->look_ns = INT64_MAX;
	for (struct slot *slot = h->slots.ends.younger, *next; slot != &h->slots.ends; slot = next) {
		struct connection *c = (struct connection *)slot;
		next = slot->younger;
		if (now < c->deadline_ns)
			look_at(h, c->deadline_ns);
		else
			settle(h, c, connection_expire(c, &h->answerer, now));
	}
	if (h->accept_ns && now >= h->accept_ns) {
		watch(h, EPOLL_CTL_MOD, h->listen_fd, EPOLLIN, NULL);
		h->accept_ns = 0;
	}
	if (h->accept_ns)
		look_at(h, h->accept_ns);
}

static int start(struct http *h, const struct http_config *c, struct err *e)
{
	struct listen_address address;
	if (listen_parse(c->listen, &address, e) < 0 ||
	    listen_reserve(c->connections, h->answerer.serve_numbers, e) < 0)
		return -1;
	h->listen_fd = listen_open(c->listen, &address, &h->port, e);
	if (h->listen_fd < 0)
		return -1;
	h->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (h->epoll_fd < 0 || watch(h, EPOLL_CTL_ADD, h->listen_fd, EPOLLIN, NULL) < 0)
		return limit_err(e, errno, "http");
	return 0;
}

struct http *http_new(const struct http_config *c, const struct http_source *source, struct err *e)
{
	struct http *h = calloc(1, sizeof *h);
	if (!h) {
		err_set(e, ERR_OS, ENOMEM, "http");
		return NULL;
	}
	h->listen_fd = h->epoll_fd = -1;
	h->limit = c->connections;
	h->idle_ns = (int64_t)c->idle_seconds * NS_PER_S;
	h->look_ns = INT64_MAX;
	h->answerer.source = *source;
	h->answerer.serve_numbers = c->serve_numbers && source->open_numbers;
	slots_init(&h->slots);
	if (start(h, c, e) == 0)
		return h;
	http_free(h);
	return NULL;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	while (h->slots.open > 0)
		end_connection(h, (struct connection *)h->slots.ends.younger);
	if (h->epoll_fd >= 0)
		close(h->epoll_fd);
	if (h->listen_fd >= 0)
		close(h->listen_fd);
	free(h);
}

int http_fd(const struct http *h)
{
	return h->epoll_fd;
}

void http_run(struct http *h)
{
	struct epoll_event ready[EVENTS];
	bool arrivals = false;
	int64_t now = now_ns();
	int n = epoll_wait(h->epoll_fd, ready, EVENTS, 0);
	for (int i = 0; i < n; i++) {
		if (ready[i].data.ptr)
			turn(h, ready[i].data.ptr, now);
		else
			arrivals = true;
	}
	/* Behind the others: an arrival may end one of them, and its event must not be looked at then. */
	if (arrivals)
		accept_some(h, now);
	look(h, now);
}

int http_timeout_ms(const struct http *h)
{
	if (h->look_ns == INT64_MAX)
		return -1;
	int64_t ms = (h->look_ns - now_ns()) / (NS_PER_S / 1000) + 1;
	return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

unsigned http_port(const struct http *h)
{
	return h->port;
}
