/* refusal.c: facts about a device, and the sentence that fits them. */
#include "rows.h"
#include "source/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The hwrng device as the kernel makes it, and /dev/tpm0 as another; a small number is major << 8 | minor. */
#define HWRNG .seen = true, .st.st_mode = S_IFCHR | 0600, .st.st_rdev = 10 << 8 | 183
#define OPEN  .seen = true, .st.st_mode = S_IFCHR | 0666, .st.st_rdev = 10 << 8 | 183
#define TPM   .seen = true, .st.st_mode = S_IFCHR | 0660, .st.st_rdev = 10 << 8 | 224

struct row {
	const char *name;
	struct device_facts facts;
	enum err_code code;
	const char *says, *says_not;
};

static const char selinux[] = "system_u:system_r:container_t:s0:c1,c2";
static const struct row rows[] = {
	/* EACCES: the mode */
	{"a mode that refuses an ordinary user",
	 {.sys_errno = EACCES, HWRNG, .uid = 65532},
	 ERR_NOPERM,
	 "/dev/x: mode 0600 of 0:0 refuses uid 65532; start as uid 0",
	 "SELinux"},
	{"the owner's own bits decide",
	 {.sys_errno = EACCES, .seen = true, .st.st_mode = S_IFCHR | 0044, .st.st_uid = 7, .uid = 7},
	 ERR_NOPERM,
	 "mode 0044 of 7:0 refuses uid 7",
	 "would let"},
	{"the group's bits decide for its members",
	 {.sys_errno = EACCES, .seen = true, .st.st_mode = S_IFCHR | 0604, .st.st_gid = 9, .in_group = true, .uid = 7},
	 ERR_NOPERM,
	 "mode 0604 of 0:9 refuses uid 7",
	 "would let"},
	{"uid 0 that has lost its capabilities",
	 {.sys_errno = EACCES, .seen = true, .st.st_mode = S_IFCHR | 0600, .st.st_uid = 1000, .st.st_gid = 1000},
	 ERR_NOPERM,
	 "mode 0600 of 1000:1000 refuses uid 0 without the capability DAC_OVERRIDE",
	 "start as uid 0"},
	{"an access control list that refuses as well",
	 {.sys_errno = EACCES, HWRNG, .has_acl = true, .uid = 65532},
	 ERR_NOPERM,
	 "refuses uid 65532, and so does its ACL; start as uid 0",
	 "would let"},
	/* EACCES: not the mode */
	{"nodev, whatever the mode",
	 {.sys_errno = EACCES, OPEN, .nodev = true},
	 ERR_NOPERM,
	 "/dev/x: its file system is mounted with nodev",
	 "start as uid 0"},
	{"nodev, and the mode would refuse too",
	 {.sys_errno = EACCES, HWRNG, .nodev = true, .uid = 7},
	 ERR_NOPERM,
	 "mounted with nodev",
	 "start as uid 0"},
	{"an owner outside the user namespace",
	 {.sys_errno = EACCES,
	  .seen = true,
	  .st.st_mode = S_IFCHR | 0600,
	  .st.st_uid = 65534,
	  .st.st_gid = 65534,
	  .may_override = true,
	  .user_namespace = true},
	 ERR_NOPERM,
	 "/dev/x: its owner is outside this user namespace",
	 "start as uid 0"},
	{"the user 65534 without a user namespace",
	 {.sys_errno = EACCES, .seen = true, .st.st_mode = S_IFCHR | 0600, .st.st_uid = 65534, .uid = 7},
	 ERR_NOPERM,
	 "mode 0600 of 65534:0 refuses uid 7",
	 "namespace"},
	{"a file system of a user namespace",
	 {.sys_errno = EACCES, OPEN, .user_namespace = true},
	 ERR_NOPERM,
	 "mode 0666 would let uid 0 read it, so the user namespace that its file system was mounted in or a security "
	 "module",
	 "start as uid 0"},
	{"a capability that the mode cannot stop",
	 {.sys_errno = EACCES, HWRNG, .may_override = true},
	 ERR_NOPERM,
	 "mode 0600 would let uid 0 read it, so a security module (SELinux, AppArmor, Landlock) refuses",
	 "start as uid 0"},
	{"SELinux",
	 {.sys_errno = EACCES, OPEN},
	 ERR_NOPERM,
	 "so SELinux (system_u:system_r:container_t:s0:c1,c2; setsebool container_use_devices on) refuses",
	 "AppArmor"},
	{"SELinux that only logs",
	 {.sys_errno = EACCES, OPEN, .permissive = true},
	 ERR_NOPERM,
	 "so a security module",
	 "container_t"},
	{"AppArmor",
	 {.sys_errno = EACCES, OPEN, .label = "cri-containerd.apparmor.d (enforce)"},
	 ERR_NOPERM,
	 "so AppArmor (profile cri-containerd.apparmor.d (enforce)) refuses",
	 "SELinux"},
	{"AppArmor that only complains",
	 {.sys_errno = EACCES, OPEN, .label = "x (complain)"},
	 ERR_NOPERM,
	 "so a security module",
	 "profile"},
	{"an access control list and AppArmor",
	 {.sys_errno = EACCES, OPEN, .has_acl = true, .label = "p (enforce)"},
	 ERR_NOPERM,
	 "so its ACL (getfacl) or AppArmor (profile p (enforce)) refuses",
	 "SELinux"},
	{"a node that cannot be seen",
	 {.sys_errno = EACCES, .uid = 7},
	 ERR_NOPERM,
	 "/dev/x: uid 7 may not search a directory above it, or a security module",
	 "mode 0"},
	/* EPERM */
	{"the hwrng device: the cgroup, nothing else",
	 {.sys_errno = EPERM, HWRNG},
	 ERR_NOPERM,
	 "/dev/x: the device cgroup refuses c 10:183; run the container privileged",
	 "its driver"},
	{"another device: the cgroup or its driver",
	 {.sys_errno = EPERM, TPM},
	 ERR_NOPERM,
	 "the device cgroup refuses c 10:224; run the container privileged",
	 "\n"},
	{"another device: the driver is named",
	 {.sys_errno = EPERM, TPM},
	 ERR_NOPERM,
	 "or its driver wants a capability",
	 "\n"},
	/* no character device, whatever the errno */
	{"a regular file",
	 {.seen = true, .st.st_mode = S_IFREG | 0644},
	 ERR_UNAVAILABLE,
	 "/dev/x: is not a character device; for a file or FIFO of samples use --source replay",
	 "\n"},
	{"a FIFO", {.seen = true, .st.st_mode = S_IFIFO | 0644}, ERR_UNAVAILABLE, "use --source replay", "\n"},
	{"a regular file that may not be read",
	 {.sys_errno = EACCES, .seen = true, .st.st_mode = S_IFREG | 0600, .uid = 7},
	 ERR_UNAVAILABLE,
	 "use --source replay",
	 "mode"},
	{"a directory",
	 {.seen = true, .st.st_mode = S_IFDIR | 0755},
	 ERR_UNAVAILABLE,
	 "/dev/x: is a directory; name the character device in it",
	 "replay"},
	{"a block device",
	 {.seen = true, .st.st_mode = S_IFBLK | 0660},
	 ERR_UNAVAILABLE,
	 "/dev/x: is a block device",
	 "replay"},
	{"a socket",
	 {.sys_errno = ENXIO, .seen = true, .st.st_mode = S_IFSOCK | 0755},
	 ERR_UNAVAILABLE,
	 "/dev/x: is a socket",
	 "driver"},
	{"/dev/null",
	 {.seen = true, .st.st_mode = S_IFCHR | 0666, .st.st_rdev = 1 << 8 | 3},
	 ERR_UNAVAILABLE,
	 "/dev/x: is empty for ever and no noise source",
	 "replay"},
	/* the others */
	{"nothing there",
	 {.sys_errno = ENOENT},
	 ERR_UNAVAILABLE,
	 "/dev/x: this machine shows no hardware random number generator here; mount the host's /dev",
	 "mode"},
	{"a node without a driver", {.sys_errno = ENXIO, HWRNG}, ERR_UNAVAILABLE, "no driver is behind", "\n"},
	{"a device that another holds",
	 {.sys_errno = EBUSY, TPM},
	 ERR_UNAVAILABLE,
	 "another program holds the device (fuser -v shows it)",
	 "\n"},
	{"a limit", {.sys_errno = EMFILE, HWRNG}, ERR_OS, "/dev/x cannot be opened: RLIMIT_NOFILE", "\n"},
	{"anything else", {.sys_errno = EIO, HWRNG}, ERR_UNAVAILABLE, "/dev/x: cannot be opened: Input/output", "\n"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct device_facts f = r->facts;
	struct err e = {0};
	f.path = "/dev/x";
	if (strncmp(r->name, "SELinux", 7) == 0)
		strcpy(f.label, selinux);
	assert_int_equal(device_explain(&f, &e), -1);
	assert_int_equal(e.code, r->code);
	assert_int_equal(e.sys_errno, f.seen && !S_ISCHR(f.st.st_mode) ? 0 : f.sys_errno);
	if (!strstr(e.msg, r->says) || strstr(e.msg, r->says_not))
		fail_msg("%s", e.msg);
}

/* However long the path is, the remedy and the system's text are still there. */
static void a_long_path_does_not_cost_the_remedy(void **state)
{
	char path[4096];
	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	for (size_t i = 0; i < ROWS; i++) {
		struct device_facts f = rows[i].facts;
		struct err e = {0};
		f.path = path;
		strcpy(f.label, selinux);
		assert_int_equal(device_explain(&f, &e), -1);
		assert_true(strlen(e.msg) < sizeof e.msg - 1);
		if (e.sys_errno != 0)
			assert_non_null(strstr(e.msg, strerror(f.sys_errno)));
	}
}

static void facts_are_looked_up(void **state)
{
	struct device_facts f;
	char dir[] = "/tmp/refusal.XXXXXX", path[64];
	(void)state;
	device_inspect(&f, "/dev/zero", EPERM);
	assert_true(f.seen && S_ISCHR(f.st.st_mode) && f.st.st_rdev == makedev(1, 5));
	assert_int_equal(f.uid, geteuid());
	assert_int_equal(f.sys_errno, EPERM);
	assert_false(f.has_acl);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/none", dir);
	device_inspect(&f, path, ENOENT);
	assert_false(f.seen);
	assert_int_equal(chown(dir, geteuid(), getegid()), 0);
	device_inspect(&f, dir, 0);
	assert_true(f.seen && S_ISDIR(f.st.st_mode) && f.in_group && f.st.st_uid == geteuid());
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_long_path_does_not_cost_the_remedy),
		cmocka_unit_test(facts_are_looked_up),
	};
	int failed = ROWS_RUN("refusals", test_row, rows);
	return failed + cmocka_run_group_tests_name("refusal", others, NULL, NULL);
}
