#include "assess/compressed.h"

#include "assess/huffman_size.h"
#include "assess/rotations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "255 "; the block size of level 5, which NIST's public tool takes, less what bzip2 keeps free; a run's last two bytes
 * may be above that. */
enum { DIGITS_MAX = 4, BLOCK = 5 * 100000 - 19, BLOCK_MAX = BLOCK + 3 };

struct compressed {
	uint8_t *numbers;
	char *text, *last;
	struct rotations *rotations;
	struct huffman_space space;
};

void compressed_free(struct compressed *c)
{
	if (!c)
		return;
	rotations_free(c->rotations);
	free(c->numbers);
	free(c->text);
	free(c->last);
	free(c->space.groups);
	free(c->space.others);
	free(c);
}

struct compressed *compressed_new(size_t n)
{
	struct compressed *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->numbers = malloc(n + 1);
	c->text = malloc(n * DIGITS_MAX + DIGITS_MAX);
	c->last = malloc(BLOCK_MAX + 2);
	c->rotations = rotations_new(BLOCK_MAX);
	c->space.groups = malloc((BLOCK_MAX / HUFFMAN_GROUP + 2) * sizeof *c->space.groups);
	c->space.others = malloc(BLOCK_MAX * sizeof *c->space.others);
	if (c->numbers && c->text && c->last && c->rotations && c->space.groups && c->space.others)
		return c;
	compressed_free(c);
	return NULL;
}

/* Writes the numbers and the text of them; the length of the text. */
static size_t write_text(struct compressed *c, const uint8_t *bytes, size_t n, const uint8_t value[256])
{
	char words[256][DIGITS_MAX + 1];
	uint8_t length[256];
	char *end = c->text;

	/* Each word is four bytes to copy, of which the next one overwrites what is too much. */
	for (unsigned byte = 0; byte < 256; byte++)
		length[byte] = (uint8_t)snprintf(words[byte], sizeof words[byte], "%u ", value[byte]);
	for (size_t i = 0; i < n; i++) {
		c->numbers[i] = value[bytes[i]];
		memcpy(end, words[bytes[i]], DIGITS_MAX);
		end += length[bytes[i]];
	}
	return (size_t)(end - c->text) - 1; /* without the last space */
}

/* A block ends with the run of equal letters that fills it. bzip2 sees the first letter of the next run by then, and
 * puts it into this block too where it is the last one of all. */
static size_t block_length(const char *text, size_t n)
{
	if (n <= BLOCK)
		return n;
	size_t length = BLOCK;
	while (length < n && text[length] == text[length - 1])
		length++;
	return length + 1 == n ? n : length;
}

uint64_t compressed_size(struct compressed *c, const uint8_t *bytes, size_t n, const uint8_t value[256])
{
	size_t left = write_text(c, bytes, n, value);
	const uint8_t *numbers = c->numbers + 1;
	uint64_t bits = 32 + 48 + 32; /* "BZh5"; the last mark and check sum */

	/* No run is long enough for the first step of bzip2, which makes four equal letters and more shorter. */
	for (const char *block = c->text; left > 0;) {
		const size_t length = block_length(block, left);
		rotations_last(c->rotations, block, length, &numbers, c->last);
		bits += huffman_size(c->last, length, &c->space);
		block += length;
		left -= length;
	}
	return (bits + 7) / 8;
}
