/* Conditional requests: a 304 has a condition behind it, and agrees with the file's own tags and dates. An input is 19
 * bytes for the file, then two lines: If-None-Match, If-Modified-Since (an empty line: none; "E":
 * the file's own entity tag; "W": the same, weak; "D": its date). */
#include "fuzz.h"

#include "serve/condition.h"

enum { HEADERS = 2 };

/* What a client would have from the file itself. */
struct own {
	struct validators v;
	char weak[CONDITION_ETAG_MAX + 2];
};

/* NULL for an empty line. */
static const char *header(const char *line, const struct own *o)
{
	if (strcmp(line, "E") == 0)
		return o->v.etag;
	if (strcmp(line, "W") == 0)
		return o->weak;
	if (strcmp(line, "D") == 0)
		return o->v.date;
	return *line ? line : NULL;
}

/* Whether a date of four digits for the year can be written, and read again, at that time. */
static bool has_date(const struct validators *v)
{
	const int64_t year_0 = -62167219200, year_10000 = 253402300800;
	return v->modified >= year_0 && v->modified < year_10000;
}

static void check_match(const char *tags, const char *date, const struct own *o)
{
	bool matches = validators_match(&o->v, tags, date);

	FUZZ_CHECK(!matches || tags || date, "no condition");
	if (tags == o->v.etag || tags == o->weak)
		FUZZ_CHECK(matches, "the file is the one that was named");
	if (tags)
		FUZZ_CHECK(matches == validators_match(&o->v, tags, NULL), "the tag beats the date: %s", tags);
	if (!tags && date == o->v.date && has_date(&o->v))
		FUZZ_CHECK(matches, "it was not modified since %s", date);
	/* A tag that is found in a list is ours as a whole, with the quotes. */
	if (tags && matches && strcmp(tags, "*") != 0)
		FUZZ_CHECK(strstr(tags, o->v.etag), "%s", tags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	struct stat st = {.st_ino = fuzz_uint(&in, 2), .st_size = (off_t)fuzz_uint(&in, 6)};
	int64_t modified = (int64_t)fuzz_uint(&in, 8);
	char *lines[HEADERS];
	struct own o;

	st.st_mtim.tv_nsec = (long)fuzz_uint(&in, 3);
	memset(&o, '?', sizeof o);
	validators_set(&o.v, &st, modified);
	FUZZ_CHECK(strnlen(o.v.date, sizeof o.v.date) < sizeof o.v.date, "the date has no end");
	FUZZ_CHECK(strnlen(o.v.etag, sizeof o.v.etag) < sizeof o.v.etag, "the tag has no end");
	snprintf(o.weak, sizeof o.weak, "W/%s", o.v.etag);
	for (size_t i = 0; i < HEADERS; i++)
		lines[i] = fuzz_line(&in);
	check_match(header(lines[0], &o), header(lines[1], &o), &o);
	for (size_t i = 0; i < HEADERS; i++)
		free(lines[i]);
	return 0;
}
