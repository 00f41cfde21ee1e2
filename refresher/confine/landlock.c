#include "confine/landlock.h"

#include "base/limit.h"
#include "confine/reach.h"

#include <errno.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Newer than the headers of Linux 6.1, which Debian 12 has. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* ABI 3 */
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP    (1ULL << 0) /* ABI 4 */
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0) /* ABI 6 */
#define LANDLOCK_SCOPE_SIGNAL               (1ULL << 1)
#endif

static int kernel_create(void *self, const void *attr, size_t size, uint32_t flags)
{
	(void)self;
	return (int)syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

static int kernel_add(void *self, int ruleset_fd, int type, const void *attr)
{
	(void)self;
	return (int)syscall(SYS_landlock_add_rule, ruleset_fd, type, attr, 0);
}

static int kernel_restrict(void *self, int ruleset_fd)
{
	(void)self;
	return (int)syscall(SYS_landlock_restrict_self, ruleset_fd, 0);
}

const struct landlock_calls landlock_kernel = {
	.create = kernel_create, .add = kernel_add, .restrict_self = kernel_restrict};

size_t landlock_handle(int abi, struct landlock_handled *h)
{
	*h = (struct landlock_handled){.fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1}; /* ABI 1: bits 0 to 12 */
	if (abi >= 2)
		h->fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		h->fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 4)
		h->net = LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (abi >= 5)
		h->fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		h->scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
	if (abi >= 6)
		return sizeof *h;
	return abi >= 4 ? offsetof(struct landlock_handled, scoped) : offsetof(struct landlock_handled, net);
}

uint64_t landlock_output_access(bool read)
{
	uint64_t access = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG |
			  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
	return read ? access | LANDLOCK_ACCESS_FS_READ_FILE : access;
}

uint64_t landlock_config_access(void)
{
	return LANDLOCK_ACCESS_FS_READ_FILE;
}

/* The rights that exist for a single file; a rule with any other is refused. */
static uint64_t of_file(uint64_t access)
{
	return access & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE);
}

static uint64_t access_of(enum reach_kind kind, bool serve, bool wide)
{
	switch (kind) {
	case REACH_OUTPUT:
		/* Left-over temporary files are opened for reading where writing is refused. In / that is too much. */
		return landlock_output_access(serve || !wide);
	case REACH_OUTPUT_FILE:
		return of_file(landlock_output_access(true));
	case REACH_CONFIG:
		return landlock_config_access();
	}
	return 0;
}

static int add_rules(const struct landlock_calls *k, int ruleset, const struct reach *r, bool serve, uint64_t handled)
{
	for (unsigned i = 0; i < r->count; i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = access_of(r->places[i].kind, serve, r->output_is_root) & handled,
			.parent_fd = r->places[i].fd};
		if (k->add(k->self, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule) < 0)
			return -1;
	}
	return 0;
}

static void absent(struct confine_layer *l, int sys_errno)
{
	if (sys_errno == EOPNOTSUPP) {
		layer_set(l, false, "switched off in the kernel");
		layer_warn(l, "the kernel's Landlock is switched off; add landlock to its lsm= list");
	} else if (sys_errno == ENOSYS || sys_errno == EPERM) {
		layer_set(l, false, "not there, or hidden");
		layer_warn(l,
			   "the kernel has no Landlock (Linux 5.13), or a container runtime's filter hides it; files "
			   "are guarded by their modes only");
	} else {
		layer_set(l, false, "%s", strerror(sys_errno));
		layer_warn(l, "Landlock: %s", strerror(sys_errno));
	}
}

/* 0, or -1 with *e. */
static int restrict_to(const struct landlock_calls *k, int ruleset, const struct landlock_handled *h, int abi,
		       const struct confine_needs *n, struct confine_layer *l, struct err *e)
{
	struct reach r;
	tzset(); /* gmtime_r(3) looks for the time zone once: not as a denial in the audit log */
	if (reach_init(&r, n, l, e) < 0)
		return -1;
	if (add_rules(k, ruleset, &r, n->serve_output, h->fs) < 0 || k->restrict_self(k->self, ruleset) < 0)
		absent(l, errno);
	else if (r.output_is_root)
		layer_set(l, false, "abi %d, but all of / stays writable", abi);
	else
		layer_set(l, true, "abi %d", abi);
	reach_fini(&r);
	return 0;
}

int landlock_enter(const struct landlock_calls *k, const struct confine_needs *n, struct confine_layer *l,
		   struct err *e)
{
	struct landlock_handled h;
	int abi = k->create(k->self, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		absent(l, abi < 0 ? errno : ENOSYS);
		return 0;
	}
	size_t size = landlock_handle(abi, &h);
	int ruleset = k->create(k->self, &h, size, 0);
	if (ruleset < 0 && (errno == EMFILE || errno == ENFILE))
		return limit_err(e, errno, "Landlock needs a descriptor");
	if (ruleset < 0) {
		absent(l, errno);
		return 0;
	}
	int result = restrict_to(k, ruleset, &h, abi, n, l, e);
	close(ruleset);
	return result;
}
