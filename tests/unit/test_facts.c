/* The recipe "A metric" of refresher/README.md: one row makes a fact appear in the text format, in OpenMetrics and in
 * /status. Each row of the table is looked for in the three pages, and rows of every shape, which the table may not
 * have, are written out whole. */
#include "serve/facts.h"

#include "serve/metrics.h"
#include "serve/page.h"

#include "json_check.h"
#include "rows.h"
#include "status_sample.h"

#include <stdio.h>

static const char *const estimators[] = {"none", "most_common_value", "collision", "markov"};

#define HEAD(name, type) "# HELP " name " What it is.\n# TYPE " name " " type "\n"

struct shape_row {
	const char *name;
	struct fact fact;
	const char *text, *openmetrics, *json;
};

/* The doubles of a source that lie side by side stand for an array of as many. */
static const struct fact_labels two = {"{estimator=\"", 0, 2, estimators};
static const struct fact_labels from_one = {"{estimator=\"", 1, 4, estimators};
static const struct fact_labels severities = {"\",severity=\"", 0, HEALTH_SEVERITIES,
					      health_verdict_names + HEALTH_INTERMITTENT};

#define ROW                 .object = "source", .member = "m"
#define AS(name, end, type) FACT_METRIC(name, end, type, "What it is.")

static const struct shape_row shape_rows[] = {
	{"a number",
	 {ROW, AS("n", "", "gauge"), .type = FACT_U64, .offset = offsetof(struct status, source.read_bytes)},
	 HEAD("n", "gauge") "n 123456\n",
	 HEAD("n", "gauge") "n 123456\n",
	 "{\"m\":123456}"},
	{"a counter with a unit",
	 {ROW, AS("n_bytes", "_total", "counter"), .unit = "bytes",
	  .offset = offsetof(struct status, source.read_bytes)},
	 HEAD("n_bytes_total", "counter") "n_bytes_total 123456\n",
	 HEAD("n_bytes", "counter") "# UNIT n_bytes bytes\nn_bytes_total 123456\n",
	 "{\"m\":123456}"},
	{"ratios by a label",
	 {ROW, AS("n_ratio", "", "gauge"), .unit = "ratio", .type = FACT_F64, .by = &two,
	  .offset = offsetof(struct status, noise.kernel_quality_ratio)},
	 HEAD("n_ratio", "gauge") "n_ratio{estimator=\"none\"} 1\nn_ratio{estimator=\"most_common_value\"} 4\n",
	 HEAD("n_ratio", "gauge") "# UNIT n_ratio ratio\n"
				  "n_ratio{estimator=\"none\"} 1\nn_ratio{estimator=\"most_common_value\"} 4\n",
	 "{\"m\":{\"none\":1,\"most_common_value\":4}}"},
	{"a label whose first value is not shown, and one that is not known",
	 {ROW, AS("n", "", "gauge"), .type = FACT_U64, .by = &from_one, .optional = true,
	  .offset = offsetof(struct status, health.peaks) - sizeof(uint64_t)},
	 HEAD("n", "gauge") "n{estimator=\"most_common_value\"} 3\nn{estimator=\"collision\"} 11\n",
	 HEAD("n", "gauge") "n{estimator=\"most_common_value\"} 3\nn{estimator=\"collision\"} 11\n",
	 "{\"m\":{\"most_common_value\":3,\"collision\":11}}"},
	{"a moment",
	 {ROW, AS("n_seconds", "", "gauge"), .type = FACT_MOMENT,
	  .offset = offsetof(struct status, output.published_ns)},
	 HEAD("n_seconds", "gauge") "n_seconds 1700000990\n",
	 NULL,
	 "{\"m\":1700000990}"},
	{"a moment that never was",
	 {ROW, AS("n_seconds", "", "gauge"), .type = FACT_MOMENT,
	  .offset = offsetof(struct status, source.last_read_ns)},
	 "",
	 NULL,
	 "{\"m\":null}"},
	{"two labels",
	 {ROW, AS("n", "", "gauge"), .type = FACT_U64, .by = &two, .and_by = &severities,
	  .offset = offsetof(struct status, health.cutoffs)},
	 HEAD("n", "gauge") "n{estimator=\"none\",severity=\"intermittent\"} 9\n"
			    "n{estimator=\"none\",severity=\"permanent\"} 16\n"
			    "n{estimator=\"most_common_value\",severity=\"intermittent\"} 75\n"
			    "n{estimator=\"most_common_value\",severity=\"permanent\"} 102\n",
	 NULL,
	 "{\"m\":{\"none\":{\"intermittent\":9,\"permanent\":16},"
	 "\"most_common_value\":{\"intermittent\":75,\"permanent\":102}}}"},
};

