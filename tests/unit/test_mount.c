/* Mount points, with real mounts in a name space of a child's own (skipped where that is not allowed). */
#include <stdint.h>

#include "base/mount.h"
#include "rows.h"
#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A kernel before Linux 5.8, or a filter of a container runtime that refuses statx: by --wrap. */
static bool without_statx;

int __real_statx(int dir_fd, const char *path, int flags, unsigned mask, struct statx *sx);
int __wrap_statx(int dir_fd, const char *path, int flags, unsigned mask, struct statx *sx);

int __wrap_statx(int dir_fd, const char *path, int flags, unsigned mask, struct statx *sx)
{
	if (!without_statx)
		return __real_statx(dir_fd, path, flags, mask, sx);
	errno = EPERM;
	return -1;
}

static void names_and_mounts_with_and_without_statx(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, "x", "");
	int dir = open(r.f.dir, O_RDONLY | O_DIRECTORY), root = open("/", O_RDONLY | O_DIRECTORY);
	for (int round = 0; round < 2; round++) {
		without_statx = round == 1;
		assert_int_equal(mount_is_root(dir, "x"), 0);
		assert_int_equal(mount_is_root(dir, "."), 0);
		assert_int_equal(mount_is_root(dir, "missing"), -1);
		assert_int_equal(errno, ENOENT);
		assert_int_equal(mount_is_root(root, "proc"), 1);
	}
	without_statx = false;
	close(root);
	close(dir);
	rig_fini(&r);
}

enum { CANNOT = 77 };

/* In a child: a mount name space of its own, where `what` runs; 0 is good, else the number of the failed step. */
static void in_own_mounts(int (*what)(struct rig *r))
{
	struct rig r;
	sink_rig_init(&r);
	pid_t child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(CANNOT);
		_exit(what(&r));
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	rig_fini(&r);
	if (WEXITSTATUS(status) == CANNOT)
		skip_since("needs the right to mount");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static bool bind_file(struct rig *r)
{
	char from[512], to[512];
	fake_file_write(&r->f, "volume", "old\n");
	fake_file_write(&r->f, "numbers.txt", "");
	fake_io_path(&r->f, "volume", from);
	fake_io_path(&r->f, "numbers.txt", to);
	return mount(from, to, NULL, MS_BIND, NULL) == 0;
}

static bool holds(struct rig *r, const char *name, const char *text)
{
	char got[64];
	return fake_file_read(&r->f, name, got, sizeof got) >= 0 && strcmp(got, text) == 0;
}

static int bound_file(struct rig *r)
{
	if (!bind_file(r))
		return CANNOT;
	int dir = open(r->f.dir, O_RDONLY | O_DIRECTORY);
	if (mount_is_root(dir, "numbers.txt") != 1)
		return 1;
	if (mount_is_root(dir, "volume") != 0)
		return 2;
	if (!rig_open(r) || sink_view(r->s).mode != SINK_MODE_IN_PLACE || !r->notes[0])
		return 3;
	if (rig_publish(r, "longer than old\n") < 0 || !holds(r, "volume", "longer than old\n"))
		return 4;
	if (rig_publish(r, "1\n") < 0 || !holds(r, "volume", "1\n"))
		return 5;
	if (sink_remove(r->s, "", &r->e) < 0 || !holds(r, "volume", ""))
		return 6;
	return rig_publish(r, "2\n") < 0 || !holds(r, "volume", "2\n") ? 7 : 0;
}

static void a_bind_mounted_file_is_written_in_place(void **state)
{
	(void)state;
	in_own_mounts(bound_file);
}

/* The mount comes after the start: rename gives EBUSY, and the message names the remedy. */
static int mounted_over_later(struct rig *r)
{
	if (!rig_open(r) || rig_publish(r, "1\n") < 0)
		return 1;
	if (!bind_file(r))
		return CANNOT;
	if (rig_publish(r, "2\n") == 0 || r->e.sys_errno != EBUSY || !strstr(r->e.msg, "set write to in_place"))
		return 2;
	return holds(r, "volume", "old\n") && fake_file_count(&r->f, ".tmp.") == 0 ? 0 : 3;
}

static void a_file_that_is_mounted_over_later_is_an_error_with_a_remedy(void **state)
{
	(void)state;
	in_own_mounts(mounted_over_later);
}

static int read_only(struct rig *r)
{
	if (mount("none", r->f.dir, "tmpfs", MS_RDONLY, "size=64k") < 0)
		return CANNOT;
	return rig_open(r) || r->e.code != ERR_CANTCREAT || !strstr(r->e.msg, "mount the volume at");
}

static void a_read_only_file_system_is_heard_at_start(void **state)
{
	(void)state;
	in_own_mounts(read_only);
}

static int full_volume(struct rig *r)
{
	char text[40000];
	memset(text, '1', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	if (mount("none", r->f.dir, "tmpfs", 0, "size=64k") < 0)
		return CANNOT;
	if (!rig_open(r) || rig_publish(r, "small\n") < 0)
		return 1;
	fake_file_write(&r->f, "other", text);
	if (rig_publish(r, text) == 0 || r->e.sys_errno != ENOSPC || !strstr(r->e.msg, "larger sizeLimit"))
		return 2;
	if (!holds(r, "numbers.txt", "small\n") || fake_file_count(&r->f, ".tmp.") != 0)
		return 3;
	return rig_publish(r, "next\n") < 0 || !holds(r, "numbers.txt", "next\n") ? 4 : 0;
}

static void a_full_volume_keeps_the_old_file_and_the_next_small_one_fits(void **state)
{
	(void)state;
	in_own_mounts(full_volume);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(names_and_mounts_with_and_without_statx),
		cmocka_unit_test(a_bind_mounted_file_is_written_in_place),
		cmocka_unit_test(a_file_that_is_mounted_over_later_is_an_error_with_a_remedy),
		cmocka_unit_test(a_read_only_file_system_is_heard_at_start),
		cmocka_unit_test(a_full_volume_keeps_the_old_file_and_the_next_small_one_fits),
	};
	return cmocka_run_group_tests_name("mounts", others, NULL, NULL);
}
