#include "confine/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libcap would be a dependency for two system calls. */
struct caps {
	struct __user_cap_data_struct word[_LINUX_CAPABILITY_U32S_3];
};

static int caps_get(struct caps *c)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	return (int)syscall(SYS_capget, &head, c->word);
}

static int caps_set(const struct caps *c)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	return (int)syscall(SYS_capset, &head, c->word);
}

/* The kernel answers EINVAL behind its last capability, which may be one that our headers do not know. */
static unsigned long bounding_left(void)
{
	unsigned long left = 0;
	int in;
	for (unsigned long cap = 0; (in = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0; cap++)
		left += in > 0;
	return left;
}

void caps_bound(void)
{
	const unsigned long fixed = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
				    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED | SECBIT_KEEP_CAPS_LOCKED;
	prctl(PR_SET_SECUREBITS, fixed, 0, 0, 0);
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int caps_clear(struct err *e)
{
	const struct caps none = {0};
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL) /* EINVAL: before 4.3 */
		return err_set(e, ERR_OS, errno, "capabilities: the ambient set cannot be emptied");
	if (caps_set(&none) < 0)
		return err_set(e, ERR_OS, errno, "capabilities cannot be dropped");
	return 0;
}

static bool ambient_left(void)
{
	int in = 0;
	for (unsigned long cap = 0; in == 0; cap++)
		in = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0);
	return in > 0;
}

int caps_verify(struct confine_layer *l, struct err *e)
{
	struct caps now = {0}; /* memcheck does not know that capget fills it */
	__u32 left = 0;
	if (caps_get(&now) < 0)
		return err_set(e, ERR_OS, errno, "capabilities cannot be looked at");
	for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		left |= now.word[i].effective | now.word[i].permitted | now.word[i].inheritable;
	if (left || ambient_left())
		return err_set(e, ERR_SOFTWARE, 0, "capabilities are left after they were dropped");
	unsigned long bounding = bounding_left();
	if (bounding)
		layer_set(l, true, "none; bounding set keeps %lu: no CAP_SETPCAP", bounding);
	else
		layer_set(l, true, "none, and none in the bounding set");
	return 0;
}
