/* huffman_size.h - how many bits bzip2 writes for a block of sorted letters: its second half, from moving to the front
 * to Huffman codes, without the writing. Pure.
 *
 * bzip2 codes 50 symbols at a time with one of two to six tables, which it fits to the block in four rounds; the number
 * of bits depends on each choice, so all of them are made as bzip2 1.0 makes them. */
#ifndef REFRESHER_ASSESS_HUFFMAN_SIZE_H
#define REFRESHER_ASSESS_HUFFMAN_SIZE_H

#include <stddef.h>
#include <stdint.h>

enum { HUFFMAN_SYMBOLS = 16, HUFFMAN_GROUP = 50 };

/* What the rounds look at: how often each symbol comes in each group. */
struct huffman_group {
	uint8_t count[HUFFMAN_SYMBOLS];
};

/* The caller's memory, for texts of n letters. */
struct huffman_space {
	struct huffman_group *groups; /* n / HUFFMAN_GROUP + 2 */
	uint32_t *others;             /* n */
};

/* letters: n digits and spaces, and room for two more; what they become is written over them. The bits of the block,
 * with its header. */
uint64_t huffman_size(char *letters, size_t n, const struct huffman_space *space);

#endif
