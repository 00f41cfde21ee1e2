/* regular.h - opens a file for reading without waiting for anybody: a FIFO's open(2) waits for a writer, some devices'
 * for their line. What a FIFO or device is good for is the caller's decision. */
#ifndef REFRESHER_BASE_REGULAR_H
#define REFRESHER_BASE_REGULAR_H

/* A descriptor, non-blocking, or -1 with errno. *other: NULL for a regular file, else what it is: "a directory",
 * "a pipe", "a device". */
int regular_open(const char *path, const char **other);

#endif
