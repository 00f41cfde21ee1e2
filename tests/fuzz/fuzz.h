/* fuzz.h - what the fuzz targets share: an asserted invariant, and a reader that cuts an input into parts.
 *
 * A target is LLVMFuzzerTestOneInput in fuzz_NAME.c: it feeds one input to a module and checks what must hold for every
 * input. The same input always takes the same way. */
#ifndef REFRESHER_TESTS_FUZZ_H
#define REFRESHER_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Unlike assert it says what the values were, by a message of the caller. */
#define FUZZ_CHECK(condition, ...)                                                                                     \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s: ", __FILE__, __LINE__, #condition);                 \
			fprintf(stderr, __VA_ARGS__);                                                                  \
			fputc('\n', stderr);                                                                           \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

struct fuzz_input {
	const uint8_t *p;
	size_t left;
};

/* 0 when the input is used up. */
static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->p++;
}

static inline uint64_t fuzz_uint(struct fuzz_input *in, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | fuzz_u8(in);
	return v;
}

/* n bytes as a string in memory of exactly its size, so that a read beyond it is seen. The caller frees it. */
static inline char *fuzz_string(const uint8_t *p, size_t n)
{
	char *s = malloc(n + 1);

	if (!s)
		abort();
	if (n > 0)
		memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

/* The text up to the next LF or NUL, as fuzz_string. */
static inline char *fuzz_line(struct fuzz_input *in)
{
	size_t n = 0;

	while (n < in->left && in->p[n] != '\n' && in->p[n] != '\0')
		n++;
	char *line = fuzz_string(in->p, n);
	n += n < in->left;
	in->p += n;
	in->left -= n;
	return line;
}

/* A copy in memory of exactly its size; the caller frees it. */
static inline uint8_t *fuzz_copy(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n > 0)
		memcpy(copy, p, n);
	return copy;
}

/* One line that a terminal shows as it is: no control character. */
static inline bool fuzz_is_one_line(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	}
	return true;
}

#endif
