/* sink_remove under faults: each system call fails once. What is removed is gone or an error is told; and the next
 * call, without the fault, does it. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
	const char *name;
	enum sink_write write;
	bool mounted;
	int error;
};
static const struct row rows[] = {
	{"replace, every call fails with EIO", SINK_REPLACE, false, EIO},
	{"replace, every call fails with EACCES", SINK_REPLACE, false, EACCES},
	{"replace, every call fails with EINVAL", SINK_REPLACE, false, EINVAL},
	{"in_place, every call fails with EIO", SINK_IN_PLACE, false, EIO},
	{"in_place, every call fails with EINVAL", SINK_IN_PLACE, false, EINVAL},
	{"a mounted file, every call fails with EIO", SINK_AUTO, true, EIO},
	{"a mounted file, every call fails with EINVAL", SINK_AUTO, true, EINVAL},
	{"a mounted file, every call fails with ENOENT", SINK_AUTO, true, ENOENT},
};

static void arrange(struct rig *r, const struct row *row)
{
	sink_rig_init(r);
	r->c.write = row->write;
	fake_file_write(&r->f, "numbers.txt", "old\n");
	r->f.mounted = row->mounted ? "numbers.txt" : NULL;
	rig_open_ok(r);
	assert_int_equal(rig_publish(r, "1\n"), 0);
	fake_io_reset(&r->f);
}

static bool is_gone(struct rig *r)
{
	char got[16];
	return fake_file_read(&r->f, "numbers.txt", got, sizeof got) <= 0;
}

static unsigned calls_of_a_good_removal(const struct row *row)
{
	struct rig r;
	arrange(&r, row);
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	assert_true(is_gone(&r));
	unsigned total = fake_io_total(&r.f);
	rig_fini(&r);
	assert_true(total >= 2);
	return total;
}

static void it_is_gone_or_an_error_is_told(void **state)
{
	const struct row *row = *state;
	unsigned total = calls_of_a_good_removal(row), failed = 0;
	for (unsigned nth = 1; nth <= total; nth++) {
		struct rig r;
		arrange(&r, row);
		fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_ANY, .nth = nth, .error = row->error});
		int rc = sink_remove(r.s, "", &r.e);
		assert_int_equal(r.f.faults_hit, 1);
		if (rc < 0) {
			rig_expect_error(&r, ERR_IO, "");
			assert_true(strlen(r.e.msg) > 10);
			failed++;
		} else if (row->error != ENOENT) { /* ENOENT says that it is gone already */
			assert_true(is_gone(&r));
		}
		fake_io_reset(&r.f);
		assert_int_equal(sink_remove(r.s, "", &r.e), 0);
		assert_true(is_gone(&r));
		assert_int_equal(rig_publish(&r, "2\n"), 0);
		rig_expect(&r, "numbers.txt", "2\n");
		rig_fini(&r);
	}
	assert_true(failed > 0 || row->error == EINVAL);
}

int main(void)
{
	return ROWS_RUN("removal", it_is_gone_or_an_error_is_told, rows);
}
