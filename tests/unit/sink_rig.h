/* sink_rig.h - one sink on one fake_io, for the tests of the sink. */
#ifndef TESTS_SINK_RIG_H
#define TESTS_SINK_RIG_H

#include "fake_io.h"
#include "sink/sink.h"

enum rig_step { STEP_BEGIN, STEP_WRITE, STEP_SEAL, STEP_COMMIT };

struct rig {
	struct fake_io f;
	struct sink_config c; /* FILE: f.dir/numbers.txt, mode 0444, auto */
	struct sink *s;
	struct err e;
	enum rig_step step; /* of rig_publish: the last one begun */
	char notes[2048];   /* that the sink gave, one a line */
};

void sink_rig_init(struct rig *r);
void rig_fini(struct rig *r); /* frees the sink too, and asserts that no descriptor leaked */

void rig_file(struct rig *r, const char *name); /* FILE is f.dir/name */
bool rig_open(struct rig *r);                   /* sink_open; false with r->e */
void rig_take_notes(struct rig *r);             /* adds those that the sink has for the log to r->notes */
void rig_open_ok(struct rig *r);

/* begin, write, seal, commit; 0, or -1 with r->e and r->step; 1 as of sink_commit. In two writes. A lock that is not
 * to be had is a failure. */
int rig_publish(struct rig *r, const char *text);

void rig_expect(struct rig *r, const char *name, const char *text); /* NULL: the file does not exist */
void rig_expect_no_temp(struct rig *r);
void rig_expect_error(struct rig *r, enum err_code code, const char *part);

#endif
