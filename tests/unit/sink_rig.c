#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink_rig.h"

#include <stdio.h>
#include <string.h>

void sink_rig_init(struct rig *r)
{
	memset(r, 0, sizeof *r);
	fake_io_init(&r->f);
	r->c = (struct sink_config){.mode = 0444, .uid = (uid_t)-1, .gid = (gid_t)-1};
	rig_file(r, "numbers.txt");
}

void rig_fini(struct rig *r)
{
	sink_free(r->s);
	assert_int_equal(fake_io_open_fds(&r->f), 0);
	assert_int_equal(r->f.wrong_closes, 0);
	fake_io_fini(&r->f);
}

void rig_file(struct rig *r, const char *name)
{
	snprintf(r->c.file, sizeof r->c.file, "%s/%s", r->f.dir, name);
}

bool rig_open(struct rig *r)
{
	memset(&r->e, 0, sizeof r->e);
	r->notes[0] = '\0';
	r->s = sink_open(&r->c, &r->f.io, &r->e);
	if (r->s)
		rig_take_notes(r);
	return r->s != NULL;
}

void rig_take_notes(struct rig *r)
{
	const char *note;
	while ((note = sink_take_note(r->s)) != NULL) {
		size_t used = strlen(r->notes);
		snprintf(r->notes + used, sizeof r->notes - used, "%s\n", note);
	}
}

void rig_open_ok(struct rig *r)
{
	if (!rig_open(r))
		fail_msg("sink_open: %s", r->e.msg);
}

int rig_publish(struct rig *r, const char *text)
{
	size_t half = strlen(text) / 2;
	memset(&r->e, 0, sizeof r->e);
	r->step = STEP_BEGIN;
	if (sink_begin(r->s, &r->e) != 0)
		return -1;
	r->step = STEP_WRITE;
	if (sink_write(r->s, text, half, &r->e) < 0 || sink_write(r->s, text + half, strlen(text) - half, &r->e) < 0)
		return -1;
	r->step = STEP_SEAL;
	if (sink_seal(r->s, &r->e) < 0)
		return -1;
	r->step = STEP_COMMIT;
	return sink_commit(r->s, &r->e);
}

void rig_expect(struct rig *r, const char *name, const char *text)
{
	char got[4096];
	int n = fake_file_read(&r->f, name, got, sizeof got);
	if (!text) {
		assert_int_equal(n, -1);
		return;
	}
	if (n < 0)
		fail_msg("%s does not exist", name);
	assert_string_equal(got, text);
}

void rig_expect_no_temp(struct rig *r)
{
	assert_int_equal(fake_file_count(&r->f, ".tmp."), 0);
}

void rig_expect_error(struct rig *r, enum err_code code, const char *part)
{
	if (!strstr(r->e.msg, part))
		fail_msg("\"%s\" does not hold \"%s\"", r->e.msg, part);
	assert_int_equal(r->e.code, code);
}
