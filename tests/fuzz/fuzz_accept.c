/* Every Accept header gets an answer, and what cannot change the answer does not. An input is two weights, two bytes
 * each, and a header. */
#include "fuzz.h"

#include "serve/accept.h"

static bool same(struct accept_choice a, struct accept_choice b)
{
	return a.openmetrics == b.openmetrics && a.underscores == b.underscores;
}

/* The choice for the texts, one behind the other. */
static struct accept_choice choose(const char *a, const char *b, const char *c)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s%s", a, b, c) < 0)
		abort();
	struct accept_choice choice = accept_parse(text);
	free(text);
	return choice;
}

/* Two ranges with these weights in thousandths, in both orders: the heavier one, ours where they are equal. Of equal
 * ranges the first counts. */
static void check_weights(unsigned plain, unsigned open)
{
	char a[64], b[96];

	snprintf(a, sizeof a, "text/plain;q=%u.%03u;escaping=underscores,", plain / 1000, plain % 1000);
	snprintf(b, sizeof b, "application/openmetrics-text;version=1.0.0;q=%u.%03u", open / 1000, open % 1000);
	struct accept_choice c = choose(a, b, ""), turned = choose(b, ",", a), twice = choose(a, b, ",text/plain");
	FUZZ_CHECK(c.openmetrics == (open > 0 && open >= plain), "%s%s", a, b);
	FUZZ_CHECK(same(c, turned), "%s%s", a, b);
	FUZZ_CHECK(c.underscores == (!c.openmetrics && plain > 0), "%s%s", a, b);
	if (plain == 1000)
		FUZZ_CHECK(same(c, twice), "%s%s", a, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	unsigned plain = (unsigned)fuzz_uint(&in, 2) % 1001, open = (unsigned)fuzz_uint(&in, 2) % 1001;
	char *text = fuzz_line(&in);
	struct accept_choice c = accept_parse(text);
	struct accept_choice none = accept_parse(NULL);

	check_weights(plain, open);
	check_weights(1000, open);
	check_weights(open, open);
	FUZZ_CHECK(!none.openmetrics && !none.underscores, "no header: the text format");
	FUZZ_CHECK(strncmp(accept_type(c),
			   c.openmetrics ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4",
			   25) == 0,
		   "%s", accept_type(c));
	FUZZ_CHECK((strstr(accept_type(c), "escaping=underscores") != NULL) == c.underscores, "%s", accept_type(c));
	if (c.openmetrics)
		FUZZ_CHECK(strcasestr(text, "application/openmetrics-text"), "%s", text);
	if (c.underscores)
		FUZZ_CHECK(strcasestr(text, "underscores"), "%s", text);
	FUZZ_CHECK(same(c, choose(" ", text, "\t")), "blanks around it: %s", text);
	FUZZ_CHECK(same(c, choose(text, ",", text)), "said twice: %s", text);
	FUZZ_CHECK(same(c, choose(text, ",,", "image/png;q=1")), "a type that we do not have: %s", text);
	FUZZ_CHECK(same(c, choose("application/openmetrics-text;q=0,*/*;q=0", ",", text)), "refused types: %s", text);
	free(text);
	return 0;
}
