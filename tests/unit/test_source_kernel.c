/* getrandom(2) as a source: its answers are scripted. */
#include "rows.h"
#include "source/source.h"

#include <errno.h>
#include <string.h>

/* ---- the kernel ---------------------------------------------------------------------------------------------------
 */

/* What the next calls of getrandom(2) answer: an errno, or so many bytes of 7; none left: the real one. */
static struct {
	int errors[4];
	ssize_t bytes[4];
	unsigned at, len;
} kernel_script;

ssize_t __real_getrandom(void *buf, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags)
{
	if (kernel_script.at >= kernel_script.len)
		return __real_getrandom(buf, len, flags);
	unsigned i = kernel_script.at++;
	if (kernel_script.bytes[i] > 0)
		memset(buf, 7, (size_t)kernel_script.bytes[i]);
	errno = kernel_script.errors[i];
	return kernel_script.bytes[i];
}

struct kernel_row {
	const char *sentence;
	int errors[4];
	ssize_t bytes[4], result;
	unsigned calls;
	const char *text;
};

static const struct kernel_row kernel_rows[] = {
	{"the kernel gives what was asked for", {0}, {16}, 16, 1, NULL},
	{"a short count is passed on", {0}, {5}, 5, 1, NULL},
	{"EINTR is tried again", {EINTR, EINTR, 0}, {-1, -1, 16}, 16, 3, NULL},
	{"another errno is an error with its text", {ENOSYS}, {-1}, -1, 1, "Function not implemented"},
	{"an errno behind EINTR is an error", {EINTR, EAGAIN}, {-1, -1}, -1, 2, "Resource temporarily unavailable"},
	{"no byte is an error", {EINTR}, {0}, -1, 1, "Input/output error"},
};

static void kernel_reads(void **state)
{
	const struct kernel_row *row = *state;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t buf[16];

	assert_int_equal(kernel_open(&s, NULL, NULL, &e), 0);
	memcpy(kernel_script.errors, row->errors, sizeof row->errors);
	memcpy(kernel_script.bytes, row->bytes, sizeof row->bytes);
	kernel_script.at = 0, kernel_script.len = row->calls;
	assert_int_equal(s.ops->read(s.self, buf, sizeof buf, &cause, &e), row->result);
	assert_int_equal(kernel_script.at, row->calls);
	kernel_script.len = 0;
	assert_int_equal(cause, row->text ? SOURCE_IO : SOURCE_FINE);
	if (row->text)
		assert_non_null(strstr(e.msg, row->text));
	assert_int_equal(s.kind, SOURCE_KERNEL);
	source_close(&s);
}

int main(void)
{
	return ROWS_RUN("the kernel as a source", kernel_reads, kernel_rows);
}
