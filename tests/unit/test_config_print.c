/* Print -> parse -> the same configuration, over random configurations. TEST_SEED repeats a run. */
#include "config/config.h"
#include "config/keys.h"
#include "config/value.h"
#include "config/yaml.h"
#include "config_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static int64_t pick(unsigned short seed[3], int64_t min, int64_t max)
{
	uint64_t wide = (uint64_t)jrand48(seed) << 32 ^ (uint32_t)jrand48(seed);
	uint64_t span = (uint64_t)max - (uint64_t)min + 1;
	return (int64_t)((uint64_t)min + (span ? wide % span : wide));
}

/* What YAML gives a meaning to, and characters of one to four bytes. */
static void random_text(unsigned short seed[3], char *out, size_t size)
{
	static const char single[] = "a\"\\ '#{]%~_!|>0/,@`";
	static const char *const others[] = {": ", "- ", "null", "&x", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x8E\xB2"};
	size_t n = (size_t)pick(seed, 1, size < 200 ? 5 : 40);
	for (out[0] = '\0'; n; n--) {
		int64_t i = pick(seed, 0, LEN(single) - 2 + LEN(others));
		if (i < (int64_t)LEN(others))
			strcat(out, others[i]);
		else
			strncat(out, &single[i - (int64_t)LEN(others)], 1);
	}
}

/* A random valid text for the key. */
static void random_value(const struct key *k, unsigned short seed[3], char *out)
{
	static const char *const users[] = {"auto", "none", "nobody", "65532", "1:0"};
	static const char *const addresses[] = {"none", "127.0.0.1:1", "[::]:8080", "0.0.0.0:65535"};
	size_t names = 0;
	switch (k->kind) {
	case KEY_SECTION:
		break;
	case KEY_BOOL:
	case KEY_ENUM:
		while (k->names[names])
			names++;
		strcpy(out, k->names[pick(seed, 0, (int64_t)names - 1)]);
		break;
	case KEY_INT:
	case KEY_SIZE:
		snprintf(out, VALUE_TEXT_MAX, "%lld", (long long)(k->ends_only ? k->min : pick(seed, k->min, k->max)));
		break;
	case KEY_NUMBER:
		snprintf(out, VALUE_TEXT_MAX, "%.17f", k->low + (k->high - k->low) * erand48(seed));
		break;
	case KEY_TEXT:
		random_text(seed, out, k->size);
		break;
	case KEY_MODE:
		snprintf(out, VALUE_TEXT_MAX, "%04o", (unsigned)pick(seed, 0, 0777));
		break;
	case KEY_OWNER:
		snprintf(out, VALUE_TEXT_MAX, "%u:%u", (unsigned)pick(seed, 0, 0xFFFFFFFE), (unsigned)pick(seed, 0, 9));
		break;
	case KEY_USER:
		strcpy(out, users[pick(seed, 0, LEN(users) - 1)]);
		break;
	case KEY_LISTEN:
		strcpy(out, addresses[pick(seed, 0, LEN(addresses) - 1)]);
		break;
	}
}

static void print_and_parse(const struct config *c)
{
	static struct config back;
	struct reading r = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	config_print(c, out);
	fclose(out);
	config_default(&back);
	config_load(&back, text, len, &r);
	if (r.count > 0)
		fail_msg("%s\n%s", r.faults[0].e.msg, text);
	back.run.output.mode_is_set = c->run.output.mode_is_set; /* what is printed is asked for, when it is read */
	assert_memory_equal(&back, c, sizeof back);
	free(text);
}

static void default_test(void **state)
{
	static struct config c;
	(void)state;
	config_default(&c);
	print_and_parse(&c);
}

static void round_trip_test(void **state)
{
	static struct config c;
	const char *given = getenv("TEST_SEED");
	unsigned start = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	unsigned short seed[3] = {(unsigned short)start, (unsigned short)(start >> 16), 0x330E};
	(void)state;
	print_message("TEST_SEED=%u\n", start);
	for (int round = 0; round < 500; round++) {
		const struct key *k;
		config_default(&c);
		for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
			char value[VALUE_TEXT_MAX];
			struct err e;
			random_value(k, seed, value);
			if (k->kind != KEY_SECTION && config_set(&c, k->name, value, &e))
				fail_msg("%s", e.msg);
		}
		print_and_parse(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"the defaults print and parse to themselves", default_test},
		{"500 random configurations print and parse to themselves", round_trip_test},
	};
	return cmocka_run_group_tests_name("config: print", tests, NULL, NULL);
}
