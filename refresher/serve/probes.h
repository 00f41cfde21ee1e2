/* probes.h - /healthz, /livez, /readyz, /startupz: status -> verdict and text. Pure. Form of kube-apiserver's probe
 * pages.
 *
 * Checks and their probes:
 *   loop     L     the main loop answers: ok by being asked
 *   worker   L     heartbeat younger than 3 intervals (at least 30 s), whatever stage it is in: a wedged disk or a bug
 *   drbg     L     self-test and generate are well
 *   output   L     the last write or publish did not fail
 *   source   R (L when liveness_needs_source)  source_up, no read overdue, state not FAILED
 *   startup-tests R  state OK, or RECOVERING/FAILED/STARTING with the reason
 *   freshness R    the file is younger than 2 intervals plus slack (1 s or 10 % of the interval); with interval 0:
 * exists shutdown R     not stopping published S    the first file was published */
#ifndef REFRESHER_SERVE_PROBES_H
#define REFRESHER_SERVE_PROBES_H

#include "run/status.h"

#include <stdbool.h>
#include <stddef.h>

enum probe { PROBE_LIVE, PROBE_READY, PROBE_STARTUP };

enum probe_result { PROBE_PASS, PROBE_FAIL, PROBE_NO_SUCH_CHECK };

struct probe_request {
	enum probe probe;
	const char *title;          /* path without the slash, for the last line: "healthz" */
	const char *only;           /* /readyz/NAME: this check alone; NULL: all */
	const char *const *exclude; /* names */
	size_t exclude_count;
	bool verbose;
};

/* Writes the body, NUL-terminated, at most cap bytes, and its length. Not verbose and well: "ok\n". Verbose: a line
 * "[+]name ok" /
 * "[-]name failed: reason" / "[+]name excluded: ok" each, then "healthz check passed" / "... failed". A failed probe
 * always lists its failed checks with the reasons, verbose or not. An unknown exclude gets a warning line as in
 * kube-apiserver. */
enum probe_result probe_render(const struct status *s, const struct probe_request *r, char *out, size_t cap,
			       size_t *len);

/* Space-separated names of a probe's checks, for the 404 answer. */
const char *probe_checks(enum probe p);

#endif
