/* Any strings as message and fields: one line, at most 2 KiB, valid as JSON, nothing in it that a terminal obeys. An
 * input is the form, then lines: message, value, value. */
#include "fuzz.h"
#include "fuzz_stderr.h"

#include "base/log.h"
#include "json_check.h"

#include <fcntl.h>
#include <unistd.h>

enum { LINE_BYTES = 2048 };

/* Both ends of the pipe into which the line goes; made once. */
static const int *pipe_ends(void)
{
	static int ends[2] = {-1, -1};

	if (ends[0] < 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		abort();
	return ends;
}

static size_t capture(const char *msg, const char *a, const char *b, char line[LINE_BYTES + 2])
{
	const int *ends = pipe_ends();

	fuzz_stderr_lead(ends[1]);
	log_error(msg, log_str("first", a), log_u64("number", 7), log_str("second", b));
	fuzz_stderr_back();
	ssize_t n = read(ends[0], line, LINE_BYTES + 1);
	if (n < 0)
		abort();
	line[n] = '\0';
	return (size_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	bool json = fuzz_u8(&in) & 1;
	char *msg = fuzz_line(&in), *a = fuzz_line(&in), *b = fuzz_string(in.p, in.left);
	char line[LINE_BYTES + 2];

	log_setup((struct log_config){LOG_INFO, json ? LOG_JSON : LOG_LOGFMT});
	size_t n = capture(msg, a, b, line);
	FUZZ_CHECK(n > 0 && n <= LINE_BYTES && strlen(line) == n, "%zu bytes", n);
	FUZZ_CHECK(line[n - 1] == '\n', "%s", line);
	line[n - 1] = '\0';
	FUZZ_CHECK(fuzz_is_one_line(line), "%s", line);
	FUZZ_CHECK(!json || json_check(line), "%s", line);
	free(msg);
	free(a);
	free(b);
	return 0;
}
