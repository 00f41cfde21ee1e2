#include "serve/slots.h"

struct slot *slots_add(struct slots *s, int fd, int64_t now_ns)
{
	/* The first free slot is as good as any. */
	for (size_t i = 0; i < s->n; i++) {
		struct slot *slot = &s->array[i];
		if (slot->used > 0)
			continue;
		*slot = (struct slot){.fd = fd, .arrived_ns = now_ns, .turn = s->turns, .used = ++s->uses};
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

/* An idle one goes before one whose response is under way, and of the same kind the longer unused. */
static bool goes_before(const struct slot *a, const struct slot *b)
{
	return a->busy == b->busy ? a->used < b->used : b->busy;
}

/* One that was chosen to go stays in its slot until the library reports its end, but it does not count any more. */
static bool counts(const struct slot *slot)
{
	return slot->used > 0 && !slot->shed;
}

bool slots_are_too_many(const struct slots *s)
{
	size_t open = 0;
	for (size_t i = 0; i < s->n; i++)
		open += counts(&s->array[i]);
	return open > s->limit;
}

struct slot *slots_shed(struct slots *s, int64_t now_ns)
{
	struct slot *victim = NULL;
	if (!slots_are_too_many(s))
		return NULL;

	/* All are looked at, because their order in the array is that of the free places. */
	for (size_t i = 0; i < s->n; i++) {
		struct slot *slot = &s->array[i];
		if (counts(slot) && (!victim || goes_before(slot, victim)))
			victim = slot;
	}

	if (!victim)
		return NULL;

	/* A new one has its time, and nobody goes in its place who is in use. */
	bool is_young = now_ns - victim->arrived_ns < SLOTS_NEW_NS || s->turns - victim->turn < 2;
	if (!victim->asked && is_young)
		return NULL;
	victim->shed = true;
	return victim;
}
