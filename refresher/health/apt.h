/* apt.h - adaptive proportion test, SP 800-90B 4.4.2. Pure: no I/O, no allocation. One instance per noise source.
 *
 * The first sample of a window of W is the reference A; B counts A in the window, the first sample included. Each level
 * signals once per window, at the sample where B reaches its cutoff C; the window goes on to its end after a failure
 * (deviation from 4.4.2, on purpose: so that the permanent cutoff can be reached). */
#ifndef REFRESHER_HEALTH_APT_H
#define REFRESHER_HEALTH_APT_H

#include <stdint.h>

enum { APT_WINDOW_BINARY = 1024, APT_WINDOW_NONBINARY = 512 }; /* 4.4.2 */

struct apt {
	uint32_t cutoff_c[2]; /* [0] intermittent, [1] permanent */
	uint32_t window_w;
	uint32_t index_i;    /* samples seen of the present window, 0 ... W-1 */
	uint32_t count_b;    /* B */
	uint32_t last_count; /* B at the end of the last complete window; 0 before */
	uint64_t windows;    /* complete windows */
	uint8_t sample_a;    /* A */
};

void apt_init(struct apt *t, uint32_t window_w, uint32_t cutoff_intermittent, uint32_t cutoff_permanent);

/* 0 none, 1 intermittent, 2 permanent. The specification: one sample, plain. */
int apt_feed(struct apt *t, uint8_t sample);

#endif
