#include "serve/condition.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void validators_set(struct validators *v, uint64_t inode, uint64_t size, uint64_t changed_ns, int64_t modified)
{
	struct tm tm = {0};
	time_t when = (time_t)modified;
	v->modified = modified;
	snprintf(v->etag, sizeof v->etag, "\"%llx-%llx-%llx\"", (unsigned long long)inode,
		 (unsigned long long)changed_ns, (unsigned long long)size);
	/* A year that does not fit leaves the buffer undefined: no date then. */
	if (!gmtime_r(&when, &tm) || strftime(v->date, sizeof v->date, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		v->date[0] = '\0';
}

int condition_date(const char *text, int64_t *seconds)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
		"%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
		"%a %b %e %H:%M:%S %Y",      /* asctime */
	};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm tm = {0};
		const char *end = strptime(text, forms[i], &tm);
		if (end && *end == '\0') {
			*seconds = timegm(&tm);
			return 0;
		}
	}
	return -1;
}

/* Does the list of entity tags hold ours? "*" holds every one. A weak tag counts only in the weak comparison
 * (8.8.3.2). */
static bool tags_hold(const char *list, const char *etag, bool weak)
{
	size_t n = strlen(etag);
	for (const char *p = list; *p;) {
		p += strspn(p, " \t,");
		if (p[0] == '*')
			return true;
		bool is_weak = strncmp(p, "W/", 2) == 0;
		if (is_weak)
			p += 2;
		if (strncmp(p, etag, n) == 0 && (weak || !is_weak))
			return true;
		/* What is not in quotes is no tag, and nothing behind it can be told apart. */
		if (*p != '"')
			return false;
		p += 1 + strcspn(p + 1, "\"");
		if (*p == '"')
			p++;
	}
	return false;
}

enum http_code condition_evaluate(const struct condition *c, const struct validators *v)
{
	int64_t date;
	/* 13.2.2 steps 1 and 2: If-Match, or else If-Unmodified-Since. */
	if (c->if_match) {
		if (!tags_hold(c->if_match, v->etag, false))
			return CODE_412;
	} else if (c->if_unmodified_since && condition_date(c->if_unmodified_since, &date) == 0 && v->modified > date) {
		return CODE_412;
	}
	/* Steps 3 and 4: If-None-Match, or else If-Modified-Since. */
	if (c->if_none_match)
		return tags_hold(c->if_none_match, v->etag, true) ? CODE_304 : CODE_200;
	if (c->if_modified_since && condition_date(c->if_modified_since, &date) == 0 && v->modified <= date)
		return CODE_304;
	return CODE_200;
}
