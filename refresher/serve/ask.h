/* ask.h - refresher --status: one question to a running daemon, by HTTP, over the address that it listens at.
 *
 * Connects, asks, reads to the end, within 2 s altogether. No thread, no state. */
#ifndef REFRESHER_SERVE_ASK_H
#define REFRESHER_SERVE_ASK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes the daemon's /status.txt, or with json its /status, to out. address is one of the configuration (listen.h);
 * of "all addresses" it is the loopback one that is asked. 0: ready; 1: it is not; -1 with ERR_CONFIG: that is no
 * address, or "none"; -1 with ERR_UNAVAILABLE: nobody answers there, or not so. */
int ask_status(const char *address, bool json, FILE *out, struct err *e);

#endif
