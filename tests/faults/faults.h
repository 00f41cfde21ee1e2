/* faults.h - the faults of a test run, commanded line by line on standard input; each command is answered by one line
 * on standard output. Shared by faultfs (FUSE) and faultcall (ptrace).
 *
 *   device WORDS           what reads of the device bring from now on (behave.h)
 *   fail OP ERRNO [TIMES]  the next TIMES calls of that kind fail (without TIMES: all)
 *   hang OP                calls of that kind do not return until the next `clear`
 *   short OP BYTES         such writes take at most so many bytes
 *   clear                  no faults of the file system any more
 *   hits                   answers "hits N": how many calls a rule has hit since the last `clear`
 *
 * The end of standard input ends the program, so that nothing stays behind a test that was killed. */
#ifndef TESTS_FAULTS_FAULTS_H
#define TESTS_FAULTS_FAULTS_H

#include "behave.h"

#include <pthread.h>

enum fault_op {
	OP_CREATE,
	OP_WRITE,
	OP_FSYNC,
	OP_FSYNCDIR,
	OP_RENAME,
	OP_UNLINK,
	OP_CHMOD,
	OP_LOCK,
	OP_TRUNCATE,
	FAULT_OPS
};

struct fault_rule {
	int error;  /* 0: no such rule */
	long times; /* left; -1: for ever */
	bool hang;
	size_t limit; /* of a write; 0: none */
};

struct faults {
	pthread_mutex_t mutex; /* guards the rest */
	pthread_cond_t changed;
	unsigned commands; /* counts them: whoever waits looks again */
	bool ended;
	unsigned long hits;
	struct behave device;
	struct fault_rule rules[FAULT_OPS];
};

void faults_init(struct faults *f, uint64_t seed);
bool faults_command(struct faults *f, const char *line, char *answer, size_t len); /* false: refused */
void faults_serve(struct faults *f, void (*notify)(void *arg), void *arg);         /* reads commands to the end */

/* What shall become of one call of that kind: 0 = let it pass (at most *limit bytes of a write, 0 = all), an errno, or
 * -1: it hangs. */
int faults_ask(struct faults *f, enum fault_op op, size_t *limit);

#endif
