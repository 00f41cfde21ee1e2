/* services.h - what the main thread waits for and does beside the pipeline: HTTP, and a new configuration. Neither is
 * run's business, so main hands them in. */
#ifndef REFRESHER_RUN_SERVICES_H
#define REFRESHER_RUN_SERVICES_H

#include "base/err.h"
#include "run/settings.h"

#include <stdbool.h>

/* The HTTP endpoint, the line at the terminal, and the service manager. */
struct run_service {
	void *self;
	int fd; /* readable: there is work; -1: none is */
	void (*work)(void *self);
	int (*timeout_ms)(void *self); /* call work after so long at the latest; -1: no need */
};

/* How a reload is made. Both are called in the main thread, and never by a run that writes once. */
struct run_reload {
	void *self;
	/* Every few seconds. True: the configuration has changed, load comes next. *soon: it is perhaps being written
	 * just now, and worth another question in a moment. */
	bool (*has_changed)(void *self, bool *soon);
	/* 0: the configuration that run_open was given is the new one now, and *rewrite: numbers of another kind or
	 * beat, so a new file is due at once. -1: refused, nothing has changed, *e says why. What changed is told by
	 * the callee. */
	int (*load)(void *self, bool *rewrite, struct err *e);
};

#endif
