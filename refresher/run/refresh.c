#include "run/refresh.h"

#include "base/clock.h"
#include "base/str.h"
#include "run/kernel_bytes.h"
#include "run/manifest.h"

#include <errno.h>
#include <string.h>

static const char manifest_suffix[] = ".json";

enum { BEAT_NS = 100000000, SHORT_COUNT = 100000 };
enum { LOCK_PAUSE_MIN_NS = 1000000, LOCK_PAUSE_MAX_NS = 100000000 };

/* ---- what observers see ------------------------------------------------------------------------------------------ */

void refresh_show(struct refresh *r)
{
	/* Three parts of the status, of which the worker is the owner. */
	status_set(r->p->board, &r->counts);
	status_set(r->p->board, &r->seeds);
	status_set(r->p->board, &r->output);
}

void refresh_beat(struct refresh *r, const char *activity)
{
	struct refresh_counts *c = &r->counts;

	/* How long it has been at the same thing tells an observer where it hangs. */
	c->heartbeat_ns = io_now_ns(r->p->io);
	if (strcmp(c->activity, activity) != 0) {
		str_copy(c->activity, sizeof c->activity, activity);
		c->activity_since_ns = c->heartbeat_ns;
	}
	refresh_show(r);
}

/* A stage has the name of what the worker does in it. */
void refresh_enter(struct refresh *r, enum refresh_stage stage)
{
	r->stage = stage;
	refresh_beat(r, refresh_stage_names[stage]);
}

static void count_success(struct refresh *r)
{
	struct sink_counts *o = &r->output;

	/* The present file, and what was published in all. */
	o->generation++;
	o->file_numbers = r->config.numbers.count;
	o->file_bytes = r->bytes;
	o->numbers_written += o->file_numbers;
	o->published_ns = io_now_ns(r->p->io);
	o->ok = o->directory_ok = true;
	histogram_add(&r->counts.seconds, (double)(o->published_ns - r->began_ns) / NS_PER_S);
	r->counts.error[0] = '\0';
	refresh_show(r);
}

void refresh_adopt(struct refresh *r)
{
	struct stat st;
	if (!sink_adopt(r->p->sink, &st))
		return;

	/* A clock that was wrong, then or now, makes no file newer than now or older than 1970. */
	int64_t now_s = io_real_ns(r->p->io) / NS_PER_S, written_s = st.st_mtim.tv_sec;
	if (written_s > now_s)
		written_s = now_s;
	if (written_s < 0)
		written_s = 0;
	r->output.published_ns = io_now_ns(r->p->io) - (now_s - written_s) * NS_PER_S;
	r->output.file_bytes = (uint64_t)st.st_size;
	refresh_show(r);
}

void refresh_describe(struct refresh *r)
{
	r->counts.interval_seconds = r->config.interval_seconds;
	r->counts.numbers_wanted = r->config.numbers.count;
	str_copy(r->counts.format, sizeof r->counts.format, numbers_format_names[r->config.numbers.format]);

	/* A shorter interval asks for younger signs of life: it comes with one. */
	refresh_beat(r, "waiting");
}

/* ---- the numbers ------------------------------------------------------------------------------------------------- */

/* Whole draws: so many as are wanted, or as the buffer holds. */
static size_t random_wanted(const struct refresh *r)
{
	size_t each = numbers_draw_bytes(&r->config.numbers), draws = r->random_size / each;
	return (r->left < draws ? (size_t)r->left : draws) * each;
}

/* For the format `runner`: the time of these lines, and the time that a number took so far. */
static void stamp(struct refresh *r)
{
	/* Of the first line nobody knows yet how long it took. */
	uint64_t made = r->config.numbers.count - r->left;
	r->stamp.real_ns = io_real_ns(r->p->io);
	r->stamp.nanos = made ? (io_now_ns(r->p->io) - r->began_ns) / (int64_t)made : 0;
}

/* One buffer of random bytes, which is one request to the DRBG. */
static int draw(struct refresh *r, size_t len, struct err *e)
{
	uint8_t kernel[KERNEL_BYTES];
	r->stage = REFRESH_GENERATE;

	/* What has been drawn counts for the next reseed. */
	if (kernel_bytes(kernel, sizeof kernel, e) < 0)
		return -1;
	int rc = drbg_generate(r->drbg, r->random, len, false, kernel, sizeof kernel, e);
	wipe(kernel, sizeof kernel);
	r->seeds.generated_bytes += rc < 0 ? 0 : len;
	r->since_reseed += len;
	return rc;
}

