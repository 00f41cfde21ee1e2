#include "run/run.h"

#include "base/log.h"
#include "base/str.h"
#include "run/control.h"
#include "run/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* It needs the privileges that the process gives up later, as the next one does. */
static int open_source(struct run *r, struct err *e)
{
	const struct source *s = &r->source;
	if (source_open(&r->source, &r->config->source, r->p.io, e) < 0)
		return err_wrap(e, "source");

	/* Which one it is stands in the log at once, and loudly where it is not the one that was hoped for. */
	const char *note = s->kind == SOURCE_KERNEL ? "no hardware is watched" : "";
	log_at(s->why[0] ? LOG_WARN : LOG_INFO, s->why[0] ? "source: a fallback was taken" : "source",
	       log_str("kind", source_kind_names[s->kind]), log_str("name", s->name),
	       log_str("reason", s->why[0] ? s->why : note));
	return 0;
}

/* Decides which H is in use. Everything that follows from it is made later: cutoffs, floors, what a seed needs. */
static int decide_min_entropy(struct run *r, struct err *e)
{
	struct source_identity noise;
	r->assessed = r->config->assessed;
	source_identify(&r->source, &noise);
	if (assessed_decide(&r->assessed, &noise, &r->source.h_per_sample, e) < 0)
		return -1;
	r->p.seed.h_per_sample = r->source.h_per_sample;
	status_set(r->p.board, &r->assessed);

	/* Evidence that is asked for and not in use is no reason to make no numbers, but somebody should see to it. */
	if (r->assessed.use == ASSESSED_MISSING)
		log_warn("no evidence: source.min_entropy is in use as it is configured; run "
			 "refresher-assess --output, and restart",
			 log_str("file", r->config->source.min_entropy_file));
	else if (r->assessed.use == ASSESSED_OTHER)
		log_warn("evidence of another generator is not used; assess this one and restart",
			 log_str("file", r->config->source.min_entropy_file), log_str("assessed", r->assessed.driver),
			 log_str("present", noise.driver[0] ? noise.driver : noise.name));
	else if (r->assessed.use == ASSESSED_LESS)
		log_info("less was assessed than source.min_entropy says, and is in use",
			 log_str("file", r->config->source.min_entropy_file));
	return 0;
}

static int open_sink(struct run *r, struct err *e)
{
	const char *note;
	r->p.sink = sink_open(&r->config->output, r->p.io, e);
	if (!r->p.sink)
		return err_wrap(e, "output");

	/* What the file system lacks, or readers should know, once each. */
	while ((note = sink_take_note(r->p.sink)) != NULL)
		log_warn("output", log_str("warning", note), log_str("file", sink_view(r->p.sink).path));
	return 0;
}

static int open_pool(struct run *r, struct err *e)
{
	size_t need = drbg_instantiate_need(&r->p.seed), capacity = r->config->source.pool_samples;

	/* At a small H the first seed may want more than the pool's bound: then the need is the bound. */
	r->locked.wanted = r->config->memory_lock;
	r->p.pool = pool_new(capacity > need ? capacity : need, &r->locked, e);
	return r->p.pool ? 0 : -1;
}

/* Once every stage has allocated what it holds secrets in. */
static void report_memory_lock(struct run *r)
{
	struct rlimit limit = {0, 0};
	struct confine_layer *layer = &r->memory_lock;
	char remedy[160];

	/* It is a layer of the confinement like the others; that it does not hold is a warning with its remedy. */
	getrlimit(RLIMIT_MEMLOCK, &limit);
	str_copy(layer->name, sizeof layer->name, "memory_lock");
	layer->holds =
		locked_explain(&r->locked, limit.rlim_cur, layer->detail, sizeof layer->detail, remedy, sizeof remedy);
	if (remedy[0])
		log_warn("memory is not locked: secrets may be swapped out", log_str("locked", layer->detail),
			 log_str("reason", remedy));
}

