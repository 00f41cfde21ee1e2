/* tty.h - a generator behind a serial line: many USB generators are one (/dev/ttyACM0, /dev/ttyUSB0).
 *
 * As a terminal starts, in cooked mode, the line discipline takes bytes out of what the generator says (0x03, 0x11,
 * ...), changes others (CR to LF), waits for ends of lines, and sends everything back to the generator. Private to
 * source/. */
#ifndef REFRESHER_SOURCE_TTY_H
#define REFRESHER_SOURCE_TTY_H

#include "base/err.h"

#include <stdbool.h>
#include <termios.h>

/* Nothing for what is no terminal: 0. Else the line hands on each byte as it came and sends nothing back: set,
 * verified, and what lay in its buffer from before thrown away. Speed and flow control by wires stay as they are. -1
 * with *e (ERR_UNAVAILABLE): it cannot be made so, or it is the terminal that we were started from, which a
 * person needs. It is left raw: at the end the filter of system calls no longer lets it be changed, and the next reader
 * of a generator wants the same. Needs ioctl(2). */
int tty_make_raw(int fd, const char *path, struct err *e);

/* Whether each byte passes as it came, and none is sent back. Pure. */
bool tty_is_raw(const struct termios *t);

#endif
