/* ops.h - what the ways to write have in common; private to sink/.
 *
 * steps.c drives the table: begin, write ..., seal, commit, or abort, in this order only. After a failure of one of
 * them it calls abort, so they may return at once and leave the clean-up there; abort must accept every half-done
 * state. close, probe, seal, commit, abort, companion and remove may be NULL: nothing to do. */
#ifndef REFRESHER_SINK_OPS_H
#define REFRESHER_SINK_OPS_H

#include "sink/output_path.h"
#include "sink/sink.h"

#include <stdatomic.h>

/* What the log should hear once each. */
enum note { NOTE_TORN, NOTE_DEVICE, NOTE_FILE_SYNC, NOTE_DIRECTORY_SYNC, NOTE_MODE, NOTE_LOCK, NOTES };
struct notes {
	bool taken[NOTES];
	char text[NOTES][SINK_NOTE_MAX]; /* "": it did not come yet */
};

/* Keeps the text for sink_take_note, the first time that this note comes. */
void sink_note(struct notes *n, enum note which, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Lent to an implementation for its whole life. */
struct sink_env {
	const struct io *io;
	struct output_path *output;
	struct notes *notes;
	atomic_uint *published_uid; /* owner of the files that were published; another thread reads it */
	mode_t mode;
	bool mode_is_set; /* by the user, who insists on it */
	uid_t uid;        /* (uid_t)-1: as created */
	gid_t gid;
};

struct sink_ops {
	size_t size; /* of self, which begins with a struct sink_env; the rest is zero at first */
	int (*open)(void *self, struct err *e);  /* close is called after a failure too */
	void (*close)(void *self);               /* nothing is begun */
	int (*probe)(void *self, struct err *e); /* see sink_probe */
	int (*begin)(void *self, struct err *e); /* also 1, see sink_begin */
	int (*write)(void *self, const void *buf, size_t len, struct err *e);
	int (*seal)(void *self, struct err *e);
	int (*commit)(void *self, struct err *e); /* also 1, see sink_commit */
	bool (*abort)(void *self);                /* true: FILE was emptied by it */
	int (*companion)(void *self, const char *suffix, const char *text, size_t len, struct err *e);
	int (*remove)(void *self, const char *suffix, struct err *e); /* of FILE<suffix>; "": of FILE */
};

#endif
