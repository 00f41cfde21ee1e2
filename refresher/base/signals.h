/* signals.h - the signals that the daemon answers: taken before anything that takes time, answered by the main loop.
 *
 * Main thread, before any other thread starts. A signal that comes in between waits; as process 1 the kernel would drop
 * it, as any other its default action would end the program without a word. */
#ifndef REFRESHER_BASE_SIGNALS_H
#define REFRESHER_BASE_SIGNALS_H

#include <signal.h>

/* First act of main: blocks them. Whatever the parent did with SIGCHLD, children can be waited for. */
void signals_take(void);

/* For a program that only answers and ends: they have their default action again, also those that came meanwhile. */
void signals_give_back(void);

/* Ends the program by this signal, as a shell expects of what a signal has cut off. For process 1, which no signal's
 * default action ends, it returns what a shell would have seen: 128 + signo. */
int signals_end_by(int signo);

void signals_ours(sigset_t *mask);   /* SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 */
void signals_of_end(sigset_t *mask); /* SIGTERM, SIGINT */

#endif