/* Its bytes become text, as much of it at a time as the text's buffer holds, and the text goes to the sink. */
static int write_text(struct refresh *r, size_t len, struct err *e)
{
	const struct numbers_config *c = &r->config.numbers;
	size_t at = 0, cap = c->count > SHORT_COUNT ? TEXT_BUFFER : TEXT_BUFFER / 4;
	int rc = 0;

	/* A few more writes are cheaper for a short file than memory that no long one ever uses. */
	r->stage = REFRESH_WRITE;
	while (rc == 0 && r->left > 0) {
		/* Random bytes that are too few for another number end it. */
		stamp(r);
		struct numbers_step step = numbers_fill(c, &r->stamp, r->random + at, len - at, r->left, r->text, cap);
		if (step.used == 0)
			break;

		/* Raw bytes stand where they were drawn; the digest is of what the file holds. */
		at += step.used;
		r->left -= step.made;
		r->bytes += step.written;
		if (c->manifest)
			digest_add(r->digest, step.text, step.written);
		rc = sink_write(r->p->sink, step.text, step.written, e);
	}

	/* They were used, or the refresh is given up: nobody shall find them. */
	wipe(r->random, len);
	return rc;
}

/* Shows the ticket. A failure of the source is one of the stage "entropy", wherever the refresh has got to. */
static int check_ticket(struct refresh *r, struct err *e)
{
	if (gate_admit(r->p->gate, r->ticket, e) == 0)
		return 0;
	r->stage = REFRESH_ENTROPY;
	return -1;
}

