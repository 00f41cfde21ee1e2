#include "config/reading.h"

#include <stdint.h>
#include <string.h>

/* Those of the command line come last. */
static bool is_behind(const struct config_fault *f, size_t line, size_t column)
{
	size_t have = f->line ? f->line : SIZE_MAX, want = line ? line : SIZE_MAX;
	return have > want || (have == want && f->column > column);
}

void reading_add(struct reading *r, size_t line, size_t column, bool unreadable, const struct err *e)
{
	/* Its place among the others; of those that have the same place the first stays first. */
	size_t at = r->count;
	while (at > 0 && is_behind(&r->faults[at - 1], line, column))
		at--;

	/* The list keeps the first ones of the file, so a full one loses its last. */
	r->more += r->count == FAULTS_MAX;
	if (at == FAULTS_MAX)
		return;

	/* Those behind it move on by one. */
	r->count += r->count < FAULTS_MAX;
	memmove(&r->faults[at + 1], &r->faults[at], (r->count - 1 - at) * sizeof r->faults[0]);

	/* What the command line got wrong has no place in the file, and its message names the option. */
	struct config_fault *f = &r->faults[at];
	*f = (struct config_fault){.line = line, .column = column, .unreadable = unreadable, .e = *e};
	if (line)
		err_wrap(&f->e, "%.*s:%zu:%zu", FILE_NAME_SHOWN, r->name, line, column);
}

bool reading_is_unreadable(const struct reading *r, size_t line)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->faults[i].unreadable && r->faults[i].line == line)
			return true;
	}
	return false;
}

int reading_end(struct reading *r)
{
	/* The array has room for one more than FAULTS_MAX. */
	if (r->more > 0)
		err_set(&r->faults[r->count++].e, ERR_CONFIG, 0, "%.*s: and %zu more", FILE_NAME_SHOWN,
			r->name ? r->name : "command line", r->more);
	return r->count > 0 ? -1 : 0;
}
