/* The collector thread over any noise source: its states follow the table, OK comes only behind a whole start-up test,
 * nothing of a failed stretch stays in the pool, and what leaves the pool are samples that the source gave, in order,
 * each once. An input is steps of the source: a byte that says what comes, and its arguments. */
#include "fuzz.h"
#include "fuzz_stderr.h"
#include "health_samples.h"

#include "run/collector.h"
#include "run/thread.h"

enum { POOL = 1024, STARTUP = 128, SAMPLES_MAX = 16384 };

struct script {
	struct fuzz_input in;
	struct collector *collector;
	struct thread thread;
	struct pool *pool;
	int64_t now_ns;
	/* the present stretch of samples */
	unsigned kind, left;
	uint8_t a, b, count;
	uint64_t random; /* state of the good samples, which never repeat */
	/* what was given, and how far the samples from the pool have been found in it */
	uint8_t given[SAMPLES_MAX];
	size_t given_n, found_n;
	/* since the last event that asks for a start-up test: an upper bound of the samples tested */
	size_t since_event, last_read;
	struct gate *gate;
	enum gate_state state;
	bool error;     /* the last read failed */
	bool back;      /* this one gave samples again */
	bool on_demand; /* was asked for once */
	bool became_ok; /* in the last read; the pool held level_at_ok samples then */
	size_t level_at_ok;
	bool steady;       /* OK before the last read; all of it belongs into the pool unless something is told */
	const char *wrong; /* the first invariant that did not hold */
};

static void must(struct script *s, bool holds, const char *what)
{
	if (!holds && !s->wrong)
		s->wrong = what;
}

/* The last `tail` of the n samples are the last that were given. */
static bool ends_alike(const struct script *s, const uint8_t *got, size_t n, size_t tail)
{
	return tail <= n && memcmp(got + n - tail, s->given + s->given_n - tail, tail) == 0;
}

/* The samples in the pool come behind those taken before. */
static void drain(struct script *s)
{
	uint8_t got[POOL];
	size_t n = pool_take(s->pool, got, sizeof got);

	must(s, n == 0 || s->state != GATE_FAILED, "samples in the pool of a failed source");
	for (size_t i = 0; i < n; i++) {
		while (s->found_n < s->given_n && s->given[s->found_n] != got[i])
			s->found_n++;
		must(s, s->found_n < s->given_n, "a sample left the pool that the source did not give");
		s->found_n++;
	}
	if (s->became_ok && !s->on_demand)
		must(s, ends_alike(s, got, n, n - s->level_at_ok), "a start-up sample came into the pool");
	if (s->steady && !s->on_demand)
		must(s, n >= s->last_read && ends_alike(s, got, n, s->last_read),
		     "good samples that did not come into the pool");
}

static uint8_t next_sample(struct script *s)
{
	switch (s->kind) {
	case 0:
		return fuzz_u8(&s->in);
	case 1:
		return s->a;
	case 2:
		return (uint8_t)(s->count++ % 8 ? s->a : s->b);
	default:
		return sample_byte(&s->random);
	}
}

static ssize_t give(struct script *s, uint8_t *buf, size_t cap)
{
	size_t n = cap < s->left ? cap : s->left;

	for (size_t i = 0; i < n; i++)
		s->given[s->given_n++] = buf[i] = next_sample(s);
	s->left -= (unsigned)n;
	s->since_event += n;
	s->last_read = n;
	s->back = s->error;
	s->error = s->became_ok = false;
	s->steady = s->state == GATE_OK;
	return (ssize_t)n;
}

static ssize_t fail(struct script *s, enum source_cause *cause, struct err *e)
{
	s->last_read = 0;
	s->error = true;
	s->became_ok = false;
	s->steady = false;
	*cause = 1 + fuzz_u8(&s->in) % (SOURCE_CAUSES - 1);
	return err_set(e, ERR_UNAVAILABLE, 0, "script");
}

