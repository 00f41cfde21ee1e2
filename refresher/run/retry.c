#include "run/retry.h"

#include "base/clock.h"

void retry_init(struct retry *r, double min_seconds, double max_seconds)
{
	/* Nothing is tried again yet: the first start-up test is no retry. */
	*r = (struct retry){.min_ns = clock_from_seconds(min_seconds), .max_ns = clock_from_seconds(max_seconds)};
	r->pause_ns = r->min_ns;
}

void retry_begin(struct retry *r)
{
	/* So many start-up tests may follow one another now. */
	r->blocks_left = RETRY_BLOCKS;
}

void retry_passed(struct retry *r, int64_t now_ns)
{
	/* The next permanent failure is a new one, and not one more of this retry. */
	r->ok_since_ns = now_ns;
	r->blocks_left = 0;
}

void retry_break_off(struct retry *r)
{
	r->blocks_left = 0;
}

/* The failure of the last block begins the pause. */
bool retry_has_block(struct retry *r)
{
	if (r->blocks_left > 0)
		r->blocks_left--;
	return r->blocks_left > 0;
}

void retry_pause(struct retry *r, int64_t now_ns)
{
	/* A source that held for the longest pause has earned the shortest one again. */
	if (r->ok_since_ns && now_ns - r->ok_since_ns > r->max_ns)
		r->pause_ns = r->min_ns;
	r->ok_since_ns = 0;

	/* This pause, and the next one twice as long. */
	r->at_ns = now_ns + r->pause_ns;
	r->pause_ns = 2 * r->pause_ns < r->max_ns ? 2 * r->pause_ns : r->max_ns;
}

bool retry_is_repeated(const struct retry *r)
{
	return r->blocks_left > 0 && r->blocks_left < RETRY_BLOCKS;
}
