/* metrics.h - status -> Prometheus text format 0.0.4 or OpenMetrics 1.0.0. Pure, no allocation. */
#ifndef REFRESHER_SERVE_METRICS_H
#define REFRESHER_SERVE_METRICS_H

#include "base/text.h"
#include "run/status.h"
#include "serve/facts.h"
#include "serve/route.h"

#include <stdbool.h>

/* Appends the page: text/plain; version=0.0.4, or application/openmetrics-text; version=1.0.0. A value that is not
 * known (a file that was never published, a kernel without a quality) leaves its series out. */
void metrics_render(struct text *t, const struct status *s, const struct http_counts *http, bool openmetrics);

/* Appends one fact as a family with its samples; nothing where it has no metric or is not known. */
void metrics_fact(struct text *t, const struct fact *f, const struct status *s, bool openmetrics);

#endif
