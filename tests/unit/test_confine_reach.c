/* reach.c: each row is a place of the output and of the configuration, and what must stay in reach for it. */
#include "confine/reach.h"

#include "confine_child.h"
#include "confine_dirs.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

struct row {
	const char *name;
	const char *output; /* "": none; TMP stands for a directory of its own */
	const char *config; /* NULL: none */
	unsigned kinds;     /* bits of enum reach_kind */
	unsigned count;
	const char *warning; /* "": none */
};

#define BIT(kind) (1U << (kind))
enum { OUT = BIT(REACH_OUTPUT), OUT_FILE = BIT(REACH_OUTPUT_FILE), CONF = BIT(REACH_CONFIG) };

static const struct row rows[] = {
	{"a device or a pipe needs nothing", "", NULL, 0, 0, ""},
	{"an output three directories down: its directory", "TMP/v/out/n.txt", NULL, OUT, 1, ""},
	{"an output in a directory of /: not / itself", "/usr/n.txt", NULL, OUT, 1, ""},
	{"an output in /: said", "/n.txt.test", NULL, OUT, 1, "FILE lies in /"},
	{"an output in the current directory", "n.txt", NULL, OUT, 1, ""},
	{"a configuration in a directory of its own", "", "TMP/etc/r.yaml", CONF, 1, ""},
	{"a configuration that links to another place: both", "", "TMP/etc/link.yaml", CONF, 2, ""},
	{"a configuration in /etc: only the file", "", "/etc/passwd", CONF, 1, "only /etc/passwd itself"},
	{"a configuration that is gone", "", "TMP/etc/gone.yaml", 0, 0, ""},
	{"a configuration that is no file", "", "/dev/null", 0, 0, ""},
	{"both", "TMP/v/out/n.txt", "TMP/etc/r.yaml", OUT | CONF, 2, ""},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void resolve(const struct dirs *p, const char *text, char out[256])
{
	bool ours = strncmp(text, "TMP", 3) == 0;
	snprintf(out, 256, "%s%s", ours ? p->tmp : "", ours ? text + 3 : text);
}

static int open_dir(const char *file)
{
	char dir[256];
	const char *slash = strrchr(file, '/');
	int n = slash ? (int)(slash - file) + 1 : 1;
	snprintf(dir, sizeof dir, "%.*s", n, slash ? file : ".");
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static unsigned kinds_of(const struct reach *r)
{
	unsigned kinds = 0;
	for (unsigned i = 0; i < r->count; i++)
		kinds |= BIT(r->places[i].kind);
	return kinds;
}

static int count_descriptors(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	void *dirs;
	char output[256], config[256], link[256];
	struct confine_layer l = {0};
	struct err e = {0};
	struct reach got;
	int before = count_descriptors();
	dirs_setup(&dirs);
	const struct dirs *p = dirs;
	snprintf(link, sizeof link, "%s/etc/link.yaml", p->tmp);
	assert_int_equal(symlink("../v/r.yaml", link), 0);
	snprintf(link, sizeof link, "%s/v/r.yaml", p->tmp);
	write_text(link, "a");
	resolve(p, r->output, output);
	resolve(p, r->config ? r->config : "", config);
	struct confine_needs n = {.output_dir = output[0] ? open_dir(output) : -1,
				  .output_file = output,
				  .config_file = r->config ? config : NULL};
	assert_int_equal(reach_init(&got, &n, &l, &e), 0);
	unsigned kinds = kinds_of(&got), count = got.count;
	reach_fini(&got);
	if (n.output_dir >= 0)
		close(n.output_dir);
	dirs_teardown(&dirs);
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(kinds, r->kinds);
	assert_int_equal(count, r->count);
	if (r->warning[0])
		assert_non_null(strstr(l.warning, r->warning));
	else
		assert_string_equal(l.warning, "");
}

static void at_mount(struct dirs *p, const char *target, unsigned *kinds)
{
	struct confine_layer l = {0};
	struct err e = {0};
	struct confine_needs n = dirs_needs(p);
	struct reach r;
	n.config_file = NULL;
	close(p->dir);
	n.output_dir = p->dir = open(p->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(reach_init(&r, &n, &l, &e), 0);
	*kinds = kinds_of(&r);
	reach_fini(&r);
	umount2(target, MNT_DETACH);
}

static void test_an_output_directory_that_is_a_mount(void **state)
{
	struct dirs *p = *state;
	unsigned kinds;
	if (mount("tmpfs", p->out, "tmpfs", 0, NULL) < 0)
		skip();
	at_mount(p, p->out, &kinds);
	assert_int_equal(kinds, OUT);
}

static void test_a_file_that_is_a_mount(void **state)
{
	struct dirs *p = *state;
	unsigned kinds;
	write_text(p->file, "1\n");
	if (mount(p->yaml, p->file, NULL, MS_BIND, NULL) < 0)
		skip();
	at_mount(p, p->file, &kinds);
	assert_int_equal(kinds, OUT_FILE);
}

/* In a mount namespace of the child's own, so that the machine's /mnt is left alone. */
static int config_on_a_volume(const void *arg)
{
	struct confine_layer l = {0};
	struct err e = {0};
	struct reach r;
	const struct confine_needs n = {.output_dir = -1, .config_file = "/mnt/r.yaml"};
	(void)arg;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/mnt", "tmpfs", 0, NULL) < 0)
		return 77;
	close(open(n.config_file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	if (reach_init(&r, &n, &l, &e) < 0)
		return 2;
	return kinds_of(&r) == CONF && r.count == 1 && !l.warning[0] ? 0 : 1;
}

static void test_a_configuration_on_a_volume_directly_in_root(void **state)
{
	(void)state;
	int rc = in_child(config_on_a_volume, NULL);
	if (rc == 77)
		skip();
	assert_int_equal(rc, 0);
}

static void test_two_warnings_stand_in_one_line(void **state)
{
	struct confine_layer l = {0};
	struct err e = {0};
	struct reach r;
	(void)state;
	struct confine_needs n = {
		.output_dir = open_dir("/"), .output_file = "/n.txt.test", .config_file = "/etc/passwd"};
	assert_int_equal(reach_init(&r, &n, &l, &e), 0);
	reach_fini(&r);
	close(n.output_dir);
	assert_non_null(strstr(l.warning, "of its own; only /etc/passwd"));
}

/* Each number of descriptors that is too small for all places: told, and none is held. */
static int with_few_descriptors(const void *arg)
{
	const struct dirs *p = arg;
	struct confine_needs n = dirs_needs(p);
	for (rlim_t fd = 3; fd < (rlim_t)p->dir; fd++)
		if (fcntl((int)fd, F_GETFD) < 0 && dup2(0, (int)fd) < 0)
			return 1;
	int before = count_descriptors(), needed = -1;
	for (int more = 0; more < 16 && needed < 0; more++) {
		struct confine_layer l = {0};
		struct err e = {0};
		struct reach r;
		const struct rlimit few = {(rlim_t)(p->dir + 1 + more), 256};
		if (setrlimit(RLIMIT_NOFILE, &few) < 0)
			return 2;
		if (reach_init(&r, &n, &l, &e) == 0) {
			needed = more;
			if (kinds_of(&r) != (OUT | CONF))
				return 3;
			reach_fini(&r);
		} else if (e.code != ERR_OS || !strstr(e.msg, "RLIMIT_NOFILE") || r.count != 0) {
			return 4;
		}
		if (count_descriptors() != before)
			return 5;
	}
	return needed == 2 ? 0 : 6; /* two places */
}

static void test_too_few_descriptors_are_told(void **state)
{
	assert_int_equal(in_child(with_few_descriptors, *state), 0);
}

int main(void)
{
	struct CMUnitTest tests[ROWS + 5];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	const struct CMUnitTest others[] = {
		cmocka_unit_test_setup_teardown(test_an_output_directory_that_is_a_mount, dirs_setup, dirs_teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_is_a_mount, dirs_setup, dirs_teardown),
		cmocka_unit_test(test_a_configuration_on_a_volume_directly_in_root),
		cmocka_unit_test(test_two_warnings_stand_in_one_line),
		cmocka_unit_test_setup_teardown(test_too_few_descriptors_are_told, dirs_setup, dirs_teardown),
	};
	memcpy(&tests[ROWS], others, sizeof others);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
