/* status_sample.h - the status of a daemon that is well, for the tests of its observers. */
#ifndef REFRESHER_TESTS_STATUS_SAMPLE_H
#define REFRESHER_TESTS_STATUS_SAMPLE_H

#include "run/status.h"

#define SECONDS(s) ((int64_t)(1e9 * (s)))

/* Started 1000 s ago, interval 30 s, last file 10 s old, state OK. */
void status_sample(struct status *s);

#endif
