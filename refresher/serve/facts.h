/* facts.h - everything that is published, one row a fact: /metrics (both formats) and /status are two renderings of it.
 *
 * To publish a counter more, add it to its stage's struct and one row to the table. Beside the table stand, once each,
 * the shapes that have no row: the info metrics, the layers of confinement, the HTTP requests. Pure. */
#ifndef REFRESHER_SERVE_FACTS_H
#define REFRESHER_SERVE_FACTS_H

#include "run/status.h"

#include <stdbool.h>
#include <stddef.h>

enum fact_kind { FACT_GAUGE, FACT_COUNTER, FACT_HISTOGRAM };

/* What lies at the offset, and how it is shown. */
enum fact_type {
	FACT_U64,
	FACT_UNSIGNED,
	FACT_F64,
	FACT_BOOL,
	FACT_VERDICT, /* nothing: a bool that the row's function makes of the whole status */
	FACT_STATE,   /* an enum: one sample for each value of `by`, 1 for the present one; its name in /status */
	FACT_SPAN,    /* int64_t nanoseconds, shown in seconds */
	FACT_MOMENT,  /* int64_t, 0 never: a wall time; in /status MEMBER_unix_seconds and MEMBER_age_seconds */
	FACT_SINCE,   /* int64_t, 0 never: the seconds since then */
	FACT_UNTIL,   /* int64_t, 0 never: the seconds until then */
	FACT_TEXT,    /* char[], in /status alone */
	FACT_TIMES,   /* struct histogram */
};

/* A fixed label set: the values first ... count-1 of an enum, which are the indices of an array. */
struct fact_labels {
	const char *label;
	unsigned first, count;
	const char *(*name)(unsigned value);
};

struct fact {
	const char *object, *member; /* of /status: {"source": {"read_bytes": ...}}; object NULL: at the top; member
					NULL: not in /status */
	const char *metric;          /* its whole name, but for _total; NULL: not in /metrics */
	const char *unit;            /* the end of the name, where it is one */
	const char *help;
	enum fact_kind kind;
	enum fact_type type;
	size_t offset; /* in struct status */
	bool (*verdict)(const struct status *s);
	const struct fact_labels *by, *and_by; /* of an array, and of an array of arrays */
	bool optional;                         /* 0, below 0 or "" means that it is not known: left out */
};

extern const struct fact facts[];
extern const size_t facts_count;

/* What stands in for a label set that is not there: one value, 0. */
extern const struct fact_labels fact_single;

/* Whether the fact, or its element [i][j], is not known. i and j are values of `by` and `and_by`, else 0. */
bool fact_is_absent(const struct fact *f, const struct status *s, unsigned i, unsigned j);

uint64_t fact_u64(const struct fact *f, const struct status *s, unsigned i, unsigned j); /* U64 ... STATE */
double fact_f64(const struct fact *f, const struct status *s);                           /* F64 */
int64_t fact_ns(const struct fact *f, const struct status *s); /* SPAN ... UNTIL; SINCE and UNTIL as a span */
const char *fact_text(const struct fact *f, const struct status *s);
const struct histogram *fact_times(const struct fact *f, const struct status *s);

#endif
