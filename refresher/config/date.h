/* date.h - a moment as RFC 3339 writes it. Pure. */
#ifndef REFRESHER_CONFIG_DATE_H
#define REFRESHER_CONFIG_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* 2026-11-28T03:42:14Z, also with a fraction of the second, which is left out, and with an offset such as +01:00.
 * *unix_seconds: since 1970. false: it is no such text, or no such day; *unix_seconds is untouched then. */
bool date_scan(const char *text, int64_t *unix_seconds);

#endif
