#include "run/status.h"

#include <string.h>

/* From here on a difference between two readings of the wall clock is a step, and not the time between two readings. */
static const int64_t wall_step_ns = 1000000;

void status_init(struct status_board *b, const struct io *io, struct gate *gate)
{
	/* Zeros are what observers see of a stage that has not told anything yet. */
	*b = (struct status_board){.lock = PTHREAD_MUTEX_INITIALIZER, .io = io, .gate = gate};
}

void status_put(struct status_board *b, size_t offset, const void *part, size_t size)
{
	/* Whole parts are copied, in and out, so that no observer sees a part half changed. */
	pthread_mutex_lock(&b->lock);
	memcpy((char *)&b->present + offset, part, size);
	pthread_mutex_unlock(&b->lock);
}

/* The distance of the two clocks is kept from copy to copy until the wall clock steps: then a moment in the past has
 * one and the same wall time in every copy, although two clocks cannot be read at once. */
static void set_now(struct status_board *b, struct status *out)
{
	out->now_ns = io_now_ns(b->io);

	/* A step is what no delay between the two readings explains. */
	int64_t offset = io_real_ns(b->io) - out->now_ns;
	int64_t change = offset - b->wall_offset_ns;
	if (change > wall_step_ns || change < -wall_step_ns)
		b->wall_offset_ns = offset;
	out->now_wall_ns = out->now_ns + b->wall_offset_ns;
}

void status_copy(struct status_board *b, struct status *out)
{
	/* The gate has a lock of its own, and is asked first: counters are shown before the state that follows from
	 * them, so what led to this state is in the copy, and its beginning is not later than the copy. */
	struct gate_view gate = b->gate ? gate_view(b->gate) : (struct gate_view){0};
	pthread_mutex_lock(&b->lock);

	/* All parts and both clocks are of one moment. */
	*out = b->present;
	out->gate = gate;
	set_now(b, out);
	pthread_mutex_unlock(&b->lock);
}
