/* accept.c: which exposition format each Accept header gets. */
#include "serve/accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *name, *accept;
	bool openmetrics, underscores;
};

#define OM "application/openmetrics-text"

static const struct row rows[] = {
	{"no header", NULL, false, false},
	{"an empty header", "", false, false},
	{"anything", "*/*", false, false},
	{"text", "text/plain", false, false},
	{"OpenMetrics", OM, true, false},
	{"OpenMetrics 1.0.0", OM "; version=1.0.0", true, false},
	{"OpenMetrics 1.0.0 without blanks, other case", "APPLICATION/OpenMetrics-Text;VERSION=1.0.0", true, false},
	{"OpenMetrics 0.0.1 is not ours", OM "; version=0.0.1", false, false},
	{"OpenMetrics 2.0.0 is not ours", OM "; version=2.0.0", false, false},
	{"OpenMetrics refused", OM "; q=0", false, false},
	{"OpenMetrics refused in three digits", OM "; q=0.000", false, false},
	{"OpenMetrics barely", OM "; q=0.001", true, false},
	{"text preferred", OM ";q=0.5, text/plain;q=0.6", false, false},
	{"equal weights", OM ";q=0.5, text/plain;q=0.5", true, false},
	{"OpenMetrics preferred, listed last", "text/plain;q=0.5, " OM ";q=0.501", true, false},
	{"any text preferred", OM ";q=0.5, text/*;q=0.6", false, false},
	{"anything preferred", OM ";q=0.5, */*", false, false},
	{"text of another version does not count", OM ";q=0.5, text/plain;version=1.0.0", true, false},
	{"text 0.0.4 counts", OM ";q=0.5, text/plain;version=0.0.4", false, false},
	{"a weight over 1 is none", OM ";q=1.5", false, false},
	{"a malformed weight is none", OM ";q=high", false, false},
	{"an empty weight is none", OM ";q=", false, false},
	{"too many digits are none", OM ";q=0.1234", false, false},
	{"a weight of 1.000", OM ";q=1.000", true, false},
	{"only commas and semicolons", ",;,;=,=;", false, false},
	{"a longer type", OM "x", false, false},
	{"escaping asked for", OM "; version=1.0.0; escaping=underscores", true, true},
	{"another escaping", OM "; version=1.0.0; escaping=allow-utf-8", true, false},
	{"escaping of the text format", "text/plain; version=0.0.4; escaping=underscores", false, true},
	{"escaping of the range that lost", OM ";q=0.1;escaping=underscores, text/plain", false, false},
	{"Prometheus 2.42", OM ";version=1.0.0," OM ";version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	 true, false},
	{"Prometheus 3",
	 OM ";version=1.0.0;escaping=allow-utf-8;q=0.6," OM ";version=0.0.1;q=0.5,"
	    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
	 true, false},
	{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false, false},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct accept_choice c = accept_parse(r->accept);
	assert_int_equal(c.openmetrics, r->openmetrics);
	assert_int_equal(c.underscores, r->underscores);
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(accept_type((struct accept_choice){false, false}),
			    "text/plain; version=0.0.4; charset=utf-8");
	assert_string_equal(accept_type((struct accept_choice){true, false}),
			    "application/openmetrics-text; version=1.0.0; charset=utf-8");
	assert_string_equal(accept_type((struct accept_choice){true, true}),
			    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");
}

int main(void)
{
	struct CMUnitTest tests[ROWS + 1] = {{0}};
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(test_types);
	return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