static ssize_t script_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct script *s = self;

	must(s, cap > 0 && cap <= POOL, "a read of no samples");
	if (pool_counts(s->pool).level > POOL / 2 || s->in.left % 5 == 0)
		drain(s);
	while (s->left == 0) {
		uint8_t what = fuzz_u8(&s->in);
		if (s->in.left == 0 || s->given_n + POOL > SAMPLES_MAX) {
			collector_stop(s->collector);
			return fail(s, cause, e);
		}
		if (what % 8 == 7)
			return fail(s, cause, e);
		if (what % 8 == 6) {
			collector_on_demand(s->collector);
			s->on_demand = true;
		}
		s->kind = what % 8 % 4;
		s->left = (unsigned)fuzz_uint(&s->in, 2) % POOL;
		s->a = fuzz_u8(&s->in);
		s->b = fuzz_u8(&s->in);
	}
	return give(s, buf, cap);
}

static void script_free(void *self)
{
	(void)self;
}

/* Called by the collector behind each event. */
static void script_notify(void *self)
{
	struct script *s = self;
	const enum gate_state state = gate_view(s->gate).state;
	bool legal = false;

	for (unsigned e = 0; e < GATE_EVENTS; e++)
		legal = legal || gate_next(s->state, e) == state;
	must(s, legal, "a change of state that the table does not have");
	must(s, s->state != GATE_FAILED || state == GATE_FAILED || state == GATE_STARTING, "a latch that opened");
	if (state == GATE_OK && s->state != GATE_OK)
		must(s, s->since_event >= STARTUP, "OK before a whole start-up test");
	if (state != GATE_OK) /* the samples of the present read that come behind the failing one count for the next */
		s->since_event = s->last_read;
	if (state == GATE_FAILED || (state == GATE_RECOVERING && !s->error && !s->back))
		must(s, pool_counts(s->pool).level == 0, "a failure left samples in the pool");
	s->back = false; /* the first event behind an error says that the source is back */
	s->steady = false;
	s->became_ok = state == GATE_OK && s->state != GATE_OK;
	s->level_at_ok = pool_counts(s->pool).level;
	s->state = state;
}

/* A clock of its own, so that the collector's pauses are over at once. */
static int64_t script_now(void *self, clockid_t id)
{
	(void)id;
	struct script *s = self;

	return s->now_ns += 1000000;
}

static void run(struct script *s, struct gate *gate, struct status_board *board)
{
	static const struct source_ops ops = {.read = script_read, .free = script_free};
	const struct io io = {.self = s, .clock_ns = script_now};
	struct source source = {.ops = &ops, .self = s, .kind = SOURCE_REPLAY, .name = "script"};
	const struct pipeline p = {.io = &io,
				   .source = &source,
				   .pool = s->pool,
				   .gate = gate,
				   .board = board,
				   .seed = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS},
				   .ring = script_notify,
				   .ring_self = s};
	const struct run_config c = {
		.source = {.min_entropy = 4, .sample_bits = 8, .timeout_seconds = 1, .pool_samples = POOL},
		.health = {.alpha_log2_intermittent = -20,
			   .alpha_log2_permanent = -40,
			   .startup_samples = STARTUP,
			   .retry_min_seconds = 0.01,
			   .retry_max_seconds = 0.04,
			   .watch_interval_seconds = 3600},
		.interval_seconds = 30,
	};
	struct err e = {0};

	s->gate = gate;
	s->collector = collector_new(&p, &c, &e);
	if (!s->collector || thread_start(&s->thread, "collector", collector_main, s->collector, &e) < 0)
		abort();
	if (!thread_join(&s->thread, io_now_ns(&io_posix) + INT64_C(20000000000)))
		abort(); /* it hangs */
	collector_free(s->collector);
}

static int nowhere(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct script *s = calloc(1, sizeof *s);
	struct gate gate;
	struct err e = {0};

	gate_init(&gate, 0);
	struct status_board *board = malloc(sizeof *board);
	if (!s || !board)
		abort();
	status_init(board, &io_posix, &gate);
	s->in = (struct fuzz_input){data, len};
	s->pool = pool_new(POOL, NULL, &e);
	if (!s->pool)
		abort();
	fuzz_stderr_lead(nowhere());
	run(s, &gate, board);
	fuzz_stderr_back();
	drain(s);
	FUZZ_CHECK(!s->wrong, "%s", s->wrong);
	pool_free(s->pool);
	free(board);
	free(s);
	return 0;
}
