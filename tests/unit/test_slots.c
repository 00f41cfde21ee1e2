/* slots.c: who goes when one too many comes. A script of letters drives three connections a, b, c ... over a limit of
 * 3: a capital opens the connection, a letter completes a request of it, ! before a letter begins one, - closes it, and
 * with + so much time passes that a connection is not new any more. Behind each of them the surplus goes. */
#include "serve/slots.h"

#include "rows.h"

enum { LIMIT = 3, ROOM = 6 };

struct row {
	const char *name, *script, *shed; /* the connections told to go, in order */
};

static const struct row rows[] = {
	{"as many as the limit", "ABC", ""},
	{"one more: the oldest goes", "ABC+D", "a"},
	{"two more: the two oldest go", "ABC+DE", "ab"},
	{"a request makes young", "ABC+aD", "b"},
	{"a request under way is spared", "ABC+c!a!bD", "c"},
	{"busy ones go when there is no other: the oldest", "ABC!b!a!cD!d", "b"},
	{"all others are busy: newcomers have their time", "ABC!a!b!cDE", ""},
	{"and go when it is over", "ABC!a!b!cD+E", "d"},
	{"one that has asked is no newcomer", "ABC!a!b!cDdE", "d"},
	{"newcomers do not push each other out", "ABCDEF", ""},
	{"nor one that is in use", "ABCDEeF", ""},
	{"it stays when their time is over", "ABCDEeF+", "abc"},
	{"as many as there are places: the first go when their time is over", "ABCDEF+", "abc"},
	{"a completed request is not busy any more", "ABC!aabc+D", "a"},
	{"a place that became free is used", "ABC-bD", ""},
	{"a closed one is not told again", "ABC+D-aE", "ab"},
	{"one told to go does not count", "ABC+D-dE", "a"},
	{"closed and opened for ever", "A-aA-aA-aA-aA-aA-aA-aA-aA-a", ""},
};

struct rig {
	struct slots slots;
	struct slot array[ROOM];
	struct slot *open[26];
	char shed[16];
	size_t sheds;
	int64_t now_ns;
};

static void shed_surplus(struct rig *g)
{
	struct slot *victim;
	while ((victim = slots_shed(&g->slots, g->now_ns)) != NULL)
		g->shed[g->sheds++] = (char)victim->fd;
}

static void open_one(struct rig *g, int letter)
{
	g->open[letter] = slots_add(&g->slots, 'a' + letter, g->now_ns);
	assert_non_null(g->open[letter]);
	shed_surplus(g);
	assert_false(g->open[letter]->shed); /* the new one stays */
}

static void test_row(void **state)
{
	const struct row *r = *state;
	struct rig g = {.sheds = 0};
	g.slots = (struct slots){.array = g.array, .n = ROOM, .limit = LIMIT};
	for (const char *p = r->script; *p; p++) {
		if (*p == '!')
			slots_touch(&g.slots, g.open[*++p - 'a'], true);
		else if (*p == '-')
			slots_remove(g.open[*++p - 'a']);
		else if (*p == '+')
			g.now_ns += SLOTS_NEW_NS, g.slots.turns += 2;
		else if (*p >= 'a')
			slots_touch(&g.slots, g.open[*p - 'a'], false);
		else
			open_one(&g, *p - 'A');
		shed_surplus(&g);
	}
	assert_string_equal(g.shed, r->shed);
}

static void test_no_slot_is_left(void **state)
{
	struct slot array[2] = {{0}};
	struct slots s = {.array = array, .n = 2};
	(void)state;
	struct slot *first = slots_add(&s, 1, 0);
	assert_non_null(first);
	assert_non_null(slots_add(&s, 2, 0));
	assert_null(slots_add(&s, 3, 0));
	slots_remove(first);
	assert_ptr_equal(slots_add(&s, 4, 0), first);
}

int main(void)
{
	const struct CMUnitTest others[] = {cmocka_unit_test(test_no_slot_is_left)};
	int failed = ROWS_RUN("who goes", test_row, rows);
	return failed + cmocka_run_group_tests_name("slots", others, NULL, NULL);
}
