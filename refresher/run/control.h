/* control.h - what the main thread decides: what a signal, a tick, a reload and the threads' word lead to, and the end.
 *
 * It never blocks and never waits for another thread. From the collector's and the worker's threads only
 * control_on_state and control_on_refresh are called. */
#ifndef REFRESHER_RUN_CONTROL_H
#define REFRESHER_RUN_CONTROL_H

#include "base/err.h"
#include "run/gate.h"
#include "run/services.h"

struct run;

void control_describe(struct run *r);        /* what observers see from the start on */
void control_identify_source(struct run *r); /* the administrator may bind another generator */

/* Obeys the signals that came before, starts the threads and is the main loop until the end; then r->rc says how it
 * ended. service: NULL: none. */
void control_run(struct run *r, const struct run_service *service);

/* Called from the collector's and the worker's thread: `self` is a struct run. */
void control_on_state(void *self, enum gate_state state);
void control_on_refresh(void *self);

#endif
