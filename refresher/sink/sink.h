/* sink.h - where a generation of numbers goes: begin, write ..., seal, commit; readers see all of it or nothing of it.
 *
 * Modes: replace (file.h: temporary file, fsync, rename, fsync of the directory), in_place (in_place.h: single-file
 * mounts), device and stream (stream.h: a character device, standard output). sink_open looks at the target once, at
 * start: symbolic links are resolved, the directory is held open by descriptor, a bind-mounted file and a character
 * device are recognised. It runs before the privileges are dropped; everything later goes through the descriptors that
 * it holds, and nothing is found by path again. The object belongs to the worker thread after that. Writing may block
 * as long as the disk does; nothing waits for a reader. The process must block or ignore SIGPIPE and SIGXFSZ. */
#ifndef REFRESHER_SINK_SINK_H
#define REFRESHER_SINK_SINK_H

#include "base/err.h"
#include "base/io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum sink_write { SINK_AUTO, SINK_REPLACE, SINK_IN_PLACE };
enum sink_mode { SINK_MODE_REPLACE, SINK_MODE_IN_PLACE, SINK_MODE_DEVICE, SINK_MODE_STREAM };
extern const char *const sink_mode_names[]; /* by enum sink_mode: "replace", "in_place", "device", "stream" */

enum { SINK_PATH_MAX = 4096, SINK_NOTE_MAX = 256 };

struct sink_config {
	char file[SINK_PATH_MAX]; /* default /numbers.txt; standard output: "-", /dev/stdout, /dev/fd/1, /proc/self/fd/1
				   */
	enum sink_write write;    /* default auto: replace, or what the target needs */
	mode_t mode;              /* 0444; in_place: of a file that it creates, with write for its owner */
	bool mode_is_set;         /* the user asks for it: a file system that does not set it is an error */
	uid_t uid;                /* (uid_t)-1: as created */
	gid_t gid;                /* (gid_t)-1: as created */
};

/* For observers. Owner: who publishes. */
struct sink_counts {
	char file[256];       /* resolved */
	char mode[16];        /* of sink_mode_names */
	bool ok;              /* the last publication did not fail at write or publish */
	bool directory_ok;    /* the output's directory is the one that was opened; else only a restart helps */
	uint64_t generation;  /* successful publications */
	int64_t published_ns; /* the last one, of struct io's clock, or an adopted one; 0: none, or its file is gone */
	uint64_t file_numbers, file_bytes; /* of the present file */
	uint64_t numbers_written;
};

struct sink;

/* c must outlive it. NULL with *e: ERR_CANTCREAT, ERR_NOPERM (the message names path, cause, remedy), ERR_IO (full, or
 * the disk fails), ERR_OS (a limit of the system), ERR_USAGE. The directory is really written to, for the proof.
 * Left-over temporary files of dead processes are removed here, and before the first generation. */
struct sink *sink_open(const struct sink_config *c, const struct io *io, struct err *e);

/* A line for the log that was not taken yet, or NULL: that a file written in place may be torn, what its file system
 * lacks. Each comes once. After sink_open and after each generation; the text is the sink's. */
const char *sink_take_note(struct sink *s);

void sink_free(struct sink *s); /* abandons what was begun: no temporary file stays; NULL is accepted */

/* Could this process, as the user that it is now, go on publishing? Really tried, and nothing of the trial stays: a
 * file is created, given its owner and mode, synced and removed; where FILE itself is written into, it is opened. 0, or
 * -1 with *e as of sink_open: ERR_NOPERM, a right is missing, which another user may have; ERR_OS and ERR_IO, a limit
 * of the system, a full or a broken disk: no user's fault; ERR_CANTCREAT, anything else. For device and stream: 0.
 *
 * `sink` is a struct sink, so that this function can be handed over as a plain pointer: to whoever forks, becomes
 * another user in the child, and asks there. Between two generations only. */
int sink_probe(void *sink, struct err *e);

