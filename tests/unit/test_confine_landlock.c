/* landlock.c against a kernel that is played: each row is an ABI (or an errno), with what must be handed over. */
#include "confine/landlock.h"

#include "confine_dirs.h"

#include <errno.h>

#include <cmocka.h>

/* The figures of landlock(7), written out: bit 13 came with ABI 2, 14 with 3, 15 with 5. */
struct abi_row {
	const char *name;
	int abi;
	uint64_t fs, net, scoped;
	size_t size;
};

static const struct abi_row abi_rows[] = {
	{"ABI 1: 13 rights to files", 1, 0x1fff, 0, 0, 8}, {"ABI 2: refer", 2, 0x3fff, 0, 0, 8},
	{"ABI 3: truncate", 3, 0x7fff, 0, 0, 8},           {"ABI 4: TCP", 4, 0x7fff, 3, 0, 16},
	{"ABI 5: ioctl of devices", 5, 0xffff, 3, 0, 16},  {"ABI 6: scopes", 6, 0xffff, 3, 3, 24},
	{"ABI 7: as ABI 6", 7, 0xffff, 3, 3, 24},          {"an ABI of the future: as ABI 6", 99, 0xffff, 3, 3, 24},
};
enum { ABI_ROWS = sizeof(abi_rows) / sizeof(abi_rows[0]) };

enum { RULES_MAX = 8 };
struct rule {
	uint64_t access;
	int fd;
} __attribute__((packed));

struct fake {
	int abi, create_errno, add_errno, restrict_errno;
	uint64_t attr[3];
	size_t size;
	struct rule rules[RULES_MAX];
	int rule_count, restricted;
};

static int refuse(int sys_errno)
{
	errno = sys_errno;
	return -1;
}

static int fake_create(void *self, const void *attr, size_t size, uint32_t flags)
{
	struct fake *f = self;
	if (flags == 1) {
		assert_null(attr);
		return f->abi > 0 ? f->abi : refuse(-f->abi);
	}
	assert_int_equal(flags, 0);
	assert_true(size <= sizeof f->attr);
	memcpy(f->attr, attr, size);
	f->size = size;
	return f->create_errno ? refuse(f->create_errno) : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int fake_add(void *self, int ruleset_fd, int type, const void *attr)
{
	struct fake *f = self;
	assert_true(ruleset_fd >= 0);
	assert_int_equal(type, 1);
	assert_true(f->rule_count < RULES_MAX);
	memcpy(&f->rules[f->rule_count++], attr, sizeof f->rules[0]);
	return f->add_errno ? refuse(f->add_errno) : 0;
}

static int fake_restrict(void *self, int ruleset_fd)
{
	struct fake *f = self;
	assert_true(ruleset_fd >= 0);
	f->restricted++;
	return f->restrict_errno ? refuse(f->restrict_errno) : 0;
}

static struct confine_layer enter_fake(struct fake *f, const struct confine_needs *n)
{
	struct confine_layer l = {.name = "landlock"};
	struct landlock_calls k = {f, fake_create, fake_add, fake_restrict};
	struct err e = {0};
	assert_int_equal(landlock_enter(&k, n, &l, &e), 0);
	return l;
}

static void test_abi(void **state)
{
	const struct abi_row *r = *state;
	struct fake f = {.abi = r->abi};
	struct confine_needs none = {.output_dir = -1};
	struct confine_layer l = enter_fake(&f, &none);
	char detail[32];
	snprintf(detail, sizeof detail, "abi %d", r->abi);
	assert_true(l.holds);
	assert_string_equal(l.detail, detail);
	assert_string_equal(l.warning, "");
	assert_int_equal(f.size, r->size);
	assert_int_equal(f.attr[0], r->fs);
	assert_int_equal(f.attr[1], r->net);
	assert_int_equal(f.attr[2], r->scoped);
	assert_int_equal(f.rule_count, 0);
	assert_int_equal(f.restricted, 1);
}

enum { WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, REMOVE_FILE = 32, MAKE_REG = 256, TRUNCATE = 16384 };
enum { OUTPUT = WRITE_FILE | READ_DIR | REMOVE_FILE | MAKE_REG | TRUNCATE };

static void test_rules(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 7};
	struct confine_layer l = enter_fake(&f, &n);
	assert_true(l.holds);
	assert_string_equal(l.detail, "abi 7");
	assert_int_equal(f.rule_count, 2);
	assert_int_equal(f.rules[0].access, OUTPUT | READ_FILE);
	assert_int_equal(f.rules[1].access, READ_FILE);
}

static void test_rules_of_a_served_output(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 7};
	n.serve_output = true;
	enter_fake(&f, &n);
	assert_int_equal(f.rule_count, 2);
	assert_int_equal(f.rules[0].access, OUTPUT | READ_FILE);
}