static int generate(struct refresh *r, struct err *e)
{
	refresh_enter(r, REFRESH_GENERATE);
	r->counts.numbers_since_ns = io_now_ns(r->p->io);
	while (r->left > 0) {
		size_t len = random_wanted(r);
		if (refresh_stopping(r, e) < 0)
			return -1;

		/* A long refresh is seeded anew inside; it waits for the samples as long as for a read. */
		int64_t until = io_now_ns(r->p->io) + clock_from_seconds(r->config.timeout_seconds);
		if (r->since_reseed >= r->config.seed.reseed_bytes && refresh_seed(r, until, DRBG_INTERVAL, e) < 0)
			return -1;

		/* Before each piece: where readers see it at once, or a lock was waited for, the end is too late. */
		if (check_ticket(r, e) < 0 || draw(r, len, e) < 0 || write_text(r, len, e) < 0)
			return -1;
		r->counts.numbers_made = r->config.numbers.count - r->left;
		if (io_now_ns(r->p->io) - r->counts.heartbeat_ns > BEAT_NS)
			refresh_beat(r, "generate");
	}
	return 0;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

/* It is made with the first manifest, since a reload may ask for one. */
static int begin_digest(struct refresh *r, struct err *e)
{
	r->stage = REFRESH_GENERATE;
	if (!r->config.numbers.manifest)
		return 0;

	/* Of an earlier manifest it is used again. */
	if (!r->digest)
		r->digest = digest_new(e);
	if (!r->digest)
		return -1;
	digest_reset(r->digest);
	return 0;
}

static int publish_manifest(struct refresh *r, struct err *e)
{
	char sha[DIGEST_HEX_SIZE], text[MANIFEST_MAX];
	struct source_identity noise;
	int rc = 0;

	/* It speaks of the file that was published just now, and of the source as it is now. */
	if (r->config.numbers.manifest) {
		source_identify(r->p->source, &noise);
		digest_hex(r->digest, sha);
		struct manifest m = {.numbers = &r->config.numbers,
				     .noise = &noise,
				     .generation = r->output.generation,
				     .bytes = r->bytes,
				     .wall_ns = io_real_ns(r->p->io),
				     .state = gate_view(r->p->gate).state,
				     .sha256 = sha};
		size_t len = manifest_render(&m, text, sizeof text);
		rc = sink_publish_companion(r->p->sink, manifest_suffix, text, len, e);
		r->manifest_left = true;
	} else if (r->manifest_left) { /* switched off by a reload: what is left speaks of an older file */
		rc = sink_remove(r->p->sink, manifest_suffix, e);
		r->manifest_left = rc < 0;
	}
	return rc < 0 ? err_wrap(e, "manifest") : 0;
}

int refresh_remove(struct refresh *r, struct err *e)
{
	if (sink_remove(r->p->sink, "", e) < 0)
		return -1;

	/* A manifest without its file would speak of nothing; one that cannot be removed is tried again. */
	if (!r->config.numbers.manifest && !r->manifest_left)
		return 0;
	r->manifest_left = sink_remove(r->p->sink, manifest_suffix, e) < 0;
	return r->manifest_left ? -1 : 0;
}

/* A reader may hold a lock on the file. It is asked for again and again until the next tick is due, with a sign of life
 * each time: whoever keeps it costs this refresh, and nothing else. */
static int begin_file(struct refresh *r, int64_t tick_ns, struct err *e)
{
	int64_t pause = LOCK_PAUSE_MIN_NS;
	int64_t until = tick_ns ? tick_ns : io_now_ns(r->p->io) + clock_from_seconds(r->config.timeout_seconds);
	int rc;
	refresh_enter(r, REFRESH_WRITE);
	while ((rc = sink_begin(r->p->sink, e)) > 0) {
		/* The error that names the holder is already there when the time is over. */
		int64_t left = until - io_now_ns(r->p->io);
		if (refresh_stopping(r, e) < 0 || left <= 0)
			return -1;
		r->p->io->sleep_ns(r->p->io->self, pause < left ? pause : left);
		pause = pause < LOCK_PAUSE_MAX_NS / 2 ? pause * 2 : LOCK_PAUSE_MAX_NS;
		refresh_beat(r, "lock");
	}
	return rc;
}

/* To the disk, which may take its time, so the ticket is shown once more behind it. */
static int seal(struct refresh *r, struct err *e)
{
	refresh_enter(r, REFRESH_WRITE);
	return sink_seal(r->p->sink, e) < 0 ? -1 : check_ticket(r, e);
}

int refresh_once(struct refresh *r, const struct refresh_times *t, struct err *e)
{
	struct err ignored; /* of two faults the first is told */
	r->began_ns = io_now_ns(r->p->io);
	r->left = r->config.numbers.count;
	r->bytes = 0;
	r->counts.attempts++;

	/* No numbers from code that no longer gives the answers it must give. */
	r->stage = REFRESH_GENERATE;
	if (!r->seeds.self_test_ok)
		return err_set(e, ERR_SOFTWARE, 0, "%s", r->seeds.error);

	/* Seeded before the file is begun: the wait for samples leaves no temporary file, and no lock is held in it. */
	int rc = -1;
	if (refresh_seed(r, t->seed_until_ns, DRBG_REFRESH, e) == 0 && begin_digest(r, e) == 0 &&
	    begin_file(r, t->next_tick_ns, e) == 0 && generate(r, e) == 0 && seal(r, e) == 0) {
		refresh_enter(r, REFRESH_PUBLISH);
		rc = sink_commit(r->p->sink, e);
	}
	r->counts.numbers_made = 0;
	if (rc < 0) {
		sink_abort(r->p->sink, e);
		return -1;
	}
	count_success(r);
	return publish_manifest(r, rc ? &ignored : e) < 0 ? 1 : rc;
}

/* ---- begin and end ----------------------------------------------------------------------------------------------- */

int refresh_init(struct refresh *r, const struct pipeline *p, const struct refresh_config *config, struct err *e)
{
	uint8_t id[16];

	/* Random bytes and seeds lie in locked memory, which is had now or never: a reload that makes a short file long
	 * goes on with the short buffer. The text is public once it is published. */
	r->p = p;
	r->config = *config;
	r->random_size = config->numbers.count > SHORT_COUNT ? RANDOM_LONG : RANDOM_SHORT;
	r->random = locked_new(r->random_size, p->account);
	r->text = locked_new(TEXT_BUFFER, NULL);
	if (!r->random || !r->text)
		return err_set(e, ERR_OS, ENOMEM, "refresh buffers");
	r->drbg = drbg_new(p->pool, &p->seed, e);
	if (!r->drbg)
		return -1;

	/* The format `runner` names this process. */
	if (kernel_bytes(id, sizeof id, e) < 0)
		return -1;
	numbers_uuid(id, r->stamp.uuid);

	/* Well until something fails; the known-answer test has passed before this object exists. */
	r->seeds.ok = r->output.ok = r->output.directory_ok = true;
	r->seeds.self_test_ok = true;
	r->seeds.self_tests = 1;
	r->seeds.last_self_test_ns = io_now_ns(r->p->io);
	str_copy(r->output.file, sizeof r->output.file, sink_view(p->sink).path);
	str_copy(r->output.mode, sizeof r->output.mode, sink_mode_names[sink_view(p->sink).mode]);
	refresh_describe(r);
	return 0;
}

void refresh_fini(struct refresh *r)
{
	/* Also of an object that is half made. */
	drbg_free(r->drbg);
	digest_free(r->digest);
	locked_free(r->random, r->random_size);
	locked_free(r->text, TEXT_BUFFER);
}
