/* fake_io.h - a struct io for tests: the real calls, counted, recorded, and failed on order.
 *
 *   struct fake_io f;
 *   fake_io_init(&f);                                   a directory of its own, f.dir, is made
 *   fake_io_fault(&f, (struct fake_fault){.call = FAKE_WRITE, .nth = 2, .error = ENOSPC});
 *   ... &f.io is handed to the code under test ...
 *   assert_int_equal(fake_io_open_fds(&f), 0);
 *   fake_io_fini(&f);                                   the directory and all in it goes
 *
 * Calls work on real files, so that what is tested is what the kernel does. A failed call is not made, except close,
 * which closes and then says that it failed, as Linux does. The clock is the test's own: it moves only by
 * fake_io_clock, by sleep_ns and by a fault's takes_ns. One thread, and one fake, at a time. */
#ifndef TESTS_FAKE_IO_H
#define TESTS_FAKE_IO_H

#include "base/io.h"

#include <stdbool.h>

enum fake_call {
	FAKE_ANY, /* in a fault only: every call that can fail */
	FAKE_OPENAT,
	FAKE_READ,
	FAKE_WRITE,
	FAKE_FSTAT,
	FAKE_FSTATAT,
	FAKE_FCHMOD,
	FAKE_FCHOWN,
	FAKE_FSYNC,
	FAKE_FTRUNCATE,
	FAKE_LOCK,
	FAKE_UNLOCK,
	FAKE_LOCK_HOLDER,
	FAKE_FLOCK_TRY,
	FAKE_RENAMEAT,
	FAKE_UNLINKAT,
	FAKE_READLINKAT,
	FAKE_LIST,
	FAKE_MOUNT_ROOT,
	FAKE_FS_TYPE,
	FAKE_CLOSE,
	FAKE_CALLS
};
const char *fake_call_name(enum fake_call c);

/* What happens at the nth call (from 1) of that kind, and at the `more` calls after it. With a `name` only the calls
 * count whose path holds it. A read or write with `limit`
 * passes at most that many bytes. `crash` ends the process there, before the call: for a forked child. */
struct fake_fault {
	enum fake_call call;
	unsigned nth, more;
	int error;        /* 0: the call is made */
	size_t limit;     /* 0: none */
	int64_t takes_ns; /* the clock moves by it */
	bool crash;
	const char *name;          /* NULL: every call */
	void (*before)(void *arg); /* runs before the call: what another process does at this moment */
	void *arg;
	unsigned seen; /* of the calls that count; starts at 0 */
};
enum { FAKE_FAULTS = 8, FAKE_EVENTS = 512, FAKE_FDS = 1024, FAKE_EXIT = 99 };

struct fake_event {
	enum fake_call call;
	int fd;        /* the descriptor, or that of the directory */
	bool is_dir;   /* fd is a directory */
	int error;     /* 0: the call went well */
	char name[64]; /* the path or target name, "" where there is none; cut */
};

struct fake_io {
	struct io io;  /* hand out &io */
	char dir[256]; /* absolute, mode 0755 */
	int64_t boottime_ns, real_ns;
	const char *mounted; /* this name is the root of a mount: rename over it and unlink give EBUSY */
	unsigned count[FAKE_CALLS], faults_len, faults_hit;
	enum fake_call last_hit; /* the kind of call that the last fault hit */
	struct fake_fault faults[FAKE_FAULTS];
	unsigned events_len; /* events beyond FAKE_EVENTS are counted, not kept */
	struct fake_event events[FAKE_EVENTS];
	bool open[FAKE_FDS];
	unsigned wrong_closes; /* of descriptors that are not open */
};

void fake_io_init(struct fake_io *f); /* aborts the test program when it cannot */
void fake_io_fini(struct fake_io *f);

void fake_io_fault(struct fake_io *f, struct fake_fault fault);
void fake_io_reset(struct fake_io *f); /* forgets faults, counts and events; keeps files, clock and descriptors */
void fake_io_clock(struct fake_io *f, int64_t mono_by_ns, int64_t real_by_ns); /* jumps, backwards too */

unsigned fake_io_open_fds(const struct fake_io *f); /* opened through it and not closed */
unsigned fake_io_total(const struct fake_io *f);    /* count[FAKE_ANY] */

/* The recorded calls that change something, as one line: "open .a write fsync rename a fsync/dir close". */
void fake_io_story(const struct fake_io *f, char *out, size_t len);

/* Small files for arranging and looking, past the seam. name is relative to f->dir. */
const char *fake_io_path(const struct fake_io *f, const char *name, char out[512]);
void fake_file_write(const struct fake_io *f, const char *name, const char *text);
int fake_file_read(const struct fake_io *f, const char *name, char *out, size_t len); /* length, or -1: missing */
unsigned fake_file_count(const struct fake_io *f, const char *part);                  /* names that contain it */

#endif
