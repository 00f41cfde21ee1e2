#include "assess/contexts.h"

#include "assess/memory.h"

#include <stdlib.h>

/* The last `length` symbols, with nothing before them. */
static struct context cut(const struct before *symbols, unsigned length)
{
	struct context c = {.symbols = *symbols, .length = length};

	if (length <= 8)
		c.symbols = (struct before){.near = symbols->near & ~(uint64_t)0 >> (64 - 8 * length)};
	else
		c.symbols.far &= ~(uint64_t)0 >> (128 - 8 * length);
	return c;
}

/* Where a context is, or the free place where it would be. */
static struct context *find(const struct contexts *t, const struct context *c)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;
	const uint64_t mixed = ((c->symbols.near * odd) ^ (c->symbols.far + c->length)) * odd;
	size_t at = mixed >> (64 - t->bits);

	for (;; at = (at + 1) & (((size_t)1 << t->bits) - 1)) {
		struct context *here = &t->place[at];
		if (here->length == 0 || (here->length == c->length && here->symbols.near == c->symbols.near &&
					  here->symbols.far == c->symbols.far))
			return here;
	}
}

int contexts_init(struct contexts *t, size_t max)
{
	*t = (struct contexts){.max = max, .bits = 1};
	while ((size_t)1 << t->bits < 2 * max)
		t->bits++;
	t->place = memory_zeroed(sizeof(*t->place) << t->bits);
	return t->place ? 0 : -1;
}

bool contexts_has(const struct contexts *t, const struct before *symbols, unsigned length)
{
	const struct context c = cut(symbols, length);

	return find(t, &c)->length != 0;
}

void contexts_add(struct contexts *t, const struct before *symbols, unsigned length)
{
	const struct context c = cut(symbols, length);

	*find(t, &c) = c;
	t->kept++;
}

void contexts_fini(struct contexts *t)
{
	free(t->place);
	*t = (struct contexts){.bits = 0};
}
