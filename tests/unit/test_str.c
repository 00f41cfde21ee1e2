/* str.h: what fits, and what is cut. */
#include "rows.h"

#include "base/str.h"

struct text_row {
	const char *name, *in, *out;
	size_t cap;
};

static const struct text_row text_rows[] = {
	{"a text that fits", "abc", "abc", 8},
	{"a text that fits exactly", "abc", "abc", 4},
	{"one character too many is cut", "abcd", "abc", 4},
	{"room for the end only", "abcd", "", 1},
	{"the empty text", "", "", 4},
};
enum { TEXT_ROWS = sizeof text_rows / sizeof *text_rows };

static void test_text(void **state)
{
	const struct text_row *r = *state;
	char dst[9];
	memset(dst, '#', sizeof dst);
	str_copy(dst, r->cap, r->in);
	assert_string_equal(dst, r->out);
	assert_int_equal(dst[r->cap], '#');
}

int main(void)
{
	return ROWS_RUN("str", test_text, text_rows);
}
