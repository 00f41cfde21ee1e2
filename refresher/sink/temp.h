/* temp.h - the temporary file beside FILE, and what dead processes left of theirs. Private to sink/.
 *
 * Names: .BASE.tmp.PID, and .BASE.tmp.PID.N where that is taken. A process id says nothing about life: two containers
 * with one volume are both process 1, and a restarted one is 1 again. So a living temporary file is a locked one: its
 * owner holds flock(2) on it from creation to rename, and the kernel drops the lock when the owner dies, whatever its
 * name space. The rules that make this safe:
 *   - only its owner, or who holds its lock, unlinks a temporary file;
 *   - who gets the lock looks whether the name still means the same file before unlinking it;
 *   - a creator that does not get the lock at once, or finds its file unlinked, has met a remover in the moment between
 *     creation and lock, and takes the next name.
 * Where a file system has no locks, nobody can tell: left-overs stay, and eight of them are an error. */
#ifndef REFRESHER_SINK_TEMP_H
#define REFRESHER_SINK_TEMP_H

#include "sink/ops.h"

enum { TEMP_TRIES = 8, TEMP_NAME_MAX = 256, TEMP_BASE_MAX = 225 }; /* .BASE.tmp.4194304.7 fits NAME_MAX, 255 */

struct temp {
	int fd; /* -1: there is none */
	char name[TEMP_NAME_MAX];
};

/* Creates it with mode 0600 and locks it. *t is inert after a failure. */
int temp_create(struct temp *t, const struct sink_env *env, struct err *e);

/* Owner, mode, fsync; the data is safe after it, under the temporary name. */
int temp_seal(const struct temp *t, const struct sink_env *env, struct err *e);

/* Renames it to FILE<suffix>, brings the directory to the disk and closes it. -1 with *e: the rename failed, and
 * temp_discard has the rest. 1 with *e: the new file is in place, whole, but a power cut may undo it. */
int temp_publish(struct temp *t, const struct sink_env *env, const char *suffix, struct err *e);

int temp_discard(struct temp *t, const struct sink_env *env); /* -1 with errno: it could not be unlinked */

/* At start: can the directory be written, with the configured owner and mode? A file made and unlinked is the only
 * honest proof: permission bits know nothing of read-only mounts, security modules and quotas. */
int temp_probe(const struct sink_env *env, struct err *e);

/* Unlinks every left-over beside FILE. What cannot be removed is litter, no danger: it is left. false: there is some.
 */
bool temp_sweep(const struct sink_env *env);

/* fsync of a directory. A file system that has no such thing (EINVAL) is no failure: the file is whole and in place,
 * and there is nothing more to be had. */
int dir_sync(const struct sink_env *env, struct err *e);

/* The configured owner, where one is given, and then the mode. */
int own_and_mode(const struct sink_env *env, int fd, mode_t mode, struct err *e);

/* Pure. try 0: .BASE.tmp.PID, else .BASE.tmp.PID.TRY */
void temp_name(char out[TEMP_NAME_MAX], const char *base, long pid, int try);
bool temp_is_name(const char *name, const char *base);

#endif
