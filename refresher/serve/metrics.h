/* metrics.h - status -> Prometheus text format 0.0.4 or OpenMetrics 1.0.0. Pure, no allocation. */
#ifndef REFRESHER_SERVE_METRICS_H
#define REFRESHER_SERVE_METRICS_H

#include "run/status.h"
#include "serve/route.h"
#include "serve/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Length of the text in out[cap], cap >= TEXT_PAGE_MAX. A value that is not known (a file that was never published, a
 * kernel without a quality) leaves its series out. */
size_t metrics_render(const struct status *s, const struct http_counts *http, bool openmetrics, char *out, size_t cap);

const char *metrics_type(bool openmetrics); /* the Content-Type that goes with it */

#endif
