/* number.h - a double as text. Pure. */
#ifndef REFRESHER_BASE_NUMBER_H
#define REFRESHER_BASE_NUMBER_H

#include <stddef.h>

/* The shortest text of 15 to 17 digits that reads back as the same double, with NUL, into out[cap]; 32 bytes suffice.
 * v is finite. */
void number_put(double v, char *out, size_t cap);

#endif