/* Opens the published file for reading, for whoever hands it on (HTTP): through the directory that is held, never by
 * its path, so that nothing that was moved over FILE since the start is followed or waited for. A descriptor of the
 * caller's, with *st filled, or -1 with errno:
 *   ENOENT  there is none now: nothing was published yet, or it was removed
 *   EINVAL  FILE is standard output or a device, or what stands in its place is a link, a pipe, a directory
 *   EPERM   what stands in its place is not ours: of another owner than this process, output.owner or the file that
 *           was published last; or it has a second name (a hard link), which may be another file's
 *   others  as openat(2)
 * Any thread, also while another publishes: then it is the old file or the new one, whole (but in in_place mode, where
 * it may be torn). Blocks as long as the disk does. */
int sink_open_published(const struct sink *s, struct stat *st);

/* Does a whole file of an earlier run stand at FILE? true with *st: its age counts as if this run had published it. It
 * is not opened, and what it holds is not trusted for anything.
 *
 * Whole is what was renamed into place, so this is for replace mode alone: a file that was written in place may have
 * been cut off. It is regular, not empty, and has one name. Trust is decided by its owner, as for a symbolic link on
 * the way to FILE: root, this process's user, whoever started it, output.owner. The user that another confine.user has
 * made of an earlier run is none of these, and could not be told from anybody else who may put a file into the
 * directory and so make old numbers look fresh; his file is left out, with a note for the log, until this run publishes
 * one of its own. */
bool sink_adopt(struct sink *s, struct stat *st);

/* What others may know of it; until the next begin. The path is the sink's. */
struct sink_view {
	enum sink_mode mode;
	const char *path; /* resolved; "-" for the stream */
	int dir_fd;       /* the directory that is written into, or -1 */
	/* Whether a generation that was given up has cost the file its numbers (in_place), until the next commit. The
	 * rest never changes and is anybody's; what this leads to is of the thread that writes, and of no other. */
	const bool *emptied;
};
struct sink_view sink_view(const struct sink *s);

/* One generation. 0, or -1 with *e (ERR_IO). After a failure of any of them the generation is abandoned, as by
 * sink_abort, and sink_begin may be called again. sink_begin returns 1 with *e when another program holds a lock on
 * the file (in_place): nothing is begun; it may be called again a little later, or the generation is given up with
 * that error. */
int sink_begin(struct sink *s, struct err *e);
int sink_write(struct sink *s, const void *buf, size_t len, struct err *e);

/* Replace mode: brings the data to the disk under its temporary name, which may take long; nobody sees it yet, and
 * sink_abort still gives it up without a trace. The other modes show what is written at once: nothing to do. */
int sink_seal(struct sink *s, struct err *e);

/* After sink_seal. Replace mode: the rename, which is quick. 1 with *e: the new file is in place, whole, but its
 * directory did not reach the disk. */
int sink_commit(struct sink *s, struct err *e);

/* Does the path of the directory still lead to the directory that is held? 0, or -1 with *e: it was removed, moved
 * away, replaced, or something was mounted over it (in_place: or FILE was). Nothing is opened by path again, so only a
 * restart finds the new one. sink_begin and sink_commit ask too, and fail. */
int sink_check(const struct sink *s, struct err *e);

/* Gives up a begun generation; nothing to do is fine. The old file stays, except in in_place mode: what was written
 * over it is gone, so the file is emptied ("no numbers", never a mixture), and *e says so. device and stream have
 * passed on what they got. e may be NULL. */
void sink_abort(struct sink *s, struct err *e);

/* Publishes a small companion file FILE<suffix> (the manifest) by replacement in the same directory; text[len].
 * Only in replace mode; elsewhere 0 at once. */
int sink_publish_companion(struct sink *s, const char *suffix, const char *text, size_t len, struct err *e);

/* Removes FILE<suffix>, the published file ("", health.on_failure: remove) or a companion. Of in_place FILE is emptied
 * instead. Not for device and stream: 0. Missing already: 0. */
int sink_remove(struct sink *s, const char *suffix, struct err *e);

#endif
