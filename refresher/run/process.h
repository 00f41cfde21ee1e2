/* process.h - the figures of process_*: read from descriptors that were opened before confinement. Main thread. */
#ifndef REFRESHER_RUN_PROCESS_H
#define REFRESHER_RUN_PROCESS_H

#include "run/status.h"

struct process {
	int statm_fd, status_fd, fd_dir; /* below /proc/self; -1: unknown, the figures stay 0 */
};

void process_open(struct process *p);
void process_close(struct process *p);
void process_sample(const struct process *p, struct status *s);

#endif
