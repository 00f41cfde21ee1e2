/* seccomp.h - the list of system calls that are left (seccomp(2), by libseccomp). Last of all layers.
 *
 * Any other call fails with ENOSYS, as on a kernel that does not have it, and is offered to the audit log. Not EPERM:
 * a C library of tomorrow that tries a new call first falls back to the old one on ENOSYS only. Not the end of the
 * process: what is denied gains nothing, and a node without numbers is what an intruder may want. Gone are above all
 * execve, socket, connect, bind, ptrace, kill, fork, ioctl, mount, every set*id, and executable memory. */
#ifndef REFRESHER_CONFINE_SECCOMP_H
#define REFRESHER_CONFINE_SECCOMP_H

#include "confine/layer.h"

/* For this thread and all later ones; for those that run already by TSYNC. Needs no_new_privs. A kernel without seccomp
 * filters, or one that refuses, is a warning in *l. */
void seccomp_enter(struct confine_layer *l);

#endif
