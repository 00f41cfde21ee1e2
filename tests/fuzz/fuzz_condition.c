/* Conditional requests: an answer has a condition behind it, and agrees with the file's own tags and dates. An input is
 * 19 bytes for the file, then four lines: If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since (an empty
 * line: none; "E": the file's own entity tag; "W": the same, weak; "D": its date). */
#include "fuzz.h"

#include "serve/condition.h"

enum { HEADERS = 4 };

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

/* Tags that name the file: RFC 9110 8.8.3.2 compares them strongly in If-Match, weakly in If-None-Match. */
static void check_own_tags(const struct condition *c, const struct own *o, enum http_code code)
{
	if (c->if_match == o->v.etag)
		FUZZ_CHECK(code != CODE_412, "the file is the one that was named");
	if (c->if_match == o->weak)
		FUZZ_CHECK(code == CODE_412, "a weak tag proves nothing");
	if (c->if_none_match == o->v.etag || c->if_none_match == o->weak)
		FUZZ_CHECK(code == CODE_304 || code == CODE_412, "the file is the one that was named");
}

static void check_answer(const struct condition *c, const struct own *o)
{
	enum http_code code = condition_evaluate(c, &o->v);

	switch (code) {
	case CODE_200:
		break;
	case CODE_304:
		FUZZ_CHECK(c->if_none_match || c->if_modified_since, "no condition");
		break;
	case CODE_412:
		FUZZ_CHECK(c->if_match || c->if_unmodified_since, "no condition");
		break;
	default:
		FUZZ_CHECK(false, "code %u", code_number(code));
	}
	check_own_tags(c, o, code);
}

/* A date that was understood, written in the one form that servers send, means the same second. */
static void check_date(const char *text)
{
	const int64_t year_0 = -62167219200, year_10000 = 253402300800;
	struct validators v;
	int64_t seconds, again;

	if (condition_date(text, &seconds) < 0 || seconds < year_0 || seconds >= year_10000)
		return;
	validators_set(&v, 1, 1, 1, seconds);
	FUZZ_CHECK(condition_date(v.date, &again) == 0 && again == seconds, "%s: %s", text, v.date);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	uint64_t inode = fuzz_uint(&in, 2), size = fuzz_uint(&in, 6);
	int64_t modified = (int64_t)fuzz_uint(&in, 8);
	char *lines[HEADERS];
	struct own o;

	memset(&o, '?', sizeof o);
	validators_set(&o.v, inode, size, fuzz_uint(&in, 3), modified);
	FUZZ_CHECK(strnlen(o.v.date, sizeof o.v.date) < sizeof o.v.date, "the date has no end");
	FUZZ_CHECK(strnlen(o.v.etag, sizeof o.v.etag) < sizeof o.v.etag, "the tag has no end");
	snprintf(o.weak, sizeof o.weak, "W/%s", o.v.etag);
	for (size_t i = 0; i < HEADERS; i++)
		lines[i] = fuzz_line(&in);
	check_answer(&(struct condition){header(lines[0], &o), header(lines[1], &o), header(lines[2], &o),
					 header(lines[3], &o)},
		     &o);
	check_date(lines[2]);
	for (size_t i = 0; i < HEADERS; i++)
		free(lines[i]);
	return 0;
}
