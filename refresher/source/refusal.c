#include "source/refusal.h"

#include "base/capability.h"
#include "base/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { UNMAPPED = 65534 }; /* how a user namespace shows an owner that it does not have */

/* ---- the facts -----------------------------------------------------------------------------------------------------
 */

/* The first line of a small file; "" where it cannot be read. */
static void first_line(const char *path, char *line, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, cap - 1);
	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static void inspect_node(struct device_facts *f)
{
	struct statvfs fs;
	if (stat(f->path, &f->st) < 0)
		return;

	/* What the kernel decides by: type, owner and mode, the list beside the mode, the options of the mount. */
	f->seen = true;
	f->in_group = f->st.st_gid == getegid() || group_member(f->st.st_gid);
	f->has_acl = getxattr(f->path, "system.posix_acl_access", NULL, 0) > 0;
	f->nodev = statvfs(f->path, &fs) == 0 && (fs.f_flag & ST_NODEV);
}

/* The first user namespace maps every number to itself, from 0 on and all of them. */
static bool is_first_namespace(const char *map)
{
	char *at;
	unsigned long inside = strtoul(map, &at, 10), outside = strtoul(at, &at, 10), count = strtoul(at, &at, 10);
	return inside == 0 && outside == 0 && count == UINT32_MAX;
}

