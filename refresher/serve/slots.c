#include "serve/slots.h"

void slots_init(struct slots *s, struct slot *array, size_t n)
{
	*s = (struct slots){.unused = NULL};
	s->ends.older = s->ends.younger = &s->ends;
	for (size_t i = n; i-- > 0;) {
		array[i] = (struct slot){.younger = s->unused, .fd = -1};
		s->unused = &array[i];
	}
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

struct slot *slots_add(struct slots *s, int fd)
{
	struct slot *slot = s->unused;
	if (!slot)
		return NULL;
	s->unused = slot->younger;
	*slot = (struct slot){.fd = fd, .arrival = ++s->arrivals};
	append(s, slot);
	s->open++;
	return slot;
}

void slots_remove(struct slots *s, struct slot *slot)
{
	unlink_slot(slot);
	if (!slot->shed)
		s->open--;
	*slot = (struct slot){.younger = s->unused, .fd = -1};
	s->unused = slot;
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

struct slot *slots_shed(struct slots *s, size_t limit)
{
	struct slot *busy = NULL, *slot;
	if (s->open <= limit)
		return NULL;
	for (slot = s->ends.younger; slot != &s->ends; slot = slot->younger) {
		if (slot->shed || is_new(s, slot, limit))
			continue;
		if (!slot->busy)
			break;
		if (!busy)
			busy = slot;
	}
	if (slot == &s->ends)
		slot = busy;
	if (!slot)
		return NULL;
	slot->shed = true;
	s->open--;
	return slot;
}
