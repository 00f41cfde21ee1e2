/* rotations.h - the Burrows-Wheeler transform of decimal numbers with a space between them: what stands before each
 * rotation of a text, in the order of the rotations. One instance per thread.
 *
 * The numbers are sorted and not their digits, which is several times faster: a rotation that begins within a number is
 * ordered by the rest of that number, and then by the number behind it. Time grows with n log n, whatever repeats. */
#ifndef REFRESHER_ASSESS_ROTATIONS_H
#define REFRESHER_ASSESS_ROTATIONS_H

#include <stddef.h>
#include <stdint.h>

struct rotations;
struct rotations *rotations_new(size_t n); /* for texts of up to n bytes, 500000 at most; NULL: no memory */
void rotations_free(struct rotations *r);

/* text: n digits and spaces, n > 0; no two spaces side by side but perhaps around its ends, no more than 3 digits in a
 * row. *numbers: the number behind the first space of the text, and those behind it; it moves to the one behind the
 * first space of the text that goes on where this one ends. out: n bytes. */
void rotations_last(struct rotations *r, const char *text, size_t n, const uint8_t **numbers, char *out);

#endif
