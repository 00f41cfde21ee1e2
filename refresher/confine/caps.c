#include "confine/caps.h"

#include "base/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The ambient set needs no look of its own: the kernel keeps it within the permitted and the inheritable one. */
static bool is_empty(const struct capabilities *c)
{
	return (c->effective | c->permitted | c->inheritable) == 0;
}

/* The secure bits and the bounding set are CAP_SETPCAP's to change. The kernel answers EINVAL behind its last
 * capability, which may be one that our headers do not know. */
void caps_bound(void)
{
	const int fixed = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			  SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED | SECBIT_KEEP_CAPS_LOCKED;
	int in;

	/* Whoever may not change them is asked for nothing that a filter could take amiss. */
	if (!capability_has(CAP_SETPCAP))
		return;

	/* The locked bits cannot be taken back, not even by root; then every capability leaves the bounding set. */
	if ((prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & fixed) != fixed)
		prctl(PR_SET_SECUREBITS, fixed, 0, 0, 0);
	for (unsigned long cap = 0; (in = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0; cap++)
		if (in > 0)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int caps_clear(struct err *e)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
	struct capabilities now;

	/* Empty sets need no call: a container's filter may refuse capset(2) to whoever has nothing to give up. */
	if (capabilities_get(&now) == 0 && is_empty(&now))
		return 0;
	if (syscall(SYS_capset, &head, none) < 0)
		return err_set(e, ERR_OS, errno, "capabilities cannot be dropped");
	return 0;
}

int caps_verify(struct confine_layer *l, struct err *e)
{
	struct capabilities now;
	int in, left = 0;
	if (capabilities_get(&now) < 0)
		return err_set(e, ERR_OS, errno, "capabilities cannot be looked at");
	if (!is_empty(&now))
		return err_set(e, ERR_SOFTWARE, 0, "capabilities are left after they were dropped");

	/* The bounding set matters little once nothing can be executed, so it is only reported. The kernel says EINVAL
	 * behind its last capability; where it says something else it does not tell. */
	for (unsigned long cap = 0; (in = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0; cap++)
		left += in;
	if (errno != EINVAL)
		layer_set(l, true, "none; the bounding set cannot be looked at");
	else if (left > 0)
		layer_set(l, true, "none; the bounding set keeps %d", left);
	else
		layer_set(l, true, "none, and none in the bounding set");
	return 0;
}
