/* control.h - what the main thread decides: what a signal, a tick, a reload and the threads' word lead to, and the end.
 *
 * It never blocks and waits for another thread only as the program ends, a moment at a time; the collector and the
 * worker ring the loop's bell. */
#ifndef REFRESHER_RUN_CONTROL_H
#define REFRESHER_RUN_CONTROL_H

#include "run/services.h"

struct run;

void control_describe(struct run *r); /* what observers see from the start on */

/* Obeys the signals that came before, starts the threads and is the main loop until the end; then r->rc says how it
 * ended. service: NULL: none. */
void control_run(struct run *r, const struct run_service *service);

#endif
