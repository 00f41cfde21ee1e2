#include "run/refresh.h"

#include "base/clock.h"
#include "base/str.h"

#include "run/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char manifest_suffix[] = ".json";

enum { BEAT_NS = 100000000, SLICE_NS = 1000000000, KERNEL_BYTES = 32 };
static const int64_t SELF_TEST_NS = INT64_C(3600) * 1000000000; /* a known-answer test is due again after an hour */
enum { LOCK_PAUSE_MIN_NS = 1000000, LOCK_PAUSE_MAX_NS = 100000000 };

static int64_t now_ns(const struct refresh *r)
{
	return r->io->boottime_ns(r->io->self);
}

void refresh_show(struct refresh *r)
{
	status_set(r->board, &r->counts);
	status_set(r->board, &r->seeds);
	status_set(r->board, &r->output);
}

void refresh_beat(struct refresh *r, const char *activity)
{
	struct refresh_counts *c = &r->counts;
	c->heartbeat_ns = now_ns(r);
	if (strcmp(c->activity, activity) != 0) {
		str_copy(c->activity, sizeof c->activity, activity);
		c->activity_since_ns = c->heartbeat_ns;
	}
	refresh_show(r);
}

size_t refresh_need(const struct refresh *r)
{
	struct drbg_params p = {.h_per_sample = r->config.source.min_entropy, .margin_bits = DRBG_MARGIN_BITS};
	return drbg_is_ready(r->drbg) ? drbg_reseed_need(&p) : drbg_instantiate_need(&p);
}

static int pool_error(struct refresh *r, size_t need, struct err *e)
{
	struct gate_view v = gate_view(r->gate);
	return err_set(e, ERR_UNAVAILABLE, 0, "no seed (%zu of %zu samples): %s", pool_level(r->pool), need,
		       v.reason[0] ? v.reason : "the source is too slow; raise source.timeout");
}

/* In slices, so that the heartbeat goes on: waiting for a source is no fault of this process. */
static int await_samples(struct refresh *r, size_t need, int64_t deadline_ns, struct err *e)
{
	while (pool_level(r->pool) < need) {
		int64_t now = now_ns(r), slice = now + SLICE_NS;
		if (atomic_load(r->stop))
			return err_set(e, ERR_UNAVAILABLE, 0, "stopping");
		if (now >= deadline_ns || gate_is_hopeless(r->gate, r->config.interval_seconds <= 0))
			return pool_error(r, need, e);
		pool_wait_level(r->pool, need, slice < deadline_ns ? slice : deadline_ns);
		refresh_beat(r, "entropy");
	}
	return 0;
}

static void count_reseed(struct refresh *r, enum drbg_reason reason)
{
	r->seeds.reseeds[reason]++;
	r->seeds.last_reseed_ns = now_ns(r);
	r->seeds.ok = true;
	r->seeds.error[0] = '\0';
	refresh_show(r);
}

int refresh_self_test(struct refresh *r, struct err *e)
{
	struct drbg_counts *c = &r->seeds;
	const bool asked = atomic_exchange(r->self_test, false);

	/* A test that failed is due until it passes. */
	if (!asked && c->self_test_ok && now_ns(r) - c->last_self_test_ns < SELF_TEST_NS)
		return 0;

	/* What it says holds for the state of the DRBG: one that was in error for another reason stays so. */
	const bool was_ok = c->self_test_ok;
	c->self_test_ok = drbg_self_test(e) == 0;
	c->self_tests++;
	c->last_self_test_ns = now_ns(r);
	if (c->self_test_ok != was_ok) {
		c->ok = c->self_test_ok;
		str_copy(c->error, sizeof c->error, c->ok ? "" : e->msg);
	}
	refresh_show(r);
	return c->self_test_ok ? 0 : -1;
}

struct progress {
	uint64_t left;         /* numbers still to be made */
	uint64_t since_reseed; /* DRBG bytes */
	int64_t began_ns;
	uint64_t bytes;            /* of text written */
	struct gate_ticket ticket; /* taken with its first seed */
};

/* Additional input of every request to the DRBG, and of every seed: a bad device never weakens the output, and a
 * machine that is cloned, in the midst of a refresh too, parts from its twin with the next request. */
static int kernel_bytes(uint8_t kernel[KERNEL_BYTES], struct err *e)
{
	if (getrandom(kernel, KERNEL_BYTES, 0) != KERNEL_BYTES)
		return err_set(e, ERR_OS, errno, "getrandom");
	return 0;
}

