#include "serve/slots.h"

struct slot *slots_add(struct slots *s, int fd)
{
	/* The first free slot is as good as any. */
	for (size_t i = 0; i < s->n; i++) {
		struct slot *slot = &s->array[i];
		if (slot->used > 0)
			continue;
		*slot = (struct slot){.fd = fd, .arrival = ++s->arrivals, .used = ++s->uses};
		return slot;
	}
	return NULL;
}

void slots_remove(struct slot *slot)
{
	*slot = (struct slot){.used = 0};
}

void slots_touch(struct slots *s, struct slot *slot, bool busy)
{
	slot->busy = busy;
	slot->asked = true;
	slot->used = ++s->uses;
}

/* Counted in arrivals and not in uses: every request that is read makes another connection the youngest. */
static bool is_new(const struct slots *s, const struct slot *slot, size_t limit)
{
	return !slot->asked && s->arrivals - slot->arrival <= limit / 2;
}

/* An idle one goes before one whose response is under way, and of the same kind the longer unused. */
static bool goes_before(const struct slot *a, const struct slot *b)
{
	return a->busy == b->busy ? a->used < b->used : b->busy;
}

struct slot *slots_shed(struct slots *s, size_t limit)
{
	struct slot *victim = NULL;
	size_t open = 0;

	/* All are looked at, because their order in the array is that of the free places. One that was chosen to go
	 * stays in its slot until the library reports its end, but it does not count any more. */
	for (size_t i = 0; i < s->n; i++) {
		struct slot *slot = &s->array[i];
		if (slot->used == 0 || slot->shed)
			continue;
		open++;
		if (!is_new(s, slot, limit) && (!victim || goes_before(slot, victim)))
			victim = slot;
	}
	if (open <= limit || !victim)
		return NULL;
	victim->shed = true;
	return victim;
}
