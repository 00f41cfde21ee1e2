/* clock.h - times are nanoseconds in an int64_t, which lasts for 292 years. Any thread. */
#ifndef REFRESHER_BASE_CLOCK_H
#define REFRESHER_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum { NS_PER_S = 1000000000 };

static inline int64_t clock_from_timespec(struct timespec t)
{
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* A length as the configuration has it, cut to whole nanoseconds; below 10^9 s. */
static inline int64_t clock_from_seconds(double seconds)
{
	return (int64_t)(seconds * NS_PER_S);
}

/* For a reader: whole microseconds, which a double holds for 285 years, and whose text is short. */
static inline double clock_seconds(int64_t ns)
{
	const int64_t us = ns / 1000;
	return (double)us / 1e6;
}

/* What the clock shows: of CLOCK_REALTIME since 1970, of CLOCK_MONOTONIC and CLOCK_BOOTTIME since the machine started.
 */
static inline int64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return clock_from_timespec(t);
}

/* As the system calls take it; a time before 0 is 0. */
static inline struct timespec clock_timespec(int64_t ns)
{
	ns = ns > 0 ? ns : 0;
	return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* A deadline of CLOCK_BOOTTIME for a wait that knows CLOCK_MONOTONIC alone. That one stands still while the machine is
 * suspended, so the wait may end late then, but never early; INT64_MAX is no deadline. */
static inline struct timespec clock_deadline(int64_t boot_ns)
{
	const int64_t for_ever = INT64_C(100) * 365 * 86400 * NS_PER_S;
	int64_t left = boot_ns - clock_ns(CLOCK_BOOTTIME);
	return clock_timespec(clock_ns(CLOCK_MONOTONIC) + (left < for_ever ? left : for_ever));
}

#endif