/* Entropy input comes from the pool, additional input from the kernel. */
static int seed(struct refresh *r, int64_t deadline_ns, enum drbg_reason reason, struct progress *p, struct err *e)
{
	uint8_t kernel[KERNEL_BYTES];
	if (await_samples(r, refresh_need(r), deadline_ns, e) < 0)
		return -1;
	/* Before the samples are taken: a failure that is latched in between empties the pool, so the seed fails. */
	if (reason != DRBG_INTERVAL)
		p->ticket = gate_ticket(r->gate);
	if (kernel_bytes(kernel, e) < 0)
		return -1;
	bool ready = drbg_is_ready(r->drbg), recovered = atomic_exchange(r->recovered, false);
	if (!ready)
		reason = DRBG_START;
	else if (recovered && reason == DRBG_REFRESH)
		reason = DRBG_RECOVERY;
	int rc = ready ? drbg_reseed(r->drbg, kernel, sizeof kernel, e)
		       : drbg_instantiate(r->drbg, kernel, sizeof kernel, e);
	wipe(kernel, sizeof kernel);
	if (rc < 0) {
		if (recovered)
			atomic_store(r->recovered, true);
		return -1;
	}
	count_reseed(r, reason);
	return 0;
}

static size_t random_wanted(const struct refresh *r, const struct progress *p)
{
	size_t each = numbers_draw_bytes(&r->config.numbers);
	if (p->left < RANDOM_BUFFER / each)
		return (size_t)p->left * each;
	return RANDOM_BUFFER / each * each;
}

/* For the format `runner`: the time of these lines, and the time that a number took so far. Other formats do not look.
 */
static void stamp(struct refresh *r, const struct progress *p)
{
	uint64_t made = r->config.numbers.count - p->left;
	if (r->config.numbers.format != NUMBERS_RUNNER)
		return;
	r->stamp.real_ns = r->io->real_ns(r->io->self);
	r->stamp.nanos = made ? (now_ns(r) - p->began_ns) / (int64_t)made : 0;
}

/* Where the text of the random bytes at `at` shall be made. Raw bytes stay where they are: copied to another buffer
 * they came out at a third of the rate. */
static char *text_place(const struct refresh *r, size_t at, size_t end, size_t *cap)
{
	bool raw = r->config.numbers.format == NUMBERS_BINARY;
	*cap = raw ? end - at : TEXT_BUFFER;
	return raw ? (char *)r->random + at : r->text;
}

/* One buffer of random bytes to text and to the sink. */
static int pump(struct refresh *r, struct progress *p, enum refresh_stage *stage, struct err *e)
{
	uint8_t kernel[KERNEL_BYTES];
	size_t at = 0, want = random_wanted(r, p);
	int rc;

	/* One buffer is one request to the DRBG. */
	*stage = REFRESH_GENERATE;
	if (kernel_bytes(kernel, e) < 0)
		return -1;
	rc = drbg_generate(r->drbg, r->random, want, false, kernel, sizeof kernel, e);
	wipe(kernel, sizeof kernel);
	if (rc < 0)
		return -1;
	r->seeds.generated_bytes += want;
	p->since_reseed += want;

	/* Its bytes become text, as much of it at a time as the text's buffer holds. */
	while (rc == 0 && p->left > 0) {
		size_t cap;
		char *text = text_place(r, at, want, &cap);
		stamp(r, p);
		struct numbers_step step =
			numbers_fill(&r->config.numbers, &r->stamp, r->random + at, want - at, p->left, text, cap);
		if (step.used == 0)
			break;
		at += step.used;
		p->left -= step.made;
		p->bytes += step.written;
		if (r->digest)
			digest_add(r->digest, text, step.written);
		*stage = REFRESH_WRITE;
		rc = sink_write(r->sink, text, step.written, e);
	}
	wipe(r->random, want);
	return rc;
}

/* Shows the ticket. A failure of the source is one of the stage "entropy", wherever the refresh has got to. */
static int check_ticket(struct refresh *r, const struct progress *p, enum refresh_stage *stage, struct err *e)
{
	if (gate_admit(r->gate, p->ticket, e) == 0)
		return 0;
	*stage = REFRESH_ENTROPY;
	return -1;
}

