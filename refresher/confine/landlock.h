/* landlock.h - files, and from ABI 4 on the network, out of reach (landlock(7)): all but the output and the
 * configuration.
 *
 * Rules are tied to directories that exist now, not to paths:
 *  - The output directory may be written. One that is removed and created again is a new directory, out of reach until
 *    a restart.
 *  - A FILE that is itself a mount is the only thing that may be written.
 *  - The directory of the configuration may be read, since editors and the kubelet replace the file by renaming; but
 *    only the file when that directory is / or lies directly in / and is no mount.
 *  - Descriptors that are open already keep their rights. */
#ifndef REFRESHER_CONFINE_LANDLOCK_H
#define REFRESHER_CONFINE_LANDLOCK_H

#include "confine/confine.h"

#include <stddef.h>
#include <stdint.h>

/* The three system calls: a seam, because each kernel has one ABI only. As the kernel's: -1 with errno. */
struct landlock_calls {
	void *self;
	int (*create)(void *self, const void *attr, size_t size, uint32_t flags);
	int (*add)(void *self, int ruleset_fd, int type, const void *attr);
	int (*restrict_self)(void *self, int ruleset_fd);
};
extern const struct landlock_calls landlock_kernel;

/* struct landlock_ruleset_attr as ABI 6 has it; older ABIs take the first `size` bytes of it. */
struct landlock_handled {
	uint64_t fs, net, scoped;
};

/* What is denied unless a rule allows it: everything that this ABI (>= 1) knows. Returns the size to hand over. Pure.
 */
size_t landlock_handle(int abi, struct landlock_handled *h);

/* What a rule allows, before it is cut down to what the ABI handles. */
uint64_t landlock_output_access(bool read);
uint64_t landlock_config_access(void);

/* Restricts the calling thread and those that it starts. Needs no_new_privs. 0; a kernel without Landlock, or one that
 * refuses, is a warning in *l. -1 with *e (ERR_OS): no descriptor was left for what must stay in reach, so that no
 * refresh could succeed; nothing is restricted then. */
int landlock_enter(const struct landlock_calls *k, const struct confine_needs *n, struct confine_layer *l,
		   struct err *e);

#endif
