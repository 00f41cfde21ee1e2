#include "source/source.h"

const char *source_cause_name(unsigned cause)
{
	static const char *const names[SOURCE_CAUSES] = {
		"fine", "missing", "wrong_type", "cgroup", "mode", "no_driver", "io", "end", "timeout", "unsupported"};
	return names[cause];
}

#define SOURCE_NAME(constant, name) #name,
const char *const source_kind_names[] = {SOURCE_KIND_LIST(SOURCE_NAME) NULL};

const char *source_kind_name(unsigned kind)
{
	return source_kind_names[kind];
}

void source_close(struct source *s)
{
	if (s->ops)
		s->ops->free(s->self);
	*s = (struct source){0};
}
