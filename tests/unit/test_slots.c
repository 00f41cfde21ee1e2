/* slots.c: who goes when one too many comes. A script of letters drives three connections a, b, c ... over a limit of
 * 3: a capital opens the connection, a letter completes a request of it, ! before a letter begins one, - closes it. */
#include "serve/slots.h"

#include "rows.h"

enum { LIMIT = 3, ROOM = 6 };

struct row {
	const char *name, *script, *shed; /* the connections told to go, in order */
};

static const struct row rows[] = {
	{"as many as the limit", "ABC", ""},
	{"one more: the oldest goes", "ABCD", "a"},
	{"two more: the two oldest go", "ABCDE", "ab"},
	{"a request makes young", "ABCaD", "b"},
	{"a request under way is spared", "ABCc!a!bD", "c"},
	{"busy ones go when there is no other: the oldest", "ABC!b!a!cD", "b"},
	{"all others are busy: a newcomer is not pushed out by the next", "ABC!a!b!cDE", "ab"},
	{"nor when the others have asked after it came", "ABC!a!b!cD!b!cE", "ab"},
	{"but when more have followed than half the limit", "ABC!a!b!cDEF", "abd"},
	{"one that has asked is no newcomer", "ABC!a!b!cDdE", "ad"},
	{"a completed request is not busy any more", "ABC!aabcD", "a"},
	{"a place that became free is used", "ABC-bD", ""},
	{"a closed one is not told again", "ABCD-aE", "ab"},
	{"one told to go does not count", "ABCD-dE", "a"},
	{"full to the last slot", "ABCDEF", "abc"},
	{"closed and opened for ever", "A-aA-aA-aA-aA-aA-aA-aA-aA-a", ""},
};

struct rig {
	struct slots slots;
	struct slot array[ROOM];
	struct slot *open[26];
	char shed[16];
	size_t sheds;
};

static void open_one(struct rig *g, int letter)
{
	g->open[letter] = slots_add(&g->slots, 'a' + letter);
	assert_non_null(g->open[letter]);
	struct slot *victim = slots_shed(&g->slots, LIMIT);
	if (victim)
		g->shed[g->sheds++] = (char)victim->fd;
	size_t open = 0;
	for (size_t i = 0; i < ROOM; i++)
		open += g->array[i].used > 0 && !g->array[i].shed;
	assert_true(open <= LIMIT);
	assert_false(g->open[letter]->shed); /* the new one stays */
}

static void test_row(void **state)
{
	const struct row *r = *state;
	struct rig g = {.sheds = 0};
	g.slots = (struct slots){.array = g.array, .n = ROOM};
	for (const char *p = r->script; *p; p++) {
		if (*p == '!')
			slots_touch(&g.slots, g.open[*++p - 'a'], true);
		else if (*p == '-')
			slots_remove(g.open[*++p - 'a']);
		else if (*p >= 'a')
			slots_touch(&g.slots, g.open[*p - 'a'], false);
		else
			open_one(&g, *p - 'A');
	}
	assert_string_equal(g.shed, r->shed);
}

static void test_no_slot_is_left(void **state)
{
	struct slot array[2] = {{0}};
	struct slots s = {.array = array, .n = 2};
	(void)state;
	struct slot *first = slots_add(&s, 1);
	assert_non_null(first);
	assert_non_null(slots_add(&s, 2));
	assert_null(slots_add(&s, 3));
	slots_remove(first);
	assert_ptr_equal(slots_add(&s, 4), first);
}

int main(void)
{
	const struct CMUnitTest others[] = {cmocka_unit_test(test_no_slot_is_left)};
	int failed = ROWS_RUN("who goes", test_row, rows);
	return failed + cmocka_run_group_tests_name("slots", others, NULL, NULL);
}
