#include "confine/confine.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Seeds and numbers must not end in a core file, and nobody may attach to this process and read them. */
static int no_core_dump(struct err *e)
{
	struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, ERR_OS, errno, "confine.no_core_dump");
	return 0;
}

int confine_enter(const struct confine_config *c, struct err *e)
{
	return c->no_core_dump ? no_core_dump(e) : 0;
}
