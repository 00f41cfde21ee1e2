#include "run/status.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct status_board {
	pthread_mutex_t lock;
	const struct io *io; /* its clocks */
	int64_t wall_offset_ns;
	struct status live;
	struct gate *gate;
};

/* From here on a difference between two readings of the wall clock is a step, and not the time between two readings. */
static const int64_t wall_step_ns = 1000000;

const double status_read_bounds[STATUS_READ_BUCKETS] = {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 10, 60};
const double status_refresh_bounds[STATUS_REFRESH_BUCKETS] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10, 60};

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
	b->live.start_mono_ns = io->mono_ns(io->self);
	b->live.state_since_mono_ns = b->live.start_mono_ns;
	b->live.stage_since_mono_ns = b->live.start_mono_ns;
	b->live.last_reload_mono_ns = b->live.start_mono_ns;
	b->live.kernel_quality_ratio = -1;
	b->live.drbg_ok = true;
	b->live.sink_ok = b->live.directory_ok = true;
	b->live.reload_ok = true;
	return b;
}

void status_free(struct status_board *b)
{
	if (!b)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b);
}

struct status *status_edit(struct status_board *b)
{
	pthread_mutex_lock(&b->lock);
	return &b->live;
}

void status_done(struct status_board *b)
{
	pthread_mutex_unlock(&b->lock);
}

static void show_gate(struct gate *gate, struct status *out)
{
	struct gate_view v;
	gate_copy(gate, &v);
	out->state = v.state;
	out->state_since_mono_ns = v.since_ns;
	out->retry_at_mono_ns = v.retry_at_ns;
	out->failures_latched = v.failures_latched;
	status_text(out->state_reason, sizeof out->state_reason, v.reason);
}

/* The distance of the two clocks is kept from copy to copy until the wall clock steps: then a moment in the past has
 * one and the same wall time in every copy, although two clocks cannot be read at once. */
static void set_now(struct status_board *b, struct status *out)
{
	out->now_mono_ns = b->io->mono_ns(b->io->self);
	int64_t offset = b->io->real_ns(b->io->self) - out->now_mono_ns;
	pthread_mutex_lock(&b->lock);
	int64_t change = offset - b->wall_offset_ns;
	if (change > wall_step_ns || change < -wall_step_ns)
		b->wall_offset_ns = offset;
	out->now_real_ns = out->now_mono_ns + b->wall_offset_ns;
	pthread_mutex_unlock(&b->lock);
}

void status_copy(struct status_board *b, struct status *out)
{
	pthread_mutex_lock(&b->lock);
	*out = b->live;
	pthread_mutex_unlock(&b->lock);
	if (b->gate)
		show_gate(b->gate, out);
	set_now(b, out);
}

void status_text(char *dst, unsigned long cap, const char *src)
{
	if (cap == 0)
		return;
	size_t len = strnlen(src, cap - 1);
	memmove(dst, src, len);
	dst[len] = '\0';
}

void histogram_add(struct histogram *h, const double *bounds, unsigned n, double seconds)
{
	unsigned i = 0;
	while (i < n && seconds > bounds[i]) /* a bucket includes its upper bound */
		i++;
	h->buckets[i]++;
	h->count++;
	h->sum += seconds;
}

const char *status_test_name(enum status_test t)
{
	static const char *const names[STATUS_TESTS] = {
		"repetition_count",
		"adaptive_proportion",
		"startup",
		"on_demand",
	};
	return names[t];
}

const char *status_severity_name(enum status_severity s)
{
	static const char *const names[STATUS_SEVERITIES] = {"intermittent", "permanent"};
	return names[s];
}

const char *status_cause_name(enum status_cause c)
{
	static const char *const names[STATUS_CAUSES] = {
		"missing", "wrong_type", "cgroup", "mode", "no_driver", "io", "end", "timeout", "unsupported",
	};
	return names[c];
}

const char *status_reason_name(enum status_reason r)
{
	static const char *const names[STATUS_REASONS] = {"start", "refresh", "interval", "recovery"};
	return names[r];
}

const char *status_stage_name(enum status_stage s)
{
	static const char *const names[STATUS_STAGES] = {"entropy", "generate", "write", "publish"};
	return names[s];
}
