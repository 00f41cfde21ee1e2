/* trial.h - whether a user could go on publishing: tried in a child, because only the kernel knows. */
#ifndef REFRESHER_CONFINE_TRIAL_H
#define REFRESHER_CONFINE_TRIAL_H

#include "confine/privdrop.h"

enum trial_end {
	TRIAL_FINE,
	TRIAL_BECOME,  /* this process may not become that user */
	TRIAL_OPEN,    /* that user may neither open the present FILE for writing nor make another (output_held) */
	TRIAL_CREATE,  /* that user may not create a file in the output directory */
	TRIAL_OWN,     /* ... may not give it to output.owner */
	TRIAL_REPLACE, /* ... may not rename or replace the present file: it is another's, in a sticky directory */
	TRIAL_BROKEN,  /* no child, or it died: nothing is known */
};

struct trial {
	enum trial_end end;
	int sys_errno; /* of the call that failed; 0: none did */
};

/* Forks; waits for the child. keep_caps: the child keeps the capabilities that the change of user leaves it. An output
 * that is held by descriptor and cannot go away (no directory, or a file that is a mount of its own) needs no right:
 * TRIAL_FINE. Needs no descriptor for the answer. */
struct trial trial_run(const struct identity *id, bool keep_caps, const struct confine_needs *n);

/* Why not, and what helps: the end of a sentence. t is not fine. */
void trial_explain(const struct trial *t, const struct identity *id, const struct confine_needs *n, char *out,
		   size_t cap);

/* ERR_NOPERM, a right is missing: another user may have it. ERR_OS, a limit of the system; ERR_IO, full or broken:
 * no user's fault. ERR_CANTCREAT, anything else. */
enum err_code trial_code(const struct trial *t);

/* The name of the file that is created for the trial: one that the sink takes for a left-over, and sweeps away, should
 * this process die in between. Pure. */
enum { TRIAL_NAME_MAX = 256 };
void trial_name(char out[TRIAL_NAME_MAX], const char *base, long pid);

#endif