static void test_rules_stay_within_what_is_handled(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 2};
	assert_true(enter_fake(&f, &n).holds);
	assert_int_equal(f.rules[0].access, (OUTPUT | READ_FILE) & ~TRUNCATE);
	for (int i = 0; i < f.rule_count; i++)
		assert_int_equal(f.rules[i].access & ~f.attr[0], 0);
}

static void test_root_as_output_is_warned_of_and_not_read(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 7};
	n.output_dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n.output_file = "/numbers.txt.test";
	struct confine_layer l = enter_fake(&f, &n);
	close(n.output_dir);
	assert_false(l.holds); /* it restricts, but not what it is for */
	assert_string_equal(l.detail, "abi 7, but all of / stays writable");
	assert_non_null(strstr(l.warning, "FILE lies in /"));
	assert_int_equal(f.rule_count, 2);
	assert_int_equal(f.rules[0].access, OUTPUT);
}

struct refusal {
	const char *name;
	struct fake fake;
	const char *detail, *warning;
	int restricted;
};

static const struct refusal refusals[] = {
	{"no Landlock in the kernel", {.abi = -ENOSYS}, "not there, or hidden", "has no Landlock", 0},
	{"Landlock switched off in the kernel", {.abi = -EOPNOTSUPP}, "switched off in the kernel", "lsm=", 0},
	{"a runtime's filter that answers EPERM", {.abi = -EPERM}, "not there, or hidden", "filter hides it", 0},
	{"the ruleset is refused", {.abi = 3, .create_errno = ENOMEM}, "Cannot allocate memory", "Cannot allocate", 0},
	{"a rule is refused", {.abi = 3, .add_errno = EINVAL}, "Invalid argument", "Invalid argument", 0},
	{"the restriction is refused", {.abi = 3, .restrict_errno = E2BIG}, "Argument list too long", "Argument", 1},
};
enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

static void test_refusal(void **state)
{
	const struct refusal *r = *state;
	struct fake f = r->fake;
	void *dirs;
	dirs_setup(&dirs);
	struct confine_needs n = dirs_needs(dirs);
	struct confine_layer l = enter_fake(&f, &n);
	assert_false(l.holds);
	assert_string_equal(l.detail, r->detail);
	assert_non_null(strstr(l.warning, r->warning));
	assert_int_equal(f.restricted, r->restricted);
	dirs_teardown(&dirs);
}

static int count_descriptors(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Going on without Landlock for that would be a choice that nobody made. */
static void test_a_ruleset_without_a_descriptor_is_an_error(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 7, .create_errno = EMFILE};
	struct landlock_calls k = {&f, fake_create, fake_add, fake_restrict};
	struct confine_layer l = {0};
	struct err e = {0};
	assert_int_equal(landlock_enter(&k, &n, &l, &e), -1);
	assert_int_equal(e.code, ERR_OS);
	assert_non_null(strstr(e.msg, "RLIMIT_NOFILE"));
	assert_int_equal(f.restricted, 0);
}

static void test_no_descriptor_is_left(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	int before = count_descriptors();
	for (int fault = 0; fault < 4; fault++) {
		struct fake f = {.abi = 7,
				 .create_errno = fault == 1 ? EINVAL : 0,
				 .add_errno = fault == 2 ? EINVAL : 0,
				 .restrict_errno = fault == 3 ? EPERM : 0};
		enter_fake(&f, &n);
	}
	assert_int_equal(count_descriptors(), before);
}

int main(void)
{
	struct CMUnitTest tests[ABI_ROWS + REFUSALS + 6];
	size_t n = 0;
	for (size_t i = 0; i < ABI_ROWS; i++)
		tests[n++] = (struct CMUnitTest){abi_rows[i].name, test_abi, NULL, NULL, (void *)&abi_rows[i]};
	for (size_t i = 0; i < REFUSALS; i++)
		tests[n++] = (struct CMUnitTest){refusals[i].name, test_refusal, NULL, NULL, (void *)&refusals[i]};
	const struct CMUnitTest others[] = {
		cmocka_unit_test_setup_teardown(test_rules, dirs_setup, dirs_teardown),
		cmocka_unit_test_setup_teardown(test_rules_of_a_served_output, dirs_setup, dirs_teardown),
		cmocka_unit_test_setup_teardown(test_rules_stay_within_what_is_handled, dirs_setup, dirs_teardown),
		cmocka_unit_test_setup_teardown(test_root_as_output_is_warned_of_and_not_read, dirs_setup,
						dirs_teardown),
		cmocka_unit_test_setup_teardown(test_a_ruleset_without_a_descriptor_is_an_error, dirs_setup,
						dirs_teardown),
		cmocka_unit_test_setup_teardown(test_no_descriptor_is_left, dirs_setup, dirs_teardown),
	};
	memcpy(&tests[n], others, sizeof others);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
