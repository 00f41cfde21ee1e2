#include "confine/layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void layer_set(struct confine_layer *l, bool holds, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(l->detail, sizeof l->detail, fmt, args);
	va_end(args);
	l->holds = holds;
}

/* What does not fit any more is cut; the first warning is the more important one. */
void layer_warn(struct confine_layer *l, const char *fmt, ...)
{
	va_list args;
	char text[sizeof l->warning];
	size_t used = strlen(l->warning);
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	snprintf(l->warning + used, sizeof l->warning - used, "%s%s", used > 0 ? "; " : "", text);
}
