/* landlock.c against the real kernel, where it has Landlock: a confined child tries what is allowed and what is not. */
#include "rows.h"

#include "confine/landlock.h"

#include "confine_child.h"
#include "confine_dirs.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static int real_abi(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

enum { NOT_CONFINED = 254, WRONG_SET_UP = 253 };

struct attempt {
	const char *name;
	int abi;                          /* the first that decides this */
	int (*try)(const struct dirs *p); /* 0 or errno */
	int wanted;                       /* errno, 0 = allowed */
};

static int opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int path_in(const char *dir, const char *name, int flags)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return opened(path, flags);
}

static int try_create(const struct dirs *p)
{
	return opened(p->file, O_CREAT | O_EXCL | O_WRONLY);
}
static int try_by_descriptor(const struct dirs *p)
{
	int fd = openat(p->dir, ".numbers.txt.tmp.1", O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd < 0)
		return errno;
	if (write(fd, "1\n", 2) != 2 || fchmod(fd, 0444) < 0 || fsync(fd) < 0)
		return errno;
	if (renameat(p->dir, ".numbers.txt.tmp.1", p->dir, "numbers.txt") < 0 || fsync(p->dir) < 0)
		return errno;
	return unlinkat(p->dir, "numbers.txt", 0) < 0 ? errno : 0;
}
static int try_truncate(const struct dirs *p)
{
	int rc = try_create(p);
	int fd = open(p->file, O_WRONLY);
	return rc || fd < 0 || ftruncate(fd, 10) < 0 ? errno : 0;
}
static int try_read_output(const struct dirs *p)
{
	int rc = try_create(p);
	return rc ? rc : opened(p->file, O_RDONLY);
}
static int try_list_output(const struct dirs *p)
{
	return opened(p->out, O_RDONLY | O_DIRECTORY);
}
static int try_symlink(const struct dirs *p)
{
	return symlinkat("/etc/passwd", p->dir, "link") < 0 ? errno : 0;
}
static int try_mkdir(const struct dirs *p)
{
	return mkdirat(p->dir, "d", 0700) < 0 ? errno : 0;
}
static int try_fifo(const struct dirs *p)
{
	return mkfifoat(p->dir, "f", 0600) < 0 ? errno : 0;
}
static int try_move_out(const struct dirs *p)
{
	int rc = try_create(p);
	return rc ? rc : renameat(p->dir, "numbers.txt", AT_FDCWD, p->yaml) < 0 ? errno : 0;
}
static int try_recreated(const struct dirs *p)
{
	int rc = try_create(p);
	return rc ? rc : path_in(p->tmp, "v/again/numbers.txt", O_CREAT | O_EXCL | O_WRONLY);
}
static int try_config(const struct dirs *p)
{
	return opened(p->yaml, O_RDONLY);
}
static int try_config_replaced(const struct dirs *p)
{
	return path_in(p->etc, "new.yaml", O_RDONLY);
}
static int try_write_config(const struct dirs *p)
{
	return opened(p->yaml, O_WRONLY);
}
static int try_create_beside_config(const struct dirs *p)
{
	return path_in(p->etc, "x", O_CREAT | O_WRONLY);
}
static int try_create_above(const struct dirs *p)
{
	return path_in(p->tmp, "v/x", O_CREAT | O_WRONLY);
}
static int try_passwd(const struct dirs *p)
{
	(void)p;
	return opened("/etc/passwd", O_RDONLY);
}
static int try_shadow(const struct dirs *p)
{
	(void)p;
	return opened("/etc/shadow", O_RDONLY);
}
static int try_proc(const struct dirs *p)
{
	(void)p;
	return opened("/proc/self/mem", O_RDONLY);
}
static int try_execute(const struct dirs *p)
{
	(void)p;
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}
static int try_bind(const struct dirs *p)
{
	(void)p;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ? errno : 0;
}
static int try_connect(const struct dirs *p)
{
	(void)p;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ? errno : 0;
}
static int try_signal(const struct dirs *p)
{
	(void)p;
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static const struct attempt attempts[] = {
	{"the output can be created", 1, try_create, 0},
	{"a publication: temporary file, fsync, rename, fsync, unlink", 1, try_by_descriptor, 0},
	{"the output can be truncated", 1, try_truncate, 0},
	{"the output can be read", 1, try_read_output, 0},
	{"the output directory can be listed", 1, try_list_output, 0},
	{"an output directory that was made again is out of reach", 1, try_recreated, EACCES},
	{"no symbolic link in the output directory", 1, try_symlink, EACCES},
	{"no directory in the output directory", 1, try_mkdir, EACCES},
	{"no fifo in the output directory", 1, try_fifo, EACCES},
	{"the output cannot be moved over the configuration", 1, try_move_out, EACCES},
	{"the configuration can be read", 1, try_config, 0},
	{"a configuration put in its place can be read", 1, try_config_replaced, 0},
	{"the configuration cannot be written", 1, try_write_config, EACCES},
	{"nothing can be put beside the configuration", 1, try_create_beside_config, EACCES},
	{"nothing can be put above the output", 1, try_create_above, EACCES},
	{"a file that everybody may read", 1, try_passwd, EACCES},
	{"/etc/shadow", 1, try_shadow, EACCES},
	{"/proc/self/mem", 1, try_proc, EACCES},
	{"a program", 1, try_execute, EACCES},
	{"TCP bind", 4, try_bind, EACCES},
	{"TCP connect", 4, try_connect, EACCES},
	{"a signal to another process", 6, try_signal, EPERM},
};

struct job {
	const struct attempt *attempt;
	const struct dirs *dirs;
};

static int confined(const void *arg)
{
	const struct job *j = arg;
	struct confine_layer l = {0};
	struct err e = {0};
	struct confine_needs n = dirs_needs(j->dirs);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return WRONG_SET_UP;
	if (landlock_enter(&n, &l, &e) < 0 || !l.holds)
		return NOT_CONFINED;
	return j->attempt->try(j->dirs);
}

static int bare(const void *arg)
{
	const struct job *j = arg;
	return j->attempt->try(j->dirs);
}

/* What somebody else does after the start. */
static int change_under(const void *arg)
{
	const struct job *j = arg;
	char path[256];
	snprintf(path, sizeof path, "%s/new.yaml", j->dirs->etc);
	write_text(path, "b");
	snprintf(path, sizeof path, "%s/v/again", j->dirs->tmp);
	return mkdir(path, 0755);
}

static int saw(int (*body)(const void *), const struct attempt *a)
{
	void *dirs;
	dirs_setup(&dirs);
	struct job j = {a, dirs};
	assert_int_equal(change_under(&j), 0);
	int result = in_child(body, &j);
	dirs_teardown(&dirs);
	return result;
}

/* What is refused must work without Landlock, else the row proves nothing. */
static void test_attempt(void **state)
{
	const struct attempt *a = *state;
	if (real_abi() < a->abi)
		skip_since("needs a newer Landlock");
	assert_int_equal(saw(confined, a), a->wanted);
	if (a->wanted != 0 && (a->try != try_shadow || geteuid() == 0))
		assert_int_not_equal(saw(bare, a), a->wanted);
}

static int without_no_new_privs(const void *arg)
{
	struct confine_layer l = {0};
	struct err e = {0};
	struct confine_needs n = {.output_dir = -1};
	(void)arg;
	if (geteuid() == 0 && setresuid(65532, 65532, 65532) < 0)
		return WRONG_SET_UP;
	return landlock_enter(&n, &l, &e) == 0 && !l.holds && l.warning[0] ? 0 : 1;
}

static void test_refusal_by_the_kernel_is_a_warning(void **state)
{
	(void)state;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		skip_since("no_new_privs is on already");
	assert_int_equal(in_child(without_no_new_privs, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_refusal_by_the_kernel_is_a_warning),
	};
	int failed = ROWS_RUN("attempts", test_attempt, attempts);
	return failed + cmocka_run_group_tests_name("confine landlock kernel", others, NULL, NULL);
}
