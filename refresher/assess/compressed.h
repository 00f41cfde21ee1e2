/* compressed.h - how many bytes bzip2 makes of samples that are written as decimal numbers with a space between them
 * (SP 800-90B, 5.1.11).
 *
 * Only the number is wanted, so nothing is written: the steps of bzip2 1.0 that decide it are made with what is known
 * of such a text (rotations.h, huffman_size.h). The result is that of BZ2_bzBuffToBuffCompress with blocks of 500,000
 * bytes, byte for byte, in a twelfth to a fifth of its time. One instance per thread. */
#ifndef REFRESHER_ASSESS_COMPRESSED_H
#define REFRESHER_ASSESS_COMPRESSED_H

#include <stddef.h>
#include <stdint.h>

struct compressed;
struct compressed *compressed_new(size_t n); /* for n samples; NULL: no memory */
void compressed_free(struct compressed *c);

/* Of n samples, value[bytes[0]] and so on; n > 0. */
uint64_t compressed_size(struct compressed *c, const uint8_t *bytes, size_t n, const uint8_t value[256]);

#endif
