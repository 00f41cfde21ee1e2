#include "run/reader.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdio.h>

enum {
	PAUSE_FIRST_NS = 100000000, /* a source that fails is tried again after 0.1 s ... */
	PAUSE_MAX_NS = 1000000000,  /* ... up to 1 s: a re-bound driver is seen at once */
};

/* Between these two the counters are changed; observers get them when the change is complete. */
static struct source_counts *begin(struct reader *r)
{
	pthread_mutex_lock(&r->lock);
	return &r->counts;
}

static void end(struct reader *r)
{
	status_set(r->p->board, &r->counts);
	pthread_mutex_unlock(&r->lock);
}

void reader_init(struct reader *r, const struct pipeline *p, const struct run_config *config)
{
	*r = (struct reader){.p = p,
			     .sample_bits = config->source.sample_bits,
			     .size = READER_FIRST,
			     .pause_ns = PAUSE_FIRST_NS,
			     .lock = PTHREAD_MUTEX_INITIALIZER};
	reader_configure(r, config->source.timeout_seconds, config->health.watch_interval_seconds);
}

void reader_configure(struct reader *r, double timeout_seconds, double watch_seconds)
{
	struct source_counts *c = begin(r);

	/* Observers need both to tell whether what they see is stuck or stale. */
	c->read_overdue_ns = clock_from_seconds(timeout_seconds);
	c->watch_ns = clock_from_seconds(watch_seconds);
	end(r);
}

int64_t reader_next_watch_ns(struct reader *r)
{
	const struct source_counts *c = begin(r);
	int64_t watch = c->last_read_ns + c->watch_ns;
	end(r);
	return watch;
}

/* A read shall take an eighth of the time at most after which it counts as stuck: twice as many samples while it takes
 * less, half as many when it takes more. */
static void adapt_size(struct reader *r, int64_t took_ns, int64_t overdue_ns)
{
	/* The limits keep a very slow source going, and a fast one cheap. */
	bool slow = took_ns > overdue_ns / 8;
	if (slow && r->size > READER_MIN)
		r->size /= 2;
	else if (!slow && r->size < READER_MAX)
		r->size *= 2;
}

/* What the rate keeps back is said by reader_catch_up. */
static void say_back(struct reader *r)
{
	bool said = log_limited_at(&r->rate, io_now_ns(r->p->io), false, LOG_INFO, "source is back",
				   log_str("source", r->p->source->name));
	r->said_down &= !said;
}

void reader_catch_up(struct reader *r)
{
	/* Nothing is to be said where the log's last word is that the source is there. */
	if (r->said_down && log_rate_has_room(&r->rate, io_now_ns(r->p->io)))
		say_back(r);
}

static void on_samples(struct reader *r, size_t n, int64_t took_ns, bool *back)
{
	/* A read that was told as stuck has left its error behind, as a failed one has. */
	struct source_counts *c = begin(r);
	*back = c->error[0] != '\0';
	c->up = true;
	c->error[0] = '\0';
	c->last_read_ns = io_now_ns(r->p->io);
	c->read_bytes += n;
	histogram_add(&c->read_seconds, (double)took_ns / NS_PER_S);
	end(r);

	/* The next series of errors begins with the shortest pause and a line in the log again. */
	r->failing = false;
	r->pause_ns = PAUSE_FIRST_NS;
	if (*back)
		say_back(r);
}

static void on_error(struct reader *r, enum source_cause cause, const struct err *e)
{
	/* Each error is counted, and the last one shown for as long as it lasts. */
	struct source_counts *c = begin(r);
	c->up = false;
	c->read_errors[cause]++;
	str_copy(c->error, sizeof c->error, e->msg);
	end(r);

	/* Of a series of errors the first is said, and each pause is twice as long as the one before. */
	if (r->failing)
		r->pause_ns = 2 * r->pause_ns < PAUSE_MAX_NS ? 2 * r->pause_ns : PAUSE_MAX_NS;
	else
		r->said_down |= log_limited_at(&r->rate, io_now_ns(r->p->io), !r->said_down,
					       r->p->writes_once ? LOG_DEBUG : LOG_ERROR, "source failed",
					       log_str("source", r->p->source->name),
					       log_str("cause", source_cause_names[cause]), log_str("error", e->msg));
	r->failing = true;
}

ssize_t reader_read(struct reader *r, uint8_t *buf, size_t want, bool *back, struct err *e)
{
	enum source_cause cause = SOURCE_FINE;

	/* That a read is under way, and since when, is what reader_check_stuck looks at. */
	int64_t began = io_now_ns(r->p->io);
	struct source_counts *c = begin(r);
	c->read_began_ns = began;
	int64_t overdue = c->read_overdue_ns;
	end(r);

	/* Here it blocks, without the lock. */
	ssize_t n = r->p->source->ops->read(r->p->source->self, buf, want < r->size ? want : r->size, &cause, e);
	int64_t took = io_now_ns(r->p->io) - began;
	begin(r)->read_began_ns = 0;
	end(r);

	/* How it went is counted; of a read that gave samples its time decides how many the next one asks for. */
	if (n <= 0) {
		on_error(r, cause, e);
		return n;
	}
	on_samples(r, (size_t)n, took, back);
	adapt_size(r, took, overdue);

	/* A source of single bits gives one in each byte; whatever else is in the byte is none of its sample. */
	for (ssize_t i = 0; r->sample_bits == 1 && i < n; i++)
		buf[i] &= 1;
	return n;
}

bool reader_check_stuck(struct reader *r)
{
	char text[sizeof r->counts.error];

	/* The lock keeps the read from ending in between: either it is told here, or it has returned in time. */
	struct source_counts *c = begin(r);
	int64_t began = c->read_began_ns, age = io_now_ns(r->p->io) - began;
	bool stuck = began && age > c->read_overdue_ns && began != r->stuck_began_ns;

	/* Each such read is counted and told to the gate once; whoever asks again finds its beginning noted. */
	if (stuck) {
		snprintf(text, sizeof text,
			 "%.160s: no data for more than %g s: the read has not returned; the generator is stuck",
			 r->p->source->name, (double)c->read_overdue_ns / NS_PER_S);
		r->stuck_began_ns = began;
		c->up = false;
		c->read_errors[SOURCE_TIMEOUT]++;
		str_copy(c->error, sizeof c->error, text);
		gate_tell(r->p->gate, GATE_STUCK, text, io_now_ns(r->p->io), 0);
	}
	end(r);
	if (stuck)
		log_at(r->p->writes_once ? LOG_DEBUG : LOG_ERROR, "source failed", log_str("cause", "timeout"),
		       log_str("error", text));
	return stuck;
}
