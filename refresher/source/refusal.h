/* refusal.h - why a device cannot be opened or is no noise source: facts that were looked up, and the sentence that
 * fits them. Where the facts do not decide, the sentence names the candidates. Private to source/. */
#ifndef REFRESHER_SOURCE_REFUSAL_H
#define REFRESHER_SOURCE_REFUSAL_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/stat.h>

struct device_facts {
	const char *path;
	int sys_errno; /* of open(2); 0: it can be opened, but is no noise source */
	bool seen;     /* the node can be seen, and then: */
	struct stat st;
	bool has_acl; /* an access control list decides, not the group's bits alone */
	bool nodev;   /* its file system is mounted so */
	/* this process */
	uid_t uid;
	bool in_group;       /* it has the node's group */
	bool may_override;   /* the capability DAC_OVERRIDE or DAC_READ_SEARCH */
	bool user_namespace; /* it is in one, and not in the first */
	bool permissive;     /* SELinux only logs */
	char label[128];     /* its confinement as the security module calls it; "": none, or not to be read */
};

/* Looks all of it up. path stays the caller's. */
void device_inspect(struct device_facts *f, const char *path, int sys_errno);

/* Fills *e and returns -1: ERR_NOPERM where a right is missing, ERR_OS where a limit is reached, else ERR_UNAVAILABLE.
 * Pure. */
int device_explain(const struct device_facts *f, struct err *e);

/* Both, one after the other. */
int device_refuse(const char *path, int sys_errno, struct err *e);

#endif
