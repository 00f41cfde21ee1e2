#include "assess/table.h"

#include "assess/memory.h"

#include <stdlib.h>

enum { BITS_MIN = 10 };

static void put(struct table *t, struct table_entry e)
{
	const size_t last = ((size_t)1 << t->bits) - 1;
	size_t at = e.key * 2654435769U >> (32 - t->bits);

	while (t->entry[at].key != 0)
		at = (at + 1) & last;
	t->entry[at] = e;
}

/* Twice the places, to which all entries move. */
static int grow(struct table *t)
{
	const size_t places = t->bits ? (size_t)1 << t->bits : 0;
	struct table more = {.used = t->used, .bits = t->bits ? t->bits + 1 : BITS_MIN};

	more.entry = memory_zeroed(sizeof(*more.entry) << more.bits);
	if (!more.entry)
		return -1;
	for (size_t i = 0; i < places; i++)
		if (t->entry[i].key != 0)
			put(&more, t->entry[i]);
	free(t->entry);
	*t = more;
	return 0;
}

int table_add(struct table *t, uint32_t key, uint32_t value)
{
	/* At most half of the places are taken, so that what is not there is soon known not to be. */
	if ((t->bits == 0 || t->used >= (size_t)1 << t->bits >> 1) && grow(t) < 0)
		return -1;
	put(t, (struct table_entry){key, value});
	t->used++;
	return 0;
}

void table_free(struct table *t)
{
	free(t->entry);
	*t = (struct table){.bits = 0};
}
