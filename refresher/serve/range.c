#include "serve/range.h"

#include "base/regular.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void range_file_set(struct range_file *f, uint64_t inode, int64_t modified, uint32_t modified_ns, uint64_t size)
{
	struct tm tm = {0};
	time_t when = (time_t)modified;
	f->modified = modified;
	f->size = size;
	snprintf(f->etag, sizeof f->etag, "\"%llx-%llx.%x-%llx\"", (unsigned long long)inode,
		 (unsigned long long)modified, modified_ns, (unsigned long long)size);
	/* A year that does not fit leaves the buffer undefined: no date then. */
	if (!gmtime_r(&when, &tm) || strftime(f->date, sizeof f->date, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		f->date[0] = '\0';
}

int range_open(const char *path, struct range_file *f)
{
	struct stat st;
	const char *other;
	int fd = regular_open(path, &other);
	if (fd < 0)
		return -1;
	if (other || fstat(fd, &st) < 0) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	range_file_set(f, st.st_ino, st.st_mtim.tv_sec, (uint32_t)st.st_mtim.tv_nsec, (uint64_t)st.st_size);
	return fd;
}

int range_date(const char *text, int64_t *seconds)
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
		if (*p != '"')
			return false; /* malformed: nothing matches from here */
		p += 1 + strcspn(p + 1, "\"");
		if (*p == '"')
			p++;
	}
	return false;
}

/* 13.2.2: If-Match or else If-Unmodified-Since, then If-None-Match or else If-Modified-Since. */
static enum http_code preconditions(const struct range_request *r, const struct range_file *f)
{
	int64_t date;
	if (r->if_match) {
		if (!tags_hold(r->if_match, f->etag, false))
			return CODE_412;
	} else if (r->if_unmodified_since && range_date(r->if_unmodified_since, &date) == 0 && f->modified > date) {
		return CODE_412;
	}
	if (r->if_none_match)
		return tags_hold(r->if_none_match, f->etag, true) ? CODE_304 : CODE_200;
	if (r->if_modified_since && range_date(r->if_modified_since, &date) == 0 && f->modified <= date)
		return CODE_304;
	return CODE_200;
}

/* A decimal number at *p; false: none, or over 18 digits (then *p stands behind nothing useful). */
static bool number(const char **p, uint64_t *v)
{
	size_t n = strspn(*p, "0123456789");
	if (n == 0 || n > 18)
		return false;
	*v = 0;
	for (size_t i = 0; i < n; i++)
		*v = *v * 10 + (uint64_t)((*p)[i] - '0');
	*p += n;
	return true;
}

/* "bytes=first-last", "bytes=first-" or "bytes=-count". False: not one range of bytes. */
static bool range_parse(const char *text, uint64_t size, uint64_t *first, uint64_t *last)
{
	uint64_t count;
	if (strncmp(text, "bytes=", 6) != 0)
		return false;
	text += 6;
	if (*text == '-') {
		text++;
		if (!number(&text, &count) || *text != '\0')
			return false;
		*first = count == 0 ? size : count < size ? size - count : 0; /* no bytes at all: unsatisfiable */
		*last = UINT64_MAX;
		return true;
	}
	if (!number(&text, first) || *text != '-')
		return false;
	text++;
	*last = UINT64_MAX;
	if (*text == '\0')
		return true;
	return number(&text, last) && *text == '\0' && *last >= *first;
}

/* 13.1.5: the range counts only if the file is still the one that the client has a part of. A date never holds: two
 * generations may share a second, so it is no strong validator here. */
static bool if_range_holds(const char *if_range, const struct range_file *f)
{
	return !if_range || strcmp(if_range, f->etag) == 0;
}

struct range_answer range_evaluate(const struct range_request *r, const struct range_file *f)
{
	struct range_answer a = {preconditions(r, f), 0, f->size};
	uint64_t first, last;
	if (a.code != CODE_200 || !r->range || !if_range_holds(r->if_range, f) ||
	    !range_parse(r->range, f->size, &first, &last))
		return a;
	if (first >= f->size) {
		a.code = CODE_416;
		return a;
	}
	if (last >= f->size)
		last = f->size - 1;
	a.code = CODE_206;
	a.offset = first;
	a.length = last - first + 1;
	return a;
}

bool range_content(const struct range_answer *a, const struct range_file *f, char out[RANGE_CONTENT_MAX])
{
	unsigned long long size = f->size, first = a->offset, last = a->offset + a->length - 1;
	if (a->code == CODE_416)
		snprintf(out, RANGE_CONTENT_MAX, "bytes */%llu", size);
	if (a->code == CODE_206)
		snprintf(out, RANGE_CONTENT_MAX, "bytes %llu-%llu/%llu", first, last, size);
	return a->code == CODE_416 || a->code == CODE_206;
}
