#include "base/capability.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel gives each set in two words of 32 bits, the low one first. */
static uint64_t joined(__u32 low, __u32 high)
{
	return (uint64_t)high << 32 | low;
}

/* libcap would be a dependency for one system call. */
int capabilities_get(struct capabilities *c)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct word[_LINUX_CAPABILITY_U32S_3] = {{0}}; /* memcheck does not know capget */
	if (syscall(SYS_capget, &head, word) < 0)
		return -1;
	*c = (struct capabilities){.effective = joined(word[0].effective, word[1].effective),
				   .permitted = joined(word[0].permitted, word[1].permitted),
				   .inheritable = joined(word[0].inheritable, word[1].inheritable)};
	return 0;
}

/* The permitted set, since what is in it can be made effective again at any time. */
bool capability_has(unsigned cap)
{
	struct capabilities now;
	return capabilities_get(&now) < 0 || (now.permitted >> cap & 1);
}
