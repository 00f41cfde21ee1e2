/* report.h - an assessment as people and programs read it. A failed write shows in ferror(out). */
#ifndef REFRESHER_ASSESS_CLI_REPORT_H
#define REFRESHER_ASSESS_CLI_REPORT_H

#include "assess_cli/assessment.h"

#include <stdio.h>

void report_table(const struct assessment *a, FILE *out);

/* One object; every intermediate value with all its digits. */
void report_json(const struct assessment *a, const char *version, FILE *out);

/* The picture: an SVG document, well-formed whatever the input's name holds. */
void report_svg(const struct assessment *a, FILE *out);

/* A row of the table or a bar of the picture: an estimator in one of the passes. */
struct report_row {
	const char *name;
	double bitstring, literal; /* bits per bit, bits per sample; below 0: none */
};
/* Of a block, or of the restart tests (bitstring: rows, literal: columns); rows[NON_IID_ESTIMATORS]. How many. */
unsigned report_rows(const struct assessment *a, const struct block *b, struct report_row *rows);

#endif
