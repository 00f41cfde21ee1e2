/* utf8.h - what is a character and what is not: paths may hold any bytes, JSON and YAML readers take less. Pure. */
#ifndef REFRESHER_BASE_UTF8_H
#define REFRESHER_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the UTF-8 character at s (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF); 0 where there
 * is none. The NUL at the end of a string is a character of one byte, and stops one that was cut. */
size_t utf8_len(const char *s);

#endif
