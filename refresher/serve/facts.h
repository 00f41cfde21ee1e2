/* facts.h - everything that is published, one row a fact: /metrics (both formats) and /status are two renderings of it.
 *
 * To publish a number more, add it to its stage's struct and one row to the table, label set included; see the recipe
 * in refresher/README.md. Beside the table stand, once each, the shapes that have no row: labels that are texts, the
 * layers of confinement, the HTTP requests. Pure. */
#ifndef REFRESHER_SERVE_FACTS_H
#define REFRESHER_SERVE_FACTS_H

#include "run/status.h"
#include "serve/probes.h"

#include <stdbool.h>
#include <stddef.h>

/* What lies at the offset, and how it is shown. */
enum fact_type {
	FACT_U64,
	FACT_UNSIGNED,
	FACT_F64,
	FACT_BOOL,
	FACT_PROBE,  /* nothing: whether the row's probe passes */
	FACT_STATE,  /* an enum: one sample for each value of `by`, 1 for the present one; its name in /status */
	FACT_SPAN,   /* int64_t nanoseconds, shown in seconds */
	FACT_MOMENT, /* int64_t, 0 never: the wall time, in seconds since 1970 */
	FACT_SINCE,  /* int64_t, 0 never: the seconds since then */
	FACT_UNTIL,  /* int64_t, 0 never: the seconds until then */
	FACT_TEXT,   /* char[], in /status alone */
	FACT_TIMES,  /* struct histogram */
};

/* A fixed label set: the values first ... count-1 of an enum, which are the indices of an array. */
struct fact_labels {
	const char *label; /* as it stands before its value: {reason=" or ",severity=" */
	unsigned first, count;
	const char *const *names; /* by value */
};

struct fact {
	const char *object, *member; /* of /status: {"source": {"read_bytes": ...}}; object "": at the top */
	const char *metric;          /* of the samples, with the _total of a counter; NULL: not in /metrics */
	const char *family;          /* the same without _total */
	const char *unit;            /* the end of that, where it is one */
	const char *heads[2];        /* the lines in front of the samples, of the text format and of OpenMetrics */
	enum fact_type type;
	size_t offset, size; /* of the member in struct status */
	enum probe probe;
	const struct fact_labels *by, *and_by; /* of an array of U64 or F64, and of an array of arrays; by of a STATE */
	bool optional; /* left out where it is not known: U64 0, F64 below 0, TEXT ""; of an array, each element */
};

/* The names and the lines of a metric are made by the compiler, since a page has seventy of them. OpenMetrics names the
 * family of a counter without its _total. */
#define FACT_METRIC(name_, total_, type_, help_)                                                                       \
	.metric = name_ total_, .family = name_,                                                                       \
	.heads = {"# HELP " name_ total_ " " help_ "\n# TYPE " name_ total_ " " type_ "\n",                            \
		  "# HELP " name_ " " help_ "\n# TYPE " name_ " " type_ "\n"}

/* The rows of one object of /status stand together, those of the top first. */
extern const struct fact facts[];
extern const size_t facts_count;

const void *fact_at(const struct fact *f, const struct status *s); /* for TEXT and TIMES */

/* The number that is shown, in seconds for the four types of nanoseconds; NAN: it is not known. i and j are values of
 * `by` and `and_by`, else 0. Of a STATE: the enum's value. Of TEXT and TIMES: whether it is known. */
double fact_value(const struct fact *f, const struct status *s, unsigned i, unsigned j);

#endif