/* Objects without a thread yet: secrets are allocated here, while memory may still be locked. */
static int open_threads(struct run *r, struct err *e)
{
	r->worker = worker_new(&r->p, r->config, e);
	if (!r->worker)
		return -1;
	r->collector = collector_new(&r->p, r->config, e);
	return r->collector ? 0 : -1;
}

/* The source first: auto may fork for a first read, and no thread and no secret exists yet. */
static int open_all(struct run *r, struct err *e)
{
	if (open_source(r, e) < 0 || decide_min_entropy(r, e) < 0 || open_sink(r, e) < 0 || drbg_self_test(e) < 0 ||
	    open_pool(r, e) < 0 || open_threads(r, e) < 0 || loop_open(&r->loop, e) < 0)
		return -1;

	/* Observers see all of it from the first question on. */
	control_describe(r);
	report_memory_lock(r);
	process_open(&r->process);
	return 0;
}

struct run *run_open(const struct run_config *c, const struct io *io, struct err *e)
{
	struct run *r = calloc(1, sizeof *r);
	if (!r) {
		err_set(e, ERR_OS, ENOMEM, "run");
		return NULL;
	}

	/* Inert at first, so that run_close can take back whatever part of it was opened. */
	loop_block_signals();
	r->config = c;
	r->p = (struct pipeline){
		.io = io,
		.source = &r->source,
		.gate = &r->gate,
		.board = &r->board,
		.account = &r->locked,
		.seed = {.h_per_sample = c->source.min_entropy, .margin_bits = DRBG_MARGIN_BITS, .account = &r->locked},
		.writes_once = run_is_once(c),
		.ring = loop_ring,
		.ring_self = &r->loop};
	r->process = (struct process){.stat_fd = -1, .fd_dir = -1};
	r->loop = (struct loop){-1, -1, -1};
	gate_init(&r->gate, io_now_ns(io));
	status_init(&r->board, io, &r->gate);
	if (open_all(r, e) < 0) {
		run_close(r);
		return NULL;
	}
	return r;
}

int run_go(struct run *r, const struct run_service *service, const struct run_reload *reload, struct err *e)
{
	/* The reason of the end is kept where the loop has left it. */
	r->reload = reload;
	control_run(r, service);
	if (r->rc < 0)
		*e = r->end_err;
	return r->rc;
}

void run_snapshot(void *run, bool with_process, struct status *out)
{
	struct run *r = run;

	/* The pool has no thread of its own that would tell. */
	struct pool_counts pool = pool_counts(r->p.pool);
	struct process_counts process = {0};
	status_set(r->p.board, &pool);

	/* Nor has the process itself, and to ask after it costs some system calls. */
	if (with_process)
		process_sample(&r->process, io_now_ns(r->p.io), &process);
	status_set(r->p.board, &process);
	status_copy(r->p.board, out);
}

int run_open_published(void *run, struct stat *st)
{
	const struct run *r = run;
	return sink_open_published(r->p.sink, st);
}

void run_report(struct run *r, struct confine_report *report)
{
	report->layers[report->count++] = r->memory_lock;
	status_set(r->p.board, report);
}

void run_configured(struct run *r, const struct config_counts *c)
{
	status_set(r->p.board, c);
}

struct sink *run_sink(struct run *r)
{
	return r->p.sink;
}

bool run_close(struct run *r)
{
	if (!r)
		return true;

	/* The main loop has waited for both already. What a thread that is still in the kernel may use is not freed,
	 * but the secrets go, as far as nobody works with them. */
	int64_t deadline = io_now_ns(r->p.io) + 100000000;
	bool worker_over = thread_join(&r->worker_thread, deadline);
	bool collector_over = thread_join(&r->collector_thread, deadline);
	if (worker_over)
		worker_free(r->worker);
	if (!worker_over || !collector_over) {
		pool_discard(r->p.pool);
		return false;
	}

	/* The users before what they use. */
	collector_free(r->collector);
	pool_free(r->p.pool);
	sink_free(r->p.sink);
	source_close(&r->source);
	process_close(&r->process);
	loop_close(&r->loop);
	free(r);
	return true;
}
