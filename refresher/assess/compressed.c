#include "assess/compressed.h"

#include <bzlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 4, LEVEL = 5 }; /* "255 "; the block size that NIST's public tool takes */

struct compressed {
	char *text, *out;
	size_t cap; /* of out */
};

void compressed_free(struct compressed *c)
{
	if (!c)
		return;
	free(c->text);
	free(c->out);
	free(c);
}

struct compressed *compressed_new(size_t n)
{
	struct compressed *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;

	/* The least room that bzip2 asks for what cannot be made smaller. */
	const size_t text = n * DIGITS_MAX;
	c->cap = text + text / 100 + 600;
	c->text = malloc(text);
	c->out = malloc(c->cap);
	if (c->text && c->out)
		return c;
	compressed_free(c);
	return NULL;
}

int64_t compressed_size(struct compressed *c, const uint8_t *bytes, size_t n, const uint8_t value[256])
{
	char words[256][DIGITS_MAX + 1];
	uint8_t length[256];
	char *end = c->text;

	/* Each word is four bytes to copy, of which the next one overwrites what is too much. */
	for (unsigned byte = 0; byte < 256; byte++)
		length[byte] = (uint8_t)snprintf(words[byte], sizeof words[byte], "%u ", value[byte]);
	for (size_t i = 0; i < n; i++) {
		memcpy(end, words[bytes[i]], DIGITS_MAX);
		end += length[bytes[i]];
	}

	/* Without the last space. */
	unsigned size = (unsigned)c->cap;
	const unsigned text = (unsigned)(end - c->text - 1);
	return BZ2_bzBuffToBuffCompress(c->out, &size, c->text, text, LEVEL, 0, 0) == BZ_OK ? (int64_t)size : -1;
}
