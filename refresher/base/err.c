#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_code code, int sys_errno, const char *fmt, ...)
{
	va_list ap;
	e->code = code;
	e->sys_errno = sys_errno;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof e->msg, fmt, ap);
	va_end(ap);
	if (sys_errno) {
		size_t used = strlen(e->msg);
		char text[128];
		/* The GNU strerror_r: safe in every thread. */
		snprintf(e->msg + used, sizeof e->msg - used, ": %s", strerror_r(sys_errno, text, sizeof text));
	}
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof e->msg];
	va_list ap;
	memcpy(old, e->msg, sizeof old);
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof e->msg, fmt, ap);
	va_end(ap);
	size_t used = strlen(e->msg);
	snprintf(e->msg + used, sizeof e->msg - used, ": %s", old);
	return -1;
}
