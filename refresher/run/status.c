#include "run/status.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct status_board {
	pthread_mutex_t lock;
	const struct io *io; /* its clocks */
	struct gate *gate;
	int64_t wall_offset_ns;
	struct status live;
};

/* From here on a difference between two readings of the wall clock is a step, and not the time between two readings. */
static const int64_t wall_step_ns = 1000000;

struct status_board *status_new(const struct io *io, struct gate *gate)
{
	struct status_board *b = calloc(1, sizeof *b);
	if (!b)
		return NULL;
	if (pthread_mutex_init(&b->lock, NULL) != 0) {
		free(b);
		return NULL;
	}
	b->io = io;
	b->gate = gate;
	return b;
}

void status_free(struct status_board *b)
{
	if (!b)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static void set(struct status_board *b, void *part, const void *counts, size_t size)
{
	pthread_mutex_lock(&b->lock);
	memcpy(part, counts, size);
	pthread_mutex_unlock(&b->lock);
}

void status_set_noise(struct status_board *b, const struct source_identity *c)
{
	set(b, &b->live.noise, c, sizeof *c);
}

void status_set_source(struct status_board *b, const struct source_counts *c)
{
	set(b, &b->live.source, c, sizeof *c);
}

void status_set_health(struct status_board *b, const struct health_counts *c)
{
	set(b, &b->live.health, c, sizeof *c);
}

void status_set_pool(struct status_board *b, const struct pool_counts *c)
{
	set(b, &b->live.pool, c, sizeof *c);
}

void status_set_drbg(struct status_board *b, const struct drbg_counts *c)
{
	set(b, &b->live.drbg, c, sizeof *c);
}

void status_set_refresh(struct status_board *b, const struct refresh_counts *c)
{
	set(b, &b->live.refresh, c, sizeof *c);
}

void status_set_output(struct status_board *b, const struct sink_counts *c)
{
	set(b, &b->live.output, c, sizeof *c);
}

void status_set_daemon(struct status_board *b, const struct daemon_counts *c)
{
	set(b, &b->live.daemon, c, sizeof *c);
}

void status_set_confine(struct status_board *b, const struct confine_report *c)
{
	set(b, &b->live.confine, c, sizeof *c);
}

/* The distance of the two clocks is kept from copy to copy until the wall clock steps: then a moment in the past has
 * one and the same wall time in every copy, although two clocks cannot be read at once. */
static void set_now(struct status_board *b, struct status *out)
{
	out->now_ns = b->io->boottime_ns(b->io->self);
	int64_t offset = b->io->real_ns(b->io->self) - out->now_ns;
	int64_t change = offset - b->wall_offset_ns;
	if (change > wall_step_ns || change < -wall_step_ns)
		b->wall_offset_ns = offset;
	out->now_wall_ns = out->now_ns + b->wall_offset_ns;
}

void status_copy(struct status_board *b, struct status *out)
{
	pthread_mutex_lock(&b->lock);
	*out = b->live;
	set_now(b, out);
	pthread_mutex_unlock(&b->lock);
	if (b->gate)
		gate_copy(b->gate, &out->gate);
}
