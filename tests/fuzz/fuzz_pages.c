/* Any status: /status is JSON, metrics are lines of the format, every text fits. An
 * input is the form, then the bytes of a struct status, of which only bools, enums, times and ends of strings are
 * mended. */
#include "fuzz.h"

#include "json_check.h"
#include "run/status.h"
#include "serve/metrics.h"
#include "serve/page.h"
#include "serve/probes.h"

#define END(s) ((s)[sizeof(s) - 1] = '\0')

/* A bool may hold any byte here: it is looked at as one, and made 0 or 1. */
static void mend_bool(bool *b)
{
	unsigned char byte;

	memcpy(&byte, b, 1);
	*b = byte & 1;
}

static void mend_layers(struct status *s)
{
	s->confine.count %= CONFINE_REPORTED + 1;
	for (size_t i = 0; i < CONFINE_REPORTED; i++) {
		struct confine_layer *l = &s->confine.layers[i];
		mend_bool(&l->holds);
		snprintf(l->name, sizeof l->name, "layer_%zu", i); /* a name of ours, always */
		END(l->detail);
	}
}

/* No clock has run for 73 years. */
static void mend_times(struct status *s)
{
	int64_t *const times[] = {&s->now_ns,
				  &s->now_wall_ns,
				  &s->daemon.start_ns,
				  &s->daemon.last_reload_ns,
				  &s->source.read_began_ns,
				  &s->source.read_overdue_ns,
				  &s->source.last_read_ns,
				  &s->source.watch_ns,
				  &s->gate.since_ns,
				  &s->gate.retry_at_ns,
				  &s->refresh.heartbeat_ns,
				  &s->refresh.activity_since_ns,
				  &s->drbg.last_reseed_ns,
				  &s->estimates.last_ns,
				  &s->drbg.last_self_test_ns,
				  &s->output.published_ns};

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		*times[i] &= INT64_MAX >> 2;
}

static void mend(struct status *s)
{
	bool *const flags[] = {&s->daemon.liveness_needs_source,
			       &s->daemon.stopping,
			       &s->daemon.reload_ok,
			       &s->source.up,
			       &s->drbg.ok,
			       &s->output.ok,
			       &s->output.directory_ok};
	unsigned value;

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		mend_bool(flags[i]);
	memcpy(&value, &s->gate.state, sizeof value);
	s->gate.state = value % GATE_STATES;
	memcpy(&value, &s->noise.kind, sizeof value);
	s->noise.kind = value % SOURCE_KINDS;
	mend_times(s);
	mend_layers(s);
	END(s->daemon.openssl), END(s->noise.name), END(s->noise.driver), END(s->noise.why), END(s->source.error);
	END(s->gate.reason), END(s->drbg.error), END(s->output.file), END(s->output.mode), END(s->refresh.format);
	END(s->refresh.activity), END(s->refresh.error);
}

/* "name{labels} value", "name value", "# ..." */
static void check_metric_line(const char *line)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz_0123456789");
	const char *value = line + n;

	if (line[0] == '#')
		return;
	FUZZ_CHECK(n > 0, "%s", line);
	if (*value == '{') {
		bool quoted = false;
		for (value++; *value && (quoted || *value != '}'); value++) {
			if (quoted && *value == '\\')
				value++;
			else if (*value == '"')
				quoted = !quoted;
		}
		FUZZ_CHECK(*value == '}', "%s", line);
		value++;
	}
	char *end;
	FUZZ_CHECK(*value == ' ', "%s", line);
	strtod(value + 1, &end);
	FUZZ_CHECK(end > value + 1 && *end == '\0', "%s", line);
}

static void check_metrics(const struct status *s, bool openmetrics)
{
	static const struct http_counts http;
	static char out[TEXT_PAGE_MAX];
	struct text t;

	text_init(&t, out, sizeof out);
	metrics_render(&t, s, &http, openmetrics);
	size_t n = t.len;
	FUZZ_CHECK(n > 0 && !t.cut && strlen(out) == n && out[n - 1] == '\n', "%zu bytes", n);
	if (openmetrics)
		FUZZ_CHECK(strcmp(out + n - 6, "# EOF\n") == 0, "%s", out);
	for (char *line = out, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		FUZZ_CHECK(fuzz_is_one_line(line), "%s", line);
		check_metric_line(line);
	}
}

static void check_pages(const struct status *s)
{
	static char out[TEXT_PAGE_MAX];
	struct text t;

	text_init(&t, out, sizeof out);
	page_status(&t, s);
	FUZZ_CHECK(!t.cut && strlen(out) == t.len && json_check(out), "%s", out);
}

static void check_probe(const struct status *s, enum probe p, bool verbose)
{
	const struct probe_request r = {.probe = p, .title = "healthz", .verbose = verbose};
	char out[4096];
	struct text t;

	text_init(&t, out, sizeof out);
	unsigned code = probe_render(&t, s, &r);
	size_t n = t.len;
	FUZZ_CHECK(n > 0 && !t.cut && strlen(out) == n && out[n - 1] == '\n', "%zu bytes", n);
	FUZZ_CHECK(code == (probe_passes(s, p) ? 200 : 503), "%u: %s", code, out);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(out[i] == '\n' || (out[i] >= ' ' && out[i] <= '~'), "%s", out);
	if (code == 200 && !verbose)
		FUZZ_CHECK(strcmp(out, "ok\n") == 0, "%s", out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct status s;
	struct fuzz_input in = {data, len};
	uint8_t form = fuzz_u8(&in);

	memset(&s, form & 2 ? 0 : '"', sizeof s); /* what the input does not reach: nothing, or what needs an escape */
	memcpy(&s, in.p, in.left < sizeof s ? in.left : sizeof s);
	mend(&s);
	check_pages(&s);
	check_metrics(&s, form & 1);
	for (unsigned p = PROBE_LIVENESS; p <= PROBE_STARTUP; p++)
		check_probe(&s, p, form & 4);
	return 0;
}
