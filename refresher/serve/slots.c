#include "serve/slots.h"

void slots_init(struct slots *s)
{
	*s = (struct slots){.open = 0};
	s->ends.older = s->ends.younger = &s->ends;
}

static void append(struct slots *s, struct slot *slot)
{
	slot->older = s->ends.older;
	slot->younger = &s->ends;
	slot->older->younger = slot;
	s->ends.older = slot;
}

static void unlink_slot(struct slot *slot)
{
	slot->older->younger = slot->younger;
	slot->younger->older = slot->older;
}

void slots_add(struct slots *s, struct slot *slot)
{
	*slot = (struct slot){.arrival = ++s->arrivals};
	append(s, slot);
	s->open++;
}

void slots_remove(struct slots *s, struct slot *slot)
{
	unlink_slot(slot);
	s->open--;
}

void slots_touch(struct slots *s, struct slot *slot, bool busy)
{
	slot->busy = busy;
	slot->asked = true;
	unlink_slot(slot);
	append(s, slot);
}

/* Counted in arrivals, not by its place in the list: every request that is read makes another one the youngest. */
static bool is_new(const struct slots *s, const struct slot *slot, size_t limit)
{
	return !slot->asked && s->arrivals - slot->arrival <= limit / 2;
}

struct slot *slots_shed(const struct slots *s, size_t limit)
{
	struct slot *busy = NULL;
	if (s->open <= limit)
		return NULL;
	for (struct slot *slot = s->ends.younger; slot != &s->ends; slot = slot->younger) {
		if (is_new(s, slot, limit))
			continue;
		if (!slot->busy)
			return slot;
		if (!busy)
			busy = slot;
	}
	return busy;
}
