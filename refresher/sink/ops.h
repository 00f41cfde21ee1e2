/* ops.h - what the four ways to write have in common; private to sink/.
 *
 * sink.c drives the table: begin, write ..., seal, commit, or abort, in this order only. After a failure of one of them
 * it calls abort, so they may return at once and leave the clean-up there; abort must accept every half-done state.
 * probe, begin, seal, commit, abort and remove may be NULL: nothing to do. */
#ifndef REFRESHER_SINK_OPS_H
#define REFRESHER_SINK_OPS_H

#include "sink/place.h"
#include "sink/sink.h"

/* Lent to an implementation for its whole life. */
struct sink_env {
	const struct io *io;
	struct place *place;
	mode_t mode;
	uid_t uid; /* (uid_t)-1: as created */
	gid_t gid;
};

struct sink_ops {
	void *(*open)(const struct sink_env *env, struct err *e); /* NULL with *e */
	void (*free)(void *self);                                 /* nothing is begun; NULL is accepted */
	int (*probe)(void *self, struct err *e);                  /* see sink_probe */
	int (*begin)(void *self, struct err *e);
	int (*write)(void *self, const void *buf, size_t len, struct err *e);
	int (*seal)(void *self, struct err *e);
	int (*commit)(void *self, struct err *e); /* also 1, see sink_commit */
	bool (*abort)(void *self);                /* true: FILE was emptied by it */
	int (*remove)(void *self, struct err *e);
};

#endif
