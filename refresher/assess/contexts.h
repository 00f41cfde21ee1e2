/* contexts.h - a set of contexts, the 1 to 16 symbols before a place, of limited size: what LZ78Y keeps. Allocates. */
#ifndef REFRESHER_ASSESS_CONTEXTS_H
#define REFRESHER_ASSESS_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONTEXT_MAX = 16 };

/* The 16 symbols before a place, the last one in the lowest byte. */
struct before {
	uint64_t near, far;
};

static inline void before_push(struct before *b, uint8_t symbol)
{
	b->far = b->far << 8 | b->near >> 56;
	b->near = b->near << 8 | symbol;
}

/* How many of the last symbols two have in common: 0 ... 16. */
static inline unsigned before_common(const struct before *a, const struct before *b)
{
	if (a->near != b->near)
		return (unsigned)__builtin_ctzll(a->near ^ b->near) / 8;
	return a->far == b->far ? CONTEXT_MAX : 8 + (unsigned)__builtin_ctzll(a->far ^ b->far) / 8;
}

struct context {
	struct before symbols;
	unsigned length; /* 0: a free place */
};

struct contexts {
	struct context *place;
	size_t kept, max;
	unsigned bits; /* of the number of places, of which at most half are taken */
};

/* max: 1 ... 2^24. 0, or -1: no memory. */
int contexts_init(struct contexts *t, size_t max);

/* Whether the last `length` symbols are a context that is kept. length: 1 ... 16. */
bool contexts_has(const struct contexts *t, const struct before *symbols, unsigned length);

/* Keeps one that is not there; kept < max. */
void contexts_add(struct contexts *t, const struct before *symbols, unsigned length);
void contexts_fini(struct contexts *t);

#endif
