/* news.h - what the collector tells the log: each change of the source and of the state, as long as they are few.
 *
 * A source that flaps, or fails a test every few samples, changes a thousand times a minute. After a burst of
 * NEWS_BURST lines one more is written every NEWS_EARN_NS; it says in left_out=N how many were not. Two things are
 * always said: a permanent failure, since the back-off keeps those apart, and that all is well no longer where the log
 * says it is. That all is well again, and was left out, is made good later (news_catch_up). One owner: the collector
 * thread. */
#ifndef REFRESHER_RUN_NEWS_H
#define REFRESHER_RUN_NEWS_H

#include "health/health.h"
#include "run/gate.h"

#include <stdbool.h>
#include <stdint.h>

enum { NEWS_BURST = 20 };
#define NEWS_EARN_NS INT64_C(3000000000)

struct news {
	const char *source;    /* its name; kept by address */
	int64_t earned_ns;     /* until when the lines are counted in */
	unsigned lines;        /* that may be written now */
	uint64_t left_out;     /* since the last one that was written */
	enum gate_state state; /* what the log says now */
	bool down;
};

void news_init(struct news *n, const char *source, int64_t now_ns);

void news_state(struct news *n, int64_t now_ns, enum gate_state s, enum gate_event event, const char *reason);
/* again: one more of the same retry, for the log at level debug. */
void news_failed(struct news *n, int64_t now_ns, const struct health_failure *f, uint64_t samples, bool again);
void news_passed(struct news *n, int64_t now_ns, unsigned samples); /* a start-up test */
void news_down(struct news *n, int64_t now_ns, const char *cause, const char *error);
void news_up(struct news *n, int64_t now_ns);

/* After each read that gave samples: whatever the log says otherwise, if there is room for it. */
void news_catch_up(struct news *n, int64_t now_ns, enum gate_state s);

#endif
