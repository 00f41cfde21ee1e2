/* err.h - the one error object: what went wrong, said for the user.
 *
 * A fallible function returns 0 or -1 and fills the caller's struct err; on success it leaves it untouched. A caller
 * adds context with err_wrap: "publish: fsync: No space left on device". The buffer is fixed, so a failure path never
 * allocates; a longer message is cut, before the text of sys_errno. Thread rule: an object belongs to its caller. */
#ifndef REFRESHER_BASE_ERR_H
#define REFRESHER_BASE_ERR_H

#include <stdbool.h>

/* The values are those of sysexits(3), so that main can end with them. */
enum err_code {
	ERR_NONE = 0,
	ERR_USAGE = 64,       /* the command line */
	ERR_DATA = 65,        /* samples that cannot be assessed */
	ERR_NOINPUT = 66,     /* the samples cannot be found */
	ERR_UNAVAILABLE = 69, /* no usable noise source */
	ERR_SOFTWARE = 70,    /* our bug, or a failed known-answer test */
	ERR_OS = 71,          /* the system refused a thread, a descriptor, memory */
	ERR_CANTCREAT = 73,   /* the output cannot be created */
	ERR_IO = 74,          /* the output cannot be written */
	ERR_NOPERM = 77,      /* permission; the message names the remedy */
	ERR_CONFIG = 78,      /* the configuration */
};

struct err {
	enum err_code code;
	int sys_errno; /* 0 where no system call failed */
	char msg[384]; /* one line, no final full stop; already holds the text of sys_errno */
};

/* Fills *e and returns -1. With sys_errno != 0, ": strerror(sys_errno)" is appended. */
int err_set(struct err *e, enum err_code code, int sys_errno, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Descriptors or memory are short: nothing that was asked for is wrong, and it may be there later. ERR_OS. */
bool err_is_shortage(int sys_errno);

/* Puts "fmt: " before the message and returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
