/* Conditional and range requests: an answer never reaches beyond the file, and its headers agree with it. An input is
 * 19 bytes for the file, then six lines: If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range,
 * Range (an empty line: none; "E": the file's own entity tag; "W": the same, weak; "D": its date). */
#include "fuzz.h"

#include "serve/range.h"

enum { HEADERS = 6 };

/* What a client would have from the file itself. */
struct own {
	struct range_file f;
	char weak[RANGE_ETAG_MAX + 2];
};

/* NULL for an empty line. */
static const char *header(const char *line, const struct own *o)
{
	if (strcmp(line, "E") == 0)
		return o->f.etag;
	if (strcmp(line, "W") == 0)
		return o->weak;
	if (strcmp(line, "D") == 0)
		return o->f.date;
	return *line ? line : NULL;
}

/* Tags that name the file: RFC 9110 8.8.3.2 compares them strongly in If-Match and If-Range, weakly in If-None-Match.
 */
static void check_own_tags(const struct range_request *r, const struct own *o, enum http_code code)
{
	if (r->if_match == o->f.etag)
		FUZZ_CHECK(code != CODE_412, "the file is the one that was named");
	if (r->if_match == o->weak)
		FUZZ_CHECK(code == CODE_412, "a weak tag proves nothing");
	if (r->if_none_match == o->f.etag || r->if_none_match == o->weak)
		FUZZ_CHECK(code == CODE_304 || code == CODE_412, "the file is the one that was named");
	if (r->if_range && r->if_range != o->f.etag && strcmp(r->if_range, o->f.etag) != 0)
		FUZZ_CHECK(code != CODE_206 && code != CODE_416, "a part of another file");
}

static void check_answer(const struct range_request *r, const struct own *o)
{
	const struct range_file *f = &o->f;
	struct range_answer a = range_evaluate(r, f);

	switch (a.code) {
	case CODE_200:
		FUZZ_CHECK(a.offset == 0 && a.length == f->size, "the whole file");
		break;
	case CODE_206:
		FUZZ_CHECK(a.length > 0 && a.offset < f->size && a.length <= f->size - a.offset, "inside the file");
		FUZZ_CHECK(r->range != NULL, "a part that nobody asked for");
		break;
	case CODE_304:
		FUZZ_CHECK(r->if_none_match || r->if_modified_since, "no condition");
		break;
	case CODE_412:
		FUZZ_CHECK(r->if_match || r->if_unmodified_since, "no condition");
		break;
	case CODE_416:
		FUZZ_CHECK(r->range != NULL, "a part that nobody asked for");
		break;
	default:
		FUZZ_CHECK(false, "code %u", code_number(a.code));
	}
	check_own_tags(r, o, a.code);

	char content[RANGE_CONTENT_MAX] = "";
	unsigned long long first = 0, last = 0, size = 0;
	bool has = range_content(&a, f, content);
	FUZZ_CHECK(has == (a.code == CODE_206 || a.code == CODE_416), "%s", content);
	if (a.code == CODE_206) {
		FUZZ_CHECK(sscanf(content, "bytes %llu-%llu/%llu", &first, &last, &size) == 3, "%s", content);
		FUZZ_CHECK(first == a.offset && last - first + 1 == a.length && size == f->size, "%s", content);
	}
}

/* A date that was understood, written in the one form that servers send, means the same second. */
static void check_date(const char *text)
{
	const int64_t year_0 = -62167219200, year_10000 = 253402300800;
	struct range_file f;
	int64_t seconds, again;

	if (range_date(text, &seconds) < 0 || seconds < year_0 || seconds >= year_10000)
		return;
	range_file_set(&f, 1, seconds, 0, 1);
	FUZZ_CHECK(range_date(f.date, &again) == 0 && again == seconds, "%s: %s", text, f.date);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	uint64_t inode = fuzz_uint(&in, 2), size = fuzz_uint(&in, 6);
	int64_t modified = (int64_t)fuzz_uint(&in, 8);
	char *lines[HEADERS];
	struct own o;

	memset(&o, '?', sizeof o);
	range_file_set(&o.f, inode, modified, (uint32_t)fuzz_uint(&in, 3), size);
	FUZZ_CHECK(strnlen(o.f.date, sizeof o.f.date) < sizeof o.f.date, "the date has no end");
	FUZZ_CHECK(strnlen(o.f.etag, sizeof o.f.etag) < sizeof o.f.etag, "the tag has no end");
	snprintf(o.weak, sizeof o.weak, "W/%s", o.f.etag);
	for (size_t i = 0; i < HEADERS; i++)
		lines[i] = fuzz_line(&in);
	check_answer(&(struct range_request){header(lines[0], &o), header(lines[1], &o), header(lines[2], &o),
					     header(lines[3], &o), header(lines[4], &o), header(lines[5], &o)},
		     &o);
	check_date(lines[2]);
	for (size_t i = 0; i < HEADERS; i++)
		free(lines[i]);
	return 0;
}
