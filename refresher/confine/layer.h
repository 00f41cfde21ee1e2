/* layer.h - how a layer of confinement reports itself. Plain data; main copies it to the board and logs the warnings.
 */
#ifndef REFRESHER_CONFINE_LAYER_H
#define REFRESHER_CONFINE_LAYER_H

#include <stdbool.h>

struct confine_layer {
	char name[24];     /* "no_core_dump", "no_new_privs", "user", "capabilities", "landlock", "seccomp" */
	bool holds;        /* what this layer is for cannot happen any more */
	char detail[64];   /* "uid 65532", "abi 6", "switched off", "not there, or hidden" */
	char warning[384]; /* one line that names cause and remedy; "" when there is nothing to say */
};

/* Both cut at the end of their field. layer_set leaves the warning as it is; a second warning is put behind the first.
 */
void layer_set(struct confine_layer *l, bool holds, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void layer_warn(struct confine_layer *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
