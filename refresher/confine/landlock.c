#include "confine/landlock.h"

#include "base/limit.h"
#include "base/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Newer than the headers of Linux 6.1, which Debian 12 has. */
enum {
	FS_TRUNCATE = 1 << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	NET_BIND_TCP = 1,       /* ABI 4 */
	NET_CONNECT_TCP = 2,
	SCOPE_ABSTRACT_UNIX_SOCKET = 1, /* ABI 6 */
	SCOPE_SIGNAL = 2,
};

/* struct landlock_ruleset_attr as ABI 6 has it. An older kernel takes it too, as long as what it does not know is 0. */
struct handled {
	uint64_t fs, net, scoped;
};

/* What is denied unless a rule allows it: everything that this ABI (>= 1) knows. */
static struct handled handled_by(int abi)
{
	struct handled h = {.fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1}; /* ABI 1: bits 0 to 12 */
	if (abi >= 2)
		h.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		h.fs |= FS_TRUNCATE;
	if (abi >= 4)
		h.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= 5)
		h.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		h.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return h;
}

/* What may be done to FILE, and beside it in its directory. */
enum {
	WRITE_FILE = LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE,
	WRITE_DIR =
		WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	READ_FILE = LANDLOCK_ACCESS_FS_READ_FILE,
};

struct rules {
	int ruleset_fd;
	uint64_t handled; /* the rights to files that this ABI knows */
	int shortage;     /* errno, where a path could not be opened for want of a descriptor; else 0 */
	int refused;      /* errno, where the kernel refused a rule; else 0 */
};

/* Allows `access` to what is at the path now, and below it. False: it cannot be opened. For want of a right it could
 * not be used later either, so it is left out. A missing descriptor comes back after the start, when nothing can be
 * added to the rules any more: that has to be told. */
static bool allow(struct rules *r, int dir_fd, const char *path, int flags, uint64_t access)
{
	int fd = openat(dir_fd, path, flags | O_PATH | O_CLOEXEC);
	if (fd < 0 && err_is_shortage(errno))
		r->shortage = errno;
	if (fd < 0)
		return false;
	struct landlock_path_beneath_attr rule = {.allowed_access = access & r->handled, .parent_fd = fd};
	if (syscall(SYS_landlock_add_rule, r->ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		r->refused = errno;
	close(fd);
	return true;
}

static bool is_root_dir(int fd)
{
	struct stat here, root;
	return fstat(fd, &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev &&
	       here.st_ino == root.st_ino;
}

/* Returns whether that is everything, since FILE lies in /. */
static bool allow_output(struct rules *r, const struct confine_needs *n, struct confine_layer *l)
{
	if (n->output_dir < 0)
		return false;

	/* A file that is a mount is open and cannot go away: nothing else need be written. */
	const char *slash = strrchr(n->output_file, '/'), *base = slash ? slash + 1 : n->output_file;
	if (mount_is_root(n->output_dir, base) == 1) {
		allow(r, n->output_dir, base, O_NOFOLLOW, WRITE_FILE | READ_FILE);
		return false;
	}

	/* Temporary files are made in the directory, so all of it is needed, even where that is everything. Left-over
	 * ones are opened for reading where writing is refused, but to read all of / is too much for that. */
	bool root = is_root_dir(n->output_dir), read = n->serve_output || !root;
	allow(r, n->output_dir, ".", O_DIRECTORY, read ? WRITE_DIR | READ_FILE : WRITE_DIR);
	if (root)
		layer_warn(l, "FILE lies in /, so that every directory stays writable as far as its mode allows; give "
			      "FILE a directory of its own");
	return root;
}

/* The directory of `path`, since editors and the kubelet put another file in its place. But / and the directories in it
 * belong to the system unless one is a volume: there it is the file alone. */
static void allow_config_at(struct rules *r, const char *path, struct confine_layer *l)
{
	char text[PATH_MAX], dir[PATH_MAX];
	snprintf(text, sizeof text, "%s", path);
	if (!realpath(dirname(text), dir))
		return;
	bool in_root = strchr(dir + 1, '/') == NULL;
	bool volume = dir[1] && mount_is_root(AT_FDCWD, dir) == 1;
	if (!in_root || volume)
		allow(r, AT_FDCWD, dir, O_DIRECTORY, READ_FILE);
	else if (allow(r, AT_FDCWD, path, 0, READ_FILE))
		layer_warn(l,
			   "only %.200s itself stays readable, so that a file put in its place needs a restart; "
			   "give it a directory of its own",
			   path);
}

static void allow_config(struct rules *r, const struct confine_needs *n, struct confine_layer *l)
{
	struct stat st;
	char real[PATH_MAX];
	if (!n->config_file || stat(n->config_file, &st) < 0 || !S_ISREG(st.st_mode))
		return;

	/* The link of a ConfigMap leads to the same directory again; another link may lead anywhere. */
	allow_config_at(r, n->config_file, l);
	if (lstat(n->config_file, &st) == 0 && S_ISLNK(st.st_mode) && realpath(n->config_file, real))
		allow_config_at(r, real, l);
}

/* The kernel has none, or refuses: a warning, and the rest goes on. */
static int absent(struct confine_layer *l, int sys_errno)
{
	const char *detail = strerror(sys_errno);
	if (sys_errno == EOPNOTSUPP) {
		detail = "switched off in the kernel";
		layer_warn(l, "the kernel's Landlock is switched off; add landlock to its lsm= list");
	} else if (sys_errno == ENOSYS || sys_errno == EPERM) {
		detail = "not there, or hidden";
		layer_warn(l,
			   "the kernel has no Landlock (Linux 5.13), or a container runtime's filter hides it; files "
			   "are guarded by their modes only");
	} else {
		layer_warn(l, "Landlock: %s", detail);
	}
	layer_set(l, false, "%s", detail);
	return 0;
}

/* Fills the ruleset, and shuts the door behind this thread. */
static int restrict_to(struct rules *r, int abi, const struct confine_needs *n, struct confine_layer *l, struct err *e)
{
	/* gmtime_r(3) looks for the time zone once: not as a denial in the audit log. */
	tzset();
	bool everything = allow_output(r, n, l);
	allow_config(r, n, l);
	if (r->shortage)
		return limit_err(e, r->shortage, "the output or the configuration cannot be opened for Landlock");

	/* Without all of its rules the ruleset would forbid what is needed. */
	if (r->refused)
		return absent(l, r->refused);
	if (syscall(SYS_landlock_restrict_self, r->ruleset_fd, 0) < 0)
		return absent(l, errno);
	layer_set(l, !everything, everything ? "abi %d, but all of / stays writable" : "abi %d", abi);
	return 0;
}

int landlock_enter(const struct confine_needs *n, struct confine_layer *l, struct err *e)
{
	/* How much of Landlock there is decides what can be forbidden. */
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return absent(l, abi < 0 ? errno : ENOSYS);
	const struct handled h = handled_by(abi);

	/* Going on without Landlock because of a limit would be a choice that nobody made. */
	struct rules r = {.ruleset_fd = (int)syscall(SYS_landlock_create_ruleset, &h, sizeof h, 0), .handled = h.fs};
	if (r.ruleset_fd < 0 && (errno == EMFILE || errno == ENFILE))
		return limit_err(e, errno, "Landlock needs a descriptor");
	if (r.ruleset_fd < 0)
		return absent(l, errno);
	int result = restrict_to(&r, abi, n, l, e);
	close(r.ruleset_fd);
	return result;
}
