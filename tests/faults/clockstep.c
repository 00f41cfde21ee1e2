/* clockstep.c - a wall clock that is set, and a machine that sleeps, for one process alone (LD_PRELOAD). The machine's
 * own clocks are not touched.
 *
 * Once the file that CLOCK_FILE names is there, the wall clock shows the true time; before that it shows CLOCK_BEFORE
 * seconds less. From the same moment on CLOCK_BOOTTIME, and the wall clock with it, is CLOCK_SLEPT seconds ahead, as
 * after a sleep of that length; CLOCK_MONOTONIC is not, because it stands still in a sleep. */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long seconds_of(const char *name)
{
	const char *text = getenv(name);
	return text ? strtol(text, NULL, 10) : 0;
}

/* The process may not open files any more, but it may look whether one is there. */
static bool has_happened(void)
{
	struct stat st;
	const char *path = getenv("CLOCK_FILE");
	return path && stat(path, &st) == 0;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);
	bool happened = has_happened();
	if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME) && happened)
		t->tv_sec += seconds_of("CLOCK_SLEPT");
	if (rc == 0 && id == CLOCK_REALTIME && !happened)
		t->tv_sec -= seconds_of("CLOCK_BEFORE");
	return rc;
}