static int generate(struct refresh *r, struct progress *p, enum refresh_stage *stage, struct err *e)
{
	refresh_beat(r, "generate");
	while (p->left > 0) {
		if (atomic_load(r->stop))
			return err_set(e, ERR_UNAVAILABLE, 0, "stopping");
		if (p->since_reseed >= r->config.seed.reseed_bytes) {
			*stage = REFRESH_ENTROPY;
			refresh_beat(r, "entropy");
			int64_t until = now_ns(r) + (int64_t)(r->config.source.timeout_seconds * 1e9);
			if (seed(r, until, DRBG_INTERVAL, p, e) < 0)
				return -1;
			p->since_reseed = 0;
		}
		/* Before each piece: where readers see it at once, or a lock was waited for, the end is too late. */
		if (check_ticket(r, p, stage, e) < 0 || pump(r, p, stage, e) < 0)
			return -1;
		if (now_ns(r) - r->counts.heartbeat_ns > BEAT_NS)
			refresh_beat(r, "generate");
	}
	return 0;
}

static int publish_manifest(struct refresh *r, uint64_t bytes, struct err *e)
{
	char sha[65], text[MANIFEST_MAX];
	int rc = 0;
	if (r->digest) {
		digest_hex(r->digest, sha);
		struct manifest m = {.numbers = &r->config.numbers,
				     .noise = &r->noise,
				     .generation = r->output.generation,
				     .bytes = bytes,
				     .wall_ns = r->io->real_ns(r->io->self),
				     .state = gate_view(r->gate).state,
				     .sha256 = sha};
		size_t len = manifest_render(&m, text, sizeof text);
		rc = sink_publish_companion(r->sink, manifest_suffix, text, len, e);
		r->manifest_left = true;
	} else if (r->manifest_left) { /* switched off by a reload: what is left speaks of an older file */
		rc = sink_remove(r->sink, manifest_suffix, e);
		r->manifest_left = rc < 0;
	}
	return rc < 0 ? err_wrap(e, "manifest") : 0;
}

int refresh_remove(struct refresh *r, struct err *e)
{
	if (sink_remove(r->sink, "", e) < 0)
		return -1;
	if (!r->config.numbers.manifest && !r->manifest_left)
		return 0;
	r->manifest_left = false;
	return sink_remove(r->sink, manifest_suffix, e);
}

static void count_success(struct refresh *r, uint64_t bytes, int64_t began_ns)
{
	struct sink_counts *o = &r->output;
	o->generation++;
	o->file_numbers = r->config.numbers.count;
	o->file_bytes = bytes;
	o->numbers_written += r->config.numbers.count;
	o->published_ns = now_ns(r);
	o->ok = o->directory_ok = true;
	histogram_add(&r->counts.seconds, (double)(o->published_ns - began_ns) / NS_PER_S);
	r->counts.error[0] = '\0';
	refresh_show(r);
}

void refresh_adopt(struct refresh *r)
{
	struct stat st;
	if (!sink_adopt(r->sink, &st))
		return;

	/* A clock that was wrong, then or now, makes no file newer than now or older than 1970. */
	int64_t now_s = r->io->real_ns(r->io->self) / NS_PER_S, written_s = st.st_mtim.tv_sec;
	if (written_s > now_s)
		written_s = now_s;
	if (written_s < 0)
		written_s = 0;
	r->output.published_ns = now_ns(r) - (now_s - written_s) * NS_PER_S;
	r->output.file_bytes = (uint64_t)st.st_size;
	refresh_show(r);
}

static int prepare_digest(struct refresh *r, struct err *e)
{
	if (!r->config.numbers.manifest) {
		digest_free(r->digest);
		r->digest = NULL;
		return 0;
	}
	if (!r->digest)
		r->digest = digest_new(e);
	if (!r->digest)
		return -1;
	digest_reset(r->digest);
	return 0;
}

/* A reader may hold a lock on the file. It is asked for again and again until the next tick is due, with a sign of life
 * each time: whoever keeps it costs this refresh, and nothing else. */
