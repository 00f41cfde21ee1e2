/* probes.h - /healthz, /livez, /readyz, /startupz: status -> verdict and text. Pure. Form of kube-apiserver's probe
 * pages.
 *
 * Checks and their probes (L liveness, R readiness, S startup):
 *   loop           L  the main loop answers: ok by being asked
 *   worker         L  heartbeat younger than 3 intervals (at least 30 s), whatever stage it is in: a wedged disk, a bug
 *   drbg           L  self-test and generate are well
 *   directory      L  the output's directory is the one that was opened at the start
 *   output         R  the last write or publish did not fail: a full or read-only disk is healed by no restart
 *   source         R  source_up, state not FAILED, read within two watch intervals; also L when
 *                     liveness_needs_source
 *   startup-tests  R  state OK; STARTING, RECOVERING and FAILED fail with the reason
 *   freshness      R  the file is younger than 2 intervals plus slack (10 % of one interval, at least 1 s); with
 *                     interval 0: it exists
 *   shutdown       R  not stopping
 *   published      S  the first file was published */
#ifndef REFRESHER_SERVE_PROBES_H
#define REFRESHER_SERVE_PROBES_H

#include "base/text.h"
#include "run/status.h"

#include <stdbool.h>
#include <stddef.h>

enum probe { PROBE_LIVENESS, PROBE_READINESS, PROBE_STARTUP };

enum { PROBE_EXCLUDES = 16 };

/* What is asked for. The strings must outlive it. */
struct probe_request {
	enum probe probe;
	const char *title; /* path without the slash, for the last line: "healthz" */
	const char *only;  /* /readyz/NAME: this check alone; NULL: all */
	bool verbose;
	const char *exclude[PROBE_EXCLUDES]; /* names */
	size_t exclude_count;
};

/* Appends the body and returns its code: 200, 503 or 404. Not verbose and well: "ok\n". Verbose: a line "[+]name ok" /
 * "[-]name failed: reason" / "[+]name excluded: ok" each, then "healthz check passed" / "... failed". A failed probe
 * always lists its failed checks with the reasons, verbose or not. An exclude that names no check of the probe gets a
 * warning line in such a list; the verdict does not change. 404: `only` is unknown; the body lists the names. */
unsigned probe_render(struct text *t, const struct status *s, const struct probe_request *r);

/* The worker is at the disk and has given no sign of life for more than 2 s: who opens the file now may hang too. */
bool probe_disk_hangs(const struct status *s);

/* The verdict alone, as without exclude. */
bool probe_passes(const struct status *s, enum probe p);

/* Two messages of 256 bytes, as a health test's reason and what comes behind it, and our own words around them. */
enum { PROBE_REASON_MAX = 640 };

/* The next failed check of liveness or readiness, which are the list without its last one: its name, and why in
 * reason[PROBE_REASON_MAX]. *i: 0 at first. NULL: there are no more. */
const char *probe_next_failed(const struct status *s, size_t *i, char *reason);

#endif