static const char *written(const struct text *t)
{
	assert_false(t->cut);
	return t->buf;
}

static void test_shape(void **state)
{
	const struct shape_row *r = *state;
	struct status s;
	struct text t;
	char room[1024];
	status_sample(&s);
	text_init(&t, room, sizeof room);
	metrics_fact(&t, &r->fact, &s, false);
	assert_string_equal(written(&t), r->text);
	text_init(&t, room, sizeof room);
	metrics_fact(&t, &r->fact, &s, true);
	assert_string_equal(written(&t), r->openmetrics ? r->openmetrics : r->text);
	text_init(&t, room, sizeof room);
	text_fmt(&t, "{");
	page_fact(&t, &r->fact, &s);
	text_fmt(&t, "}");
	assert_string_equal(written(&t), r->json);
}

static const char *metrics_of(const struct status *s, bool openmetrics)
{
	static const struct http_counts none;
	static char room[PAGE_MAX];
	struct text t;
	text_init(&t, room, sizeof room);
	metrics_render(&t, s, &none, openmetrics);
	return written(&t);
}

static void test_each_row_is_in_each_page(void **state)
{
	static const struct history none;
	static char page[PAGE_MAX];
	char sought[256], value[1024];
	struct status s;
	struct text t;
	(void)state;
	status_sample(&s);
	s.source.last_read_ns = s.now_ns; /* what the sample does not know */
	for (size_t i = 0; i < facts_count; i++) {
		const struct fact *f = &facts[i];
		snprintf(sought, sizeof sought, "%s%s%s", f->object, *f->object ? "." : "", f->member);
		print_message("%s\n", sought);
		text_init(&t, page, sizeof page);
		page_status(&t, &s, &none);
		assert_true(json_find(written(&t), sought, value, sizeof value));
		if (!f->metric)
			continue;
		snprintf(sought, sizeof sought, "# TYPE %s ", f->family);
		assert_non_null(strstr(metrics_of(&s, true), sought));
		snprintf(sought, sizeof sought, "\n%s", f->metric);
		assert_non_null(strstr(metrics_of(&s, true), sought));
		assert_non_null(strstr(metrics_of(&s, false), sought));
		snprintf(sought, sizeof sought, "# TYPE %s ", f->metric);
		assert_non_null(strstr(metrics_of(&s, false), sought));
	}
}

/* A row that stands apart from the others of its object would make two objects of one name. */
static void test_rows_of_one_object_stand_together(void **state)
{
	(void)state;
	for (size_t i = 1; i < facts_count; i++)
		for (size_t j = i + 1; j < facts_count && strcmp(facts[i].object, facts[i - 1].object) != 0; j++)
			assert_string_not_equal(facts[j].object, facts[i - 1].object);
}

/* A label set with a value too many would show what lies behind the array. */
static void test_each_member_is_as_large_as_its_row_says(void **state)
{
	static const size_t sizes[] = {
		[FACT_U64] = 8,
		[FACT_UNSIGNED] = sizeof(unsigned),
		[FACT_F64] = 8,
		[FACT_BOOL] = 1,
		[FACT_SPAN] = 8,
		[FACT_STATE] = sizeof(unsigned),
		[FACT_SINCE] = 8,
		[FACT_UNTIL] = 8,
		[FACT_PROBE] = 0,
		[FACT_MOMENT] = 8,
		[FACT_TIMES] = sizeof(struct histogram),
	};
	(void)state;
	for (size_t i = 0; i < facts_count; i++) {
		const struct fact *f = &facts[i];
		bool is_array = f->by && f->type != FACT_STATE;
		size_t n = (is_array ? f->by->count : 1) * (f->and_by ? f->and_by->count : 1);
		print_message("%s.%s\n", f->object, f->member);
		if (f->type == FACT_TEXT)
			assert_true(f->size > 1);
		else
			assert_int_equal(f->size, n * sizes[f->type]);
	}
}

static void test_a_time_is_shown_in_whole_microseconds(void **state)
{
	static const struct fact span = {.type = FACT_SPAN, .offset = offsetof(struct status, source.watch_ns)};
	struct status s = {.source.watch_ns = 1234567891999};
	(void)state;
	assert_true(fact_value(&span, &s, 0, 0) == 1234.567891);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_each_row_is_in_each_page),
		cmocka_unit_test(test_a_time_is_shown_in_whole_microseconds),
		cmocka_unit_test(test_rows_of_one_object_stand_together),
		cmocka_unit_test(test_each_member_is_as_large_as_its_row_says),
	};
	int failed = ROWS_RUN("shapes", test_shape, shape_rows);
	return failed + cmocka_run_group_tests_name("facts", others, NULL, NULL);
}
