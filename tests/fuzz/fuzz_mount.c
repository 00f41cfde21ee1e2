/* The mount id in the text of /proc/self/fdinfo: what a line-by-line reader finds, or -1. */
#include "fuzz.h"

#include "base/mount.h"

#include <ctype.h>
#include <limits.h>

/* The digits behind "mnt_id:" and blanks, of the first line that begins so; NULL: none. */
static const char *digits_of(const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (strncmp(line, "mnt_id:", 7) != 0)
			continue;
		line += 7;
		while (*line == ' ' || *line == '\t')
			line++;
		return isdigit((unsigned char)*line) ? line : NULL;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_string(data, len);
	const char *digits = digits_of(text);
	uint64_t expected = 0;
	for (size_t i = 0; digits && isdigit((unsigned char)digits[i]) && expected <= INT_MAX; i++)
		expected = expected * 10 + (unsigned)(digits[i] - '0');
	int id = mount_id_of(text);

	if (!digits || expected > INT_MAX)
		FUZZ_CHECK(id == -1, "%d", id);
	else
		FUZZ_CHECK(id == (int)expected, "%d", id);
	free(text);
	return 0;
}