void device_inspect(struct device_facts *f, const char *path, int sys_errno)
{
	char line[64];
	struct capabilities caps = {0};
	*f = (struct device_facts){.path = path, .sys_errno = sys_errno, .uid = geteuid()};
	inspect_node(f);

	/* A capability overrules the mode, but not on a node whose owner this user namespace does not have. */
	capabilities_get(&caps);
	f->may_override = caps.effective & (1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
	first_line("/proc/self/uid_map", line, sizeof line);
	f->user_namespace = line[0] && !is_first_namespace(line);

	/* What a security module calls us; a container does not show whether SELinux enforces. */
	first_line("/proc/self/attr/current", f->label, sizeof f->label);
	first_line("/sys/fs/selinux/enforce", line, sizeof line);
	f->permissive = line[0] == '0';
}

/* ---- the sentences
 * ----------------------------------------------------------------------------------------------------- */

static bool is_hwrng(const struct device_facts *f)
{
	return f->seen && S_ISCHR(f->st.st_mode) && f->st.st_rdev == makedev(10, 183);
}

static bool is_foreign(const struct device_facts *f)
{
	return f->user_namespace && f->st.st_uid == UNMAPPED;
}

/* The first of owner, group and others that we are decides alone (path_resolution(7)). */
static bool mode_allows(const struct device_facts *f)
{
	unsigned shift = f->uid == f->st.st_uid ? 6 : f->in_group ? 3 : 0;
	return (f->st.st_mode >> shift & 4) || (f->may_override && !is_foreign(f));
}

/* EPERM. For the hwrng device nothing but the device cgroup says so: its driver asks for no capability, and security
 * modules say EACCES. */
static int refused_by_cgroup(const struct device_facts *f, struct err *e)
{
	/* The rule that is wanting in the cgroup names the device by its numbers. */
	char number[32] = "it";
	if (f->seen)
		snprintf(number, sizeof number, "c %u:%u", major(f->st.st_rdev), minor(f->st.st_rdev));
	const char *other = is_hwrng(f) ? "" : "; or its driver wants a capability that this process lacks";
	return err_set(
		e, ERR_NOPERM, f->sys_errno,
		"%.100s: the device cgroup refuses %s; run the container privileged, take the device from a device "
		"plugin, or name it in DeviceAllow of the systemd unit (capabilities do not help)%s",
		f->path, number, other);
}

static int refused_by_mode(const struct device_facts *f, struct err *e)
{
	/* Three remedies: for an owner that this namespace lacks, for a uid 0 without its capability, for any other
	 * user. */
	const unsigned mode = f->st.st_mode & 07777, owner = (unsigned)f->st.st_uid, group = (unsigned)f->st.st_gid;
	if (is_foreign(f))
		return err_set(e, ERR_NOPERM, f->sys_errno,
			       "%.128s: its owner is outside this user namespace, where even uid 0 is one of the "
			       "others for it (mode %04o); let others read it on the host, or run without a user "
			       "namespace (hostUsers: true)",
			       f->path, mode);
	if (f->uid == 0)
		return err_set(e, ERR_NOPERM, f->sys_errno,
			       "%.128s: mode %04o of %u:%u refuses uid 0 without the capability DAC_OVERRIDE; give it "
			       "that capability, or chown the device to uid 0",
			       f->path, mode, owner, group);
	return err_set(e, ERR_NOPERM, f->sys_errno,
		       "%.128s: mode %04o of %u:%u refuses uid %u%s; start as uid 0 (the daemon drops it), or let that "
		       "user or its group read the device",
		       f->path, mode, owner, group, (unsigned)f->uid, f->has_acl ? ", and so does its ACL" : "");
}

/* The mode would let us. What else answers EACCES leaves no trace that we could read, but for who may be there. */
static int refused_by_another(const struct device_facts *f, struct err *e)
{
	const char *acl = f->has_acl ? "its ACL (getfacl) or " : "";
	const char *space = f->user_namespace ? "the user namespace that its file system was mounted in or " : "";
	char module[128] = "a security module (SELinux, AppArmor, Landlock)";

	/* AppArmor's name of our confinement ends with the mode; SELinux' is user:role:type:level. */
	if (strstr(f->label, " (enforce)"))
		snprintf(module, sizeof module, "AppArmor (profile %.60s)", f->label);
	else if (strchr(f->label, ':') && !f->permissive)
		snprintf(module, sizeof module, "SELinux (%.60s; setsebool container_use_devices on)", f->label);
	return err_set(e, ERR_NOPERM, f->sys_errno,
		       "%.90s: mode %04o would let uid %u read it, so %s%s%s refuses; look at the kernel's log",
		       f->path, (unsigned)(f->st.st_mode & 07777), (unsigned)f->uid, acl, space, module);
}

/* EACCES. */
static int denied(const struct device_facts *f, struct err *e)
{
	/* In this order: without a look at the node nothing is known, and nodev refuses whatever the mode says. */
	if (!f->seen)
		return err_set(e, ERR_NOPERM, f->sys_errno,
			       "%.128s: uid %u may not search a directory above it, or a security module (SELinux, "
			       "AppArmor) forbids it; look at their modes (namei -l) and at the kernel's log",
			       f->path, (unsigned)f->uid);
	if (f->nodev)
		return err_set(e, ERR_NOPERM, f->sys_errno,
			       "%.128s: its file system is mounted with nodev, so that no device on it can be opened; "
			       "mount the host's /dev itself (findmnt -T shows the mount)",
			       f->path);
	return mode_allows(f) ? refused_by_another(f, e) : refused_by_mode(f, e);
}

#define MISSING                                                                                                        \
	"this machine shows no hardware random number generator here; mount the host's /dev at /host_dev, name "       \
	"another --device, or choose --source cpu or kernel"
#define REPLAY    "is not a character device; for a file or FIFO of samples use --source replay with source.path"
#define NO_DRIVER "no driver is behind this node"
enum { ANY = -1 };

/* The first row that fits: by the type whatever the errno is, then by the errno. */
static const struct {
	mode_t type; /* 0: any */
	int sys_errno;
	const char *sentence;
} rows[] = {
	{S_IFREG, ANY, REPLAY},
	{S_IFIFO, ANY, REPLAY},
	{S_IFDIR, ANY, "is a directory; name the character device in it"},
	{S_IFSOCK, ANY, "is a socket; name a character device"},
	{S_IFBLK, ANY, "is a block device, which holds data and makes no noise; name a character device"},
	{S_IFCHR, 0, "is empty for ever and no noise source; name the generator's device"},
	{0, ENOENT, MISSING},
	{0, ENOTDIR, MISSING},
	{0, ENODEV, NO_DRIVER},
	{0, ENXIO, NO_DRIVER},
	{0, EBUSY, "another program holds the device (fuser -v shows it); stop it"},
	{0, ANY, "cannot be opened"},
};

int device_explain(const struct device_facts *f, struct err *e)
{
	const mode_t type = f->seen ? f->st.st_mode & S_IFMT : 0;
	const bool is_device = type == 0 || type == S_IFCHR;
	char what[160];
	unsigned i = 0;

	/* Three errors have causes that more facts than the errno tell apart, but no open of another type succeeds. */
	if (is_device && f->sys_errno == EPERM)
		return refused_by_cgroup(f, e);
	if (is_device && f->sys_errno == EACCES)
		return denied(f, e);
	snprintf(what, sizeof what, "%.128s cannot be opened", f->path);
	if (is_device && err_is_shortage(f->sys_errno))
		return limit_err(e, f->sys_errno, what);

	/* The last row fits whatever comes. */
	while ((rows[i].type && rows[i].type != type) ||
	       (rows[i].sys_errno != ANY && rows[i].sys_errno != f->sys_errno))
		i++;
	return err_set(e, ERR_UNAVAILABLE, is_device ? f->sys_errno : 0, "%.128s: %s", f->path, rows[i].sentence);
}

int device_refuse(const char *path, int sys_errno, struct err *e)
{
	struct device_facts f;
	device_inspect(&f, path, sys_errno);
	return device_explain(&f, e);
}
