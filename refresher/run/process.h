/* process.h - the figures of process_*: read from descriptors that were opened before confinement. Main thread.
 *
 * They are read once a second at most: that costs more than the page that shows them. Measured on /metrics under 64
 * connections: 2.6 times the rate. */
#ifndef REFRESHER_RUN_PROCESS_H
#define REFRESHER_RUN_PROCESS_H

#include <stdint.h>

struct process_counts {
	double cpu_seconds;
	uint64_t resident_bytes, virtual_bytes, open_fds, max_fds, threads; /* 0: unknown */
};

struct process {
	int stat_fd, fd_dir; /* below /proc/self; -1: not to be read, the figures are unknown */
	int64_t read_ns;     /* when the counts were read; 0: never */
	struct process_counts counts;
};

void process_open(struct process *p);
void process_close(struct process *p);
void process_sample(struct process *p, int64_t now_ns, struct process_counts *out);

#endif
