/* mode.h - the sink's object, and the table of what the modes do differently; private to sink/.
 *
 * steps.c leads every mode through the same steps: begin, write ..., seal, commit, or abort, in this order only. After
 * a failure of one of them it calls abort, so they may return at once and leave the clean-up there; abort must accept
 * every half-done state. All but open may be NULL: nothing to do. Functions return 0, or -1 with *e. */
#ifndef REFRESHER_SINK_MODE_H
#define REFRESHER_SINK_MODE_H

#include "sink/output_path.h"
#include "sink/sink.h"

#include <stdatomic.h>

/* What the log should hear once each. */
enum note { NOTE_TORN, NOTE_DEVICE, NOTE_FILE_SYNC, NOTE_DIRECTORY_SYNC, NOTE_MODE, NOTE_LOCK, NOTE_OWNER, NOTES };

struct sink_ops {
	int (*open)(struct sink *s, struct err *e);        /* at the start */
	int (*probe)(struct sink *s, struct err *e);       /* see sink_probe */
	int (*begin)(struct sink *s, struct err *e);       /* also 1, see sink_begin */
	int (*first_write)(struct sink *s, struct err *e); /* before the first byte of a generation */
	int (*seal)(struct sink *s, struct err *e);
	int (*commit)(struct sink *s, struct err *e); /* also 1, see sink_commit */
	bool (*abort)(struct sink *s);                /* true: FILE was emptied by it */
	int (*companion)(struct sink *s, const char *suffix, const char *text, size_t len, struct err *e);
	int (*remove)(struct sink *s, const char *suffix, struct err *e); /* of FILE<suffix>; "": of FILE */
};

struct sink {
	const struct io *io;
	const struct sink_config *config; /* the caller's */
	struct output_path output;
	enum sink_mode mode;
	const struct sink_ops *ops;
	int fd;           /* what is written into: the temporary file, FILE, the device, standard output; -1: none */
	uint64_t written; /* bytes of this generation */
	bool begun;
	bool emptied;              /* by a generation that was given up; until the next commit */
	atomic_uint published_uid; /* owner of the files that were published; another thread reads it */

	/* replace: the name of the temporary file that is open, and whether another may be left that should not be */
	char temp_name[256];
	bool littered;

	/* in_place: FILE is locked; it was made and its directory is not yet on the disk; it was emptied for this
	 * generation */
	bool locked, new_entry, writing;

	/* Notes in the order in which they came, and how many of them were taken. */
	char notes[NOTES][SINK_NOTE_MAX];
	unsigned notes_known, notes_kept, notes_taken; /* notes_known: a bit for each enum note */
};

/* Keeps the text for sink_take_note, the first time that this note comes. */
void sink_note(struct sink *s, enum note which, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Writes text[len] behind what this generation has written already. */
int sink_append(struct sink *s, const void *text, size_t len, struct err *e);

#endif