static int begin(struct refresh *r, int64_t tick_ns, struct err *e)
{
	int64_t pause = LOCK_PAUSE_MIN_NS;
	int64_t until = tick_ns ? tick_ns : now_ns(r) + (int64_t)(r->config.source.timeout_seconds * 1e9);
	for (;;) {
		int rc = sink_begin(r->sink, e);
		if (rc <= 0)
			return rc;
		if (atomic_load(r->stop))
			return err_set(e, ERR_UNAVAILABLE, 0, "stopping");
		int64_t left = until - now_ns(r);
		if (left <= 0)
			return -1;
		r->io->sleep_ns(r->io->self, pause < left ? pause : left);
		pause = pause < LOCK_PAUSE_MAX_NS / 2 ? pause * 2 : LOCK_PAUSE_MAX_NS;
		refresh_beat(r, "lock");
	}
}

/* 1 with *e: published, see sink_commit. */
static int seed_and_write(struct refresh *r, const struct refresh_times *t, struct progress *p,
			  enum refresh_stage *stage, struct err *e)
{
	*stage = REFRESH_ENTROPY;
	refresh_beat(r, "entropy");
	if (seed(r, t->seed_until_ns, DRBG_REFRESH, p, e) < 0)
		return -1;
	*stage = REFRESH_GENERATE;
	if (prepare_digest(r, e) < 0)
		return -1;
	*stage = REFRESH_WRITE;
	refresh_beat(r, "write");
	if (begin(r, t->next_tick_ns, e) < 0)
		return -1;
	if (generate(r, p, stage, e) < 0)
		return -1;
	*stage = REFRESH_WRITE;
	refresh_beat(r, "write");
	if (sink_seal(r->sink, e) < 0)
		return -1;
	/* The disk may have taken its time over that. */
	if (check_ticket(r, p, stage, e) < 0)
		return -1;
	*stage = REFRESH_PUBLISH;
	refresh_beat(r, "publish");
	return sink_commit(r->sink, e);
}

int refresh_once(struct refresh *r, const struct refresh_times *t, enum refresh_stage *stage, struct err *e)
{
	int64_t began = now_ns(r);
	struct progress p = {.left = r->config.numbers.count, .began_ns = began};
	struct err ignored; /* of two faults the first is told */
	r->counts.attempts++;

	/* No numbers from code that no longer gives the answers it must give. */
	*stage = REFRESH_GENERATE;
	if (refresh_self_test(r, e) < 0)
		return -1;
	int rc = seed_and_write(r, t, &p, stage, e);
	if (rc < 0) {
		sink_abort(r->sink, e);
		return -1;
	}
	count_success(r, p.bytes, began);
	return publish_manifest(r, p.bytes, rc ? &ignored : e) < 0 ? 1 : rc;
}

void refresh_describe(struct refresh *r)
{
	r->counts.interval_seconds = r->config.interval_seconds;
	str_copy(r->counts.format, sizeof r->counts.format, numbers_format_names[r->config.numbers.format]);
	refresh_show(r);
}

int refresh_init(struct refresh *r, struct err *e)
{
	uint8_t id[16];
	struct drbg_params p = {
		.h_per_sample = r->config.source.min_entropy, .margin_bits = DRBG_MARGIN_BITS, .account = r->account};
	r->random = locked_new(RANDOM_BUFFER, r->account);
	r->text = malloc(TEXT_BUFFER);
	if (!r->random || !r->text)
		return err_set(e, ERR_OS, ENOMEM, "refresh buffers");
	r->drbg = drbg_new(r->pool, &p, e);
	if (!r->drbg)
		return -1;
	if (getrandom(id, sizeof id, 0) != (ssize_t)sizeof id)
		return err_set(e, ERR_OS, errno, "getrandom");
	numbers_uuid(id, r->stamp.uuid);

	/* Well until something fails; the known-answer test has passed before this object exists. */
	r->seeds.ok = r->output.ok = r->output.directory_ok = true;
	r->seeds.self_test_ok = true;
	r->seeds.self_tests = 1;
	r->seeds.last_self_test_ns = now_ns(r);
	str_copy(r->output.file, sizeof r->output.file, sink_path(r->sink));
	str_copy(r->output.mode, sizeof r->output.mode, sink_mode_name(sink_mode(r->sink)));
	refresh_describe(r);
	return 0;
}

void refresh_fini(struct refresh *r)
{
	drbg_free(r->drbg);
	digest_free(r->digest);
	locked_free(r->random, RANDOM_BUFFER);
	if (r->text)
		wipe(r->text, TEXT_BUFFER);
	free(r->text);
	r->drbg = NULL;
	r->digest = NULL;
	r->random = NULL;
	r->text = NULL;
}
