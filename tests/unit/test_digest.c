/* digest.c against the known answers of FIPS 180-4's examples (NIST CSRC, SHA256.pdf) and the usual extremes. */
#include "seed/digest.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

struct row {
	const char *name;
	const char *text;
	size_t times; /* the text is added so many times */
	const char *sha256;
};
static const struct row rows[] = {
	{"nothing added", "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"an empty text", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"a text of 448 bits", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a million times a", "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void check_row(void **state)
{
	const struct row *r = *state;
	struct err e = {0};
	char hex[DIGEST_HEX_SIZE];
	struct digest *d = digest_new(&e);
	assert_non_null(d);
	for (int round = 0; round < 2; round++) { /* the second after a reset */
		for (size_t i = 0; i < r->times; i++)
			digest_add(d, r->text, strlen(r->text));
		digest_hex(d, hex);
		assert_string_equal(hex, r->sha256);
		digest_reset(d);
	}
	digest_free(d);
}

static void reset_drops_what_was_added(void **state)
{
	(void)state;
	struct err e = {0};
	char hex[DIGEST_HEX_SIZE];
	struct digest *d = digest_new(&e);
	assert_non_null(d);
	digest_add(d, "x", 1);
	digest_reset(d);
	digest_add(d, "ab", 2);
	digest_add(d, "c", 1);
	digest_hex(d, hex);
	assert_string_equal(hex, rows[2].sha256);
	digest_free(d);
}

static void an_ended_digest_gives_no_second_answer(void **state)
{
	(void)state;
	struct err e = {0};
	char hex[DIGEST_HEX_SIZE];
	struct digest *d = digest_new(&e);
	assert_non_null(d);
	digest_hex(d, hex);
	digest_add(d, "abc", 3); /* without a reset */
	digest_hex(d, hex);
	assert_string_equal(hex, "");
	digest_free(d);
}

static void free_accepts_null(void **state)
{
	(void)state;
	digest_free(NULL);
}

int main(void)
{
	struct CMUnitTest tests[ROWS + 3];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check_row, NULL, NULL, (void *)&rows[i]};
	tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(reset_drops_what_was_added);
	tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(an_ended_digest_gives_no_second_answer);
	tests[ROWS + 2] = (struct CMUnitTest)cmocka_unit_test(free_accepts_null);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
