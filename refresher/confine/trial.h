/* trial.h - whether a user could go on publishing: tried in a child, because only the kernel knows. */
#ifndef REFRESHER_CONFINE_TRIAL_H
#define REFRESHER_CONFINE_TRIAL_H

#include "confine/privdrop.h"

enum trial {
	TRIAL_FINE,
	TRIAL_BECOME,  /* this process may not become that user */
	TRIAL_CREATE,  /* that user may not create a file in the output directory */
	TRIAL_OWN,     /* ... may not give it to output.owner */
	TRIAL_REPLACE, /* ... may not replace the present file: it is another's, in a sticky directory */
	TRIAL_BROKEN,  /* no child, or it died: nothing is known */
};

/* Forks; waits for the child. keep_caps: the child keeps the capabilities that the change of user leaves it. An output
 * that is held by descriptor (no directory, or a file that is a mount of its own) needs no right: TRIAL_FINE. */
enum trial trial_run(const struct identity *id, bool keep_caps, const struct confine_needs *n);

#endif
