/* user_probe.h - what another user would meet: asked in a child that became that user, because only the kernel knows.
 */
#ifndef REFRESHER_CONFINE_USER_PROBE_H
#define REFRESHER_CONFINE_USER_PROBE_H

#include "base/err.h"
#include "confine/identity.h"

/* Forks; the child becomes *id, gives up its capabilities unless keep_caps says that it shall have those that the
 * change leaves it, and calls probe(self, e). Waits for it. 0, or -1 with *e as the child filled it: whole, whether the
 * change was refused (identity_become, caps_clear) or the probe. ERR_OS, too, where there is no child or it died. Needs
 * no descriptor. Before any thread exists. */
int user_probe(const struct identity *id, bool keep_caps, int (*probe)(void *self, struct err *e), void *self,
	       struct err *e);

#endif
