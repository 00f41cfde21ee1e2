/* table.h - numbers by number: a hash table that grows. Allocates. */
#ifndef REFRESHER_ASSESS_TABLE_H
#define REFRESHER_ASSESS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_entry {
	uint32_t key; /* 0: free */
	uint32_t value;
};

/* {0} is an empty one. */
struct table {
	struct table_entry *entry;
	size_t used;
	unsigned bits; /* of the number of places; 0 where there are none yet */
};

/* The entry of a key above 0, or NULL. It stays where it is until the next table_add. */
static inline struct table_entry *table_find(const struct table *t, uint32_t key)
{
	if (t->bits == 0)
		return NULL;

	/* From its place on, up to the first that is free. */
	const size_t last = ((size_t)1 << t->bits) - 1;
	size_t at = key * 2654435769U >> (32 - t->bits);
	while (t->entry[at].key != key) {
		if (t->entry[at].key == 0)
			return NULL;
		at = (at + 1) & last;
	}
	return &t->entry[at];
}

/* Adds a key that is not there. 0, or -1: no memory. */
int table_add(struct table *t, uint32_t key, uint32_t value);
void table_free(struct table *t);

#endif
