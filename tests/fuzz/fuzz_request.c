/* Any bytes as what a client sends: the verdict does not depend on how they come, nothing but a whole head is taken,
 * and what is taken holds no character that could split it. An input is the bytes. */
#include "fuzz.h"

#include "serve/request.h"

#include <strings.h>

/* As a connection scans: as many bytes at a time. */
static long scan_in_steps(const char *text, size_t len, size_t step)
{
	long result = 0;

	for (size_t from = 0; from < len && result == 0; from += step)
		result = request_scan(text, from, from + step < len ? from + step : len);
	return result;
}

/* A string of ours: in the head, ended there, without a control character but the tab. */
static void check_text(const char *s, const char *head, size_t len)
{
	if (!s)
		return;
	FUZZ_CHECK(s >= head && s < head + len, "outside of the head");
	FUZZ_CHECK(strlen(s) < len, "without an end");
	for (; *s; s++)
		FUZZ_CHECK((unsigned char)*s >= ' ' || *s == '\t', "a control character");
}

static void check_arguments(struct request *r, const char *head, size_t len)
{
	const char *key, *value;
	size_t n = 0;

	while (request_argument(r, &key, &value)) {
		/* Decoded they may hold control characters, which text_plain takes out. */
		FUZZ_CHECK(key >= head && key + strlen(key) < head + len, "outside of the head");
		FUZZ_CHECK(!value || (value > key && value + strlen(value) < head + len), "outside of the head");
		FUZZ_CHECK(++n <= len, "endless");
	}
}

/* What each accepted request must be, whatever its bytes were. */
static void check_request(struct request *r, const char *head, size_t len)
{
	const char *length = r->content_length;

	check_text(r->method, head, len);
	check_text(r->accept, head, len);
	check_text(r->host, head, len);
	check_text(r->condition.if_none_match, head, len);
	FUZZ_CHECK(r->method[0], "no method");
	FUZZ_CHECK(r->host || r->http_1_0, "no Host");
	FUZZ_CHECK(!r->transfer_encoding, "a coding");
	FUZZ_CHECK(!length || (length[0] && strspn(length, "0123456789") == strlen(length)), "%s", length);
	FUZZ_CHECK(r->has_body == (length && strspn(length, "0") != strlen(length)), "%s", length ? length : "");
	FUZZ_CHECK(r->close || (!r->has_body && !r->http_1_0), "it must end");
	FUZZ_CHECK(r->path[0] != '%' || strncmp(r->path, "%00", 3) != 0, "%s", r->path);
	check_arguments(r, head, len);
}

static void check_head(const uint8_t *data, size_t len)
{
	char *head = fuzz_string(data, len);
	struct request r;
	enum http_code code = request_parse(head, len, &r);

	FUZZ_CHECK(code == CODE_200 || code == CODE_400 || code == CODE_413 || code == CODE_501 || code == CODE_505,
		   "%s", code_name(code));
	FUZZ_CHECK(r.method != NULL, "the method is looked at for a refusal too");
	if (code == CODE_200)
		check_request(&r, head, len);
	free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_string(data, len);
	long result = request_scan(text, 0, len);

	for (size_t step = 1; step < 5; step++)
		FUZZ_CHECK(scan_in_steps(text, len, step) == result, "step %zu", step);
	FUZZ_CHECK(result >= -1 && result <= (long)len, "%ld", result);
	if (result > 0) {
		FUZZ_CHECK(memcmp(text + result - 4, "\r\n\r\n", 4) == 0, "not the end");
		FUZZ_CHECK(!memchr(text, '\0', (size_t)result), "a NUL");
		/* In memory of its own size, so that a look beyond it is seen. */
		check_head(data, (size_t)result);
	}
	free(text);
	return 0;
}
