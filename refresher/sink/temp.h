/* temp.h - the temporary file beside FILE, and what dead processes left of theirs. Private to sink/.
 *
 * Names: .BASE.tmp. and 16 random hexadecimal digits, so that nobody can take one beforehand; one that is taken all the
 * same is a reason to try the next. A living temporary file is a locked one: its owner holds flock(2) on it from
 * creation to rename, and the kernel drops the lock when the owner dies, whatever its name space (two containers with
 * one volume are both process 1). The rules that make this safe:
 *   - a left-over is a regular file of our own user, or of the configured owner; others' are left alone;
 *   - only its owner, or who holds its lock, unlinks a temporary file;
 *   - who gets the lock looks whether the name still means the same file before unlinking it;
 *   - a creator that does not get the lock at once, or finds its file unlinked, has met a remover in the moment between
 *     creation and lock, and takes another name.
 * Where a file system has no locks nobody can tell the dead from the living, and left-overs stay. */
#ifndef REFRESHER_SINK_TEMP_H
#define REFRESHER_SINK_TEMP_H

#include "sink/mode.h"

enum {
	TEMP_TRIES = 100, /* names; a clash of 64 random bits is rarer than a file system that says EEXIST by fault */
	TEMP_BASE_MAX = 225, /* .BASE.tmp.0123456789abcdef fits NAME_MAX, 255 */
};

/* Creates it with mode 0600 and locks it: s->fd and s->temp_name. 0, or -1 with *e and nothing open. */
int temp_create(struct sink *s, struct err *e);

/* Unlinks and closes it; nothing to do when there is none. -1 with errno: it could not be unlinked. */
int temp_discard(struct sink *s);

/* Unlinks every left-over beside FILE. What cannot be removed is litter, no danger: it is left. false: there is some.
 */
bool temp_sweep(const struct sink *s);

/* Pure. */
void temp_name(char out[OUTPUT_NAME_MAX], const char *base, uint64_t random);
bool temp_is_name(const char *name, const char *base);

#endif
