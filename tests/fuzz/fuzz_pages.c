/* Any status: /status is JSON, metrics are lines of the format, every text fits. An
 * input is the form, then the bytes of a struct status, of which only bools, enums, times and ends of strings are
 * mended. */
#include "fuzz.h"

#include "base/str.h"
#include "json_check.h"
#include "serve/facts.h"
#include "serve/metrics.h"
#include "serve/page.h"
#include "serve/probes.h"
#include "serve/report.h"

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
		l->detail[sizeof l->detail - 1] = '\0';
	}
	str_copy(s->config.hash, sizeof s->config.hash, "0123456789abcdef"); /* digits of ours, always */
}

/* What the table says that lies there: a text has an end, an enum a value that has a name, and no clock has run for 73
 * years. */
static void mend_fact(const struct fact *f, struct status *s)
{
	char *at = (char *)s + f->offset;
	unsigned value;

	switch (f->type) {
	case FACT_TEXT:
		at[f->size - 1] = '\0';
		break;
	case FACT_BOOL:
		mend_bool((bool *)at);
		break;
	case FACT_STATE:
		memcpy(&value, at, sizeof value);
		value %= f->by->count;
		memcpy(at, &value, sizeof value);
		break;
	case FACT_SPAN:
	case FACT_MOMENT:
	case FACT_SINCE:
	case FACT_UNTIL:
		*(int64_t *)(void *)at &= INT64_MAX >> 2;
		break;
	default:
		break;
	}
}

static void mend(struct status *s)
{
	for (size_t i = 0; i < facts_count; i++)
		mend_fact(&facts[i], s);
	s->now_ns &= INT64_MAX >> 2;
	mend_bool(&s->source.up);
	mend_layers(s);
	str_copy(s->refresh.format, sizeof s->refresh.format, "int32"); /* a name of ours, always */
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
	static char out[PAGE_MAX];
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
	static const struct history none;
	static char out[PAGE_MAX];
	struct text t;

	text_init(&t, out, sizeof out);
	page_status(&t, s, &none);
	FUZZ_CHECK(!t.cut && strlen(out) == t.len && json_check(out), "%s", out);

	text_init(&t, out, sizeof out);
	report_render(&t, s);
	FUZZ_CHECK(!t.cut && strlen(out) == t.len, "%s", out);
	for (size_t i = 0; i < t.len; i++)
		FUZZ_CHECK(out[i] == '\n' || (out[i] >= ' ' && out[i] <= '~'), "%s", out);
}

/* The page for people: its table has our own tags alone, whatever the texts hold. */
static void check_table(const struct status *s)
{
	static char out[PAGE_MAX];
	static const char *const ours[] = {"<table>\n", "<tr><th scope=\"row\">", "<tr><td></td><td>",
					   "</th><td>", "</td></tr>\n",           "</table>"};
	struct text t;
	text_init(&t, out, sizeof out);
	report_html(&t, s);
	FUZZ_CHECK(!t.cut && strlen(out) == t.len, "%s", out);
	for (const char *tag = out; (tag = strchr(tag, '<')) != NULL;) {
		size_t len = 0;
		for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
			if (strncmp(tag, ours[i], strlen(ours[i])) == 0)
				len = strlen(ours[i]);
		FUZZ_CHECK(len > 0, "%s", tag);
		tag += len;
	}
	text_init(&t, out, sizeof out);
	page_index(&t, s);
	FUZZ_CHECK(!t.cut, "%s", out);
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
	check_table(&s);
	check_metrics(&s, form & 1);
	for (unsigned p = PROBE_LIVENESS; p <= PROBE_STARTUP; p++)
		check_probe(&s, p, form & 4);
	return 0;
}
