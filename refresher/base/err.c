#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_code code, int sys_errno, const char *fmt, ...)
{
	va_list ap;
	char text[128], cause[sizeof text + 2] = "";

	/* Code and errno are for whoever decides what to do about it. */
	e->code = code;
	e->sys_errno = sys_errno;

	/* The GNU strerror_r: safe in every thread. */
	if (sys_errno)
		snprintf(cause, sizeof cause, ": %s", strerror_r(sys_errno, text, sizeof text));

	/* A message that is too long is cut before its cause, which stays whole. */
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof e->msg - strlen(cause), fmt, ap);
	va_end(ap);
	memcpy(e->msg + strlen(e->msg), cause, strlen(cause) + 1);
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof e->msg];
	va_list ap;

	/* The new words come first, so the old ones wait in a copy. */
	memcpy(old, e->msg, sizeof old);
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof e->msg, fmt, ap);
	va_end(ap);

	/* What no longer fits is cut at the end. */
	size_t used = strlen(e->msg);
	snprintf(e->msg + used, sizeof e->msg - used, ": %s", old);
	return -1;
}

/* This process's limit of descriptors, the system's, and memory. */
bool err_is_shortage(int sys_errno)
{
	return sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOMEM;
}
