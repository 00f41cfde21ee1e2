#include "run/news.h"

#include "base/log.h"

static void earn(struct news *n, int64_t now_ns)
{
	int64_t lines = (now_ns - n->earned_ns) / NEWS_EARN_NS;
	n->earned_ns += lines * NEWS_EARN_NS;
	n->lines = lines > NEWS_BURST - (int64_t)n->lines ? NEWS_BURST : n->lines + (unsigned)lines;
}

/* Takes the room for one more line. must: where there is none it is written all the same; else that is counted. */
static bool has_room(struct news *n, int64_t now_ns, bool must)
{
	earn(n, now_ns);
	bool room = n->lines > 0;
	n->lines -= room;
	n->left_out += !room && !must;
	return room || must;
}

/* The last field of a line: how many before it were left out. None when there were none, or it is left out itself. */
static struct log_field left_out(struct news *n, bool said)
{
	uint64_t lines = said ? n->left_out : 0;
	if (said)
		n->left_out = 0;
	return lines ? log_u64("left_out", lines) : (struct log_field){0};
}

void news_init(struct news *n, const char *source, int64_t now_ns)
{
	*n = (struct news){.source = source, .earned_ns = now_ns, .lines = NEWS_BURST, .state = GATE_STARTING};
}

void news_state(struct news *n, int64_t now_ns, enum gate_state s, enum gate_event event, const char *reason)
{
	bool failed = s == GATE_FAILED, said = has_room(n, now_ns, failed || n->state == GATE_OK);
	log_write(failed ? LOG_ERROR
		  : said ? LOG_INFO
			 : LOG_DEBUG,
		  "state",
		  (struct log_field[]){log_str("state", gate_state_name(s)),
				       log_str("event", gate_event_name(event)),
				       log_str("reason", reason),
				       left_out(n, said),
				       {0}});
	if (said)
		n->state = s;
}

void news_failed(struct news *n, int64_t now_ns, const struct health_failure *f, uint64_t samples, bool again)
{
	bool said = !again && has_room(n, now_ns, f->severity == HEALTH_PERMANENT);
	log_write(said ? LOG_WARN : LOG_DEBUG, "health test failed",
		  (struct log_field[]){log_str("test", health_test_name(f->test)),
				       log_str("severity", health_verdict_name(f->severity)),
				       log_u64("count", f->count),
				       log_u64("cutoff", f->cutoff),
				       log_u64("samples", samples),
				       left_out(n, said),
				       {0}});
}

void news_passed(struct news *n, int64_t now_ns, unsigned samples)
{
	bool said = has_room(n, now_ns, false);
	log_write(said ? LOG_INFO : LOG_DEBUG, "start-up test passed",
		  (struct log_field[]){log_u64("samples", samples), left_out(n, said), {0}});
}

void news_down(struct news *n, int64_t now_ns, const char *cause, const char *error)
{
	bool said = has_room(n, now_ns, !n->down);
	log_write(said ? LOG_ERROR : LOG_DEBUG, "source failed",
		  (struct log_field[]){log_str("source", n->source),
				       log_str("cause", cause),
				       log_str("error", error),
				       left_out(n, said),
				       {0}});
	n->down |= said;
}

void news_up(struct news *n, int64_t now_ns)
{
	bool said = has_room(n, now_ns, false);
	log_write(said ? LOG_INFO : LOG_DEBUG, "source is back",
		  (struct log_field[]){log_str("source", n->source), left_out(n, said), {0}});
	n->down &= !said;
}

void news_catch_up(struct news *n, int64_t now_ns, enum gate_state s)
{
	earn(n, now_ns);
	if (n->down && n->lines > 0)
		news_up(n, now_ns);
	if (n->state == s || n->lines == 0)
		return;
	has_room(n, now_ns, false);
	log_info("state", log_str("state", gate_state_name(s)), left_out(n, true));
	n->state = s;
}
