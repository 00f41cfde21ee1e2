#include "source/refusal.h"

#include "base/capability.h"
#include "base/limit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { UNMAPPED = 65534 }; /* how a user namespace shows an owner that it does not have */

/* ---- looking ----------------------------------------------------------------------------------------------------- */

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

static bool has_group(gid_t group)
{
	gid_t groups[256];
	int n = getgroups(256, groups);
	for (int i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return getegid() == group;
}

static void look_at_node(struct device_facts *f)
{
	struct stat st;
	struct statvfs fs;
	if (stat(f->path, &st) < 0)
		return;
	f->seen = true;
	f->mode = st.st_mode;
	f->owner = st.st_uid;
	f->group = st.st_gid;
	f->major = major(st.st_rdev);
	f->minor = minor(st.st_rdev);
	f->in_group = has_group(st.st_gid);
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

void device_look(struct device_facts *f, const char *path, int sys_errno)
{
	char line[64];
	struct capabilities caps = {0};
	*f = (struct device_facts){.path = path, .sys_errno = sys_errno, .uid = geteuid()};
	look_at_node(f);

	/* What may overrule the mode. */
	capabilities_get(&caps);
	f->may_override = caps.effective & (1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);

	first_line("/proc/self/uid_map", line, sizeof line);
	f->user_namespace = line[0] && !is_first_namespace(line);

	/* What a security module calls us; a container does not show whether SELinux enforces. */
	first_line("/proc/self/attr/current", f->label, sizeof f->label);
	first_line("/sys/fs/selinux/enforce", line, sizeof line);
	f->permissive = line[0] == '0';
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static enum source_cause unavailable(enum source_cause cause, struct err *e, int sys_errno, const char *path,
				     const char *text)
{
	err_set(e, ERR_UNAVAILABLE, sys_errno, "%.128s: %s", path, text);
	return cause;
}

static bool is_hwrng(const struct device_facts *f)
{
	return f->seen && S_ISCHR(f->mode) && f->major == 10 && f->minor == 183;
}

/* EPERM. For the hwrng device nothing but the device cgroup says so: its driver asks for no capability, and security
 * modules say EACCES. */
static enum source_cause forbidden(const struct device_facts *f, struct err *e)
{
	char number[32] = "it";
	if (f->seen)
		snprintf(number, sizeof number, "c %u:%u", f->major, f->minor);
	const char *other = is_hwrng(f) ? "" : "; or its driver wants a capability that this process lacks";
	err_set(e, ERR_NOPERM, f->sys_errno,
		"%.100s: the device cgroup refuses %s; run the container privileged, take the device from a device "
		"plugin, or name it in DeviceAllow of the systemd unit (capabilities do not help)%s",
		f->path, number, other);
	return SOURCE_CGROUP;
}

static bool is_foreign(const struct device_facts *f)
{
	return f->user_namespace && f->owner == UNMAPPED;
}

static bool mode_allows(const struct device_facts *f)
{
	unsigned shift = f->uid == f->owner ? 6 : f->in_group ? 3 : 0;
	return (f->mode >> shift & 4) || (f->may_override && !is_foreign(f));
}

static void refused_by_mode(const struct device_facts *f, struct err *e)
{
	const unsigned mode = f->mode & 07777, owner = (unsigned)f->owner, group = (unsigned)f->group;
	if (is_foreign(f))
		err_set(e, ERR_NOPERM, f->sys_errno,
			"%.128s: its owner is outside this user namespace, where even uid 0 is one of the others for "
			"it "
			"(mode %04o); let others read it on the host, or run without a user namespace (hostUsers: "
			"true)",
			f->path, mode);
	else if (f->uid == 0)
		err_set(e, ERR_NOPERM, f->sys_errno,
			"%.128s: mode %04o of %u:%u refuses uid 0 without the capability DAC_OVERRIDE; give it that "
			"capability, or chown the device to uid 0",
			f->path, mode, owner, group);
	else
		err_set(e, ERR_NOPERM, f->sys_errno,
			"%.128s: mode %04o of %u:%u refuses uid %u%s; start as uid 0 (the daemon drops it), or let "
			"that "
			"user or its group read the device",
			f->path, mode, owner, group, (unsigned)f->uid, f->has_acl ? ", and so does its ACL" : "");
}

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t cap, const char *fmt, ...)
{
	va_list args;
	size_t used = strlen(text);
	va_start(args, fmt);
	vsnprintf(text + used, cap - used, fmt, args);
	va_end(args);
}

/* The mode would let us. What else answers EACCES leaves no trace that we could read, but for who may be there. */
static void refused_by_another(const struct device_facts *f, struct err *e)
{
	char who[256] = "";
	const bool apparmor = strstr(f->label, " (enforce)") != NULL;
	const bool selinux = !apparmor && strchr(f->label, ':') && !f->permissive;
	if (f->has_acl)
		append(who, sizeof who, " or its ACL (getfacl)");
	if (f->user_namespace)
		append(who, sizeof who, " or the user namespace that its file system was mounted in");
	if (apparmor)
		append(who, sizeof who, " or AppArmor (profile %.60s)", f->label);
	else if (selinux)
		append(who, sizeof who, " or SELinux (%.60s; setsebool container_use_devices on)", f->label);
	else
		append(who, sizeof who, " or a security module (SELinux, AppArmor, Landlock)");
	err_set(e, ERR_NOPERM, f->sys_errno,
		"%.90s: mode %04o would let uid %u read it, so%s refuses; look at the kernel's log", f->path,
		(unsigned)(f->mode & 07777), (unsigned)f->uid, who + sizeof " or" - 1);
}

/* EACCES. */
static enum source_cause denied(const struct device_facts *f, struct err *e)
{
	if (!f->seen)
		err_set(e, ERR_NOPERM, f->sys_errno,
			"%.128s: uid %u may not search a directory above it, or a security module (SELinux, AppArmor) "
			"forbids it; look at their modes (namei -l) and at the kernel's log",
			f->path, (unsigned)f->uid);
	else if (f->nodev)
		err_set(e, ERR_NOPERM, f->sys_errno,
			"%.128s: its file system is mounted with nodev, so that no device on it can be opened; mount "
			"the "
			"host's /dev itself (findmnt -T shows the mount)",
			f->path);
	else if (!mode_allows(f))
		refused_by_mode(f, e);
	else
		refused_by_another(f, e);
	return SOURCE_MODE;
}

/* What is no character device, or one that never has anything to say. */
static enum source_cause wrong_type(const struct device_facts *f, struct err *e)
{
	const char *text = "is a block device, which holds data and makes no noise; name a character device";
	if (S_ISCHR(f->mode))
		text = "is empty for ever and no noise source; name the generator's device";
	else if (S_ISREG(f->mode) || S_ISFIFO(f->mode))
		text = "is not a character device; for a file or FIFO of samples use --source replay with source.path";
	else if (S_ISDIR(f->mode))
		text = "is a directory; name the character device in it";
	else if (S_ISSOCK(f->mode))
		text = "is a socket; name a character device";
	return unavailable(SOURCE_WRONG_TYPE, e, 0, f->path, text);
}

enum source_cause device_explain(const struct device_facts *f, struct err *e)
{
	char what[160];
	if (f->seen && (!S_ISCHR(f->mode) || f->sys_errno == 0))
		return wrong_type(f, e);
	switch (f->sys_errno) {
	case ENOENT:
	case ENOTDIR:
		return unavailable(
			SOURCE_MISSING, e, f->sys_errno, f->path,
			"this machine shows no hardware random number generator here; mount the host's /dev at "
			"/host_dev, name another --device, or choose --source cpu or kernel");
	case EPERM:
		return forbidden(f, e);
	case EACCES:
		return denied(f, e);
	case ENODEV:
	case ENXIO:
		return unavailable(SOURCE_NO_DRIVER, e, f->sys_errno, f->path, "no driver is behind this node");
	case EBUSY:
		return unavailable(SOURCE_IO, e, f->sys_errno, f->path,
				   "another program holds the device (fuser -v shows it); stop it");
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		snprintf(what, sizeof what, "%.128s cannot be opened", f->path);
		limit_err(e, f->sys_errno, what);
		return SOURCE_IO;
	default:
		return unavailable(SOURCE_IO, e, f->sys_errno, f->path, "cannot be opened");
	}
}
