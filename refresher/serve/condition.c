#include "serve/condition.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* RFC 9110 5.6.7: IMF-fixdate, the form that servers send and that clients send back. */
static const char date_form[] = "%a, %d %b %Y %H:%M:%S GMT";

void validators_set(struct validators *v, const struct stat *st, int64_t modified)
{
	struct tm tm = {0};
	time_t when = (time_t)modified;
	uint64_t changed_ns = (uint64_t)st->st_mtim.tv_sec * NS_PER_S + (uint64_t)st->st_mtim.tv_nsec;

	/* Two generations within one tick of the file system's clock differ in their inodes. */
	v->modified = modified;
	snprintf(v->etag, sizeof v->etag, "\"%llx-%llx-%llx\"", (unsigned long long)st->st_ino,
		 (unsigned long long)changed_ns, (unsigned long long)st->st_size);
	/* A year that does not fit leaves the buffer undefined: no date then. */
	if (!gmtime_r(&when, &tm) || strftime(v->date, sizeof v->date, date_form, &tm) == 0)
		v->date[0] = '\0';
}

bool validators_match(const struct validators *v, const char *if_none_match, const char *if_modified_since)
{
	struct tm tm = {0};

	/* 13.2.2 step 3, by the weak comparison of 8.8.3.2: W/ before a tag changes nothing. Ours has its quotes, which
	 * no tag may hold inside, so it is found in a list only where it stands as a whole. */
	if (if_none_match)
		return strcmp(if_none_match, "*") == 0 || strstr(if_none_match, v->etag);

	/* Step 4, only without step 3. What is no date is ignored (13.1.3). */
	const char *end = if_modified_since ? strptime(if_modified_since, date_form, &tm) : NULL;
	return end && *end == '\0' && v->modified <= timegm(&tm);
}
