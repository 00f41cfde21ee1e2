/* Paths of the output: a walk over any text ends, never leaves its buffers and never names more than it was given; and
 * our own temporary names are known as such. An input is lines: path, text of a link, name in the directory. */
#include "fuzz.h"

#include "sink/output_path.h"
#include "sink/temp.h"

enum { STEPS_MAX = 3 * SINK_PATH_MAX };

/* As the sink walks, but for the file system: every third component is a link with the given text, forty in all. */
static void check_walk(const char *path, const char *text)
{
	char rest[SINK_PATH_MAX] = "", done[SINK_PATH_MAX] = "", name[OUTPUT_NAME_MAX], before[SINK_PATH_MAX];
	unsigned links = 0, steps = 0;
	int got;

	if (!path_link(rest, path))
		return;
	while ((got = path_take(rest, name)) > 0) {
		size_t left = strlen(rest), used = strlen(done);

		FUZZ_CHECK(name[0] != '\0' && !strchr(name, '/') && strlen(name) < OUTPUT_NAME_MAX, "%s", name);
		FUZZ_CHECK(left == 0 || rest[0] == '/', "%s", rest);
		FUZZ_CHECK(++steps < STEPS_MAX * 50, "no end");
		if (steps % 3 == 0 && links < 40) {
			links++;
			memcpy(before, rest, sizeof rest);
			if (!path_link(rest, text)) {
				FUZZ_CHECK(strcmp(rest, before) == 0, "%s", rest);
				return;
			}
			FUZZ_CHECK(strncmp(rest, text, strlen(text)) == 0, "%s", rest);
			FUZZ_CHECK(left == 0 || strcmp(rest + strlen(text) + 1, before) == 0, "%s", rest);
			continue;
		}
		if (!path_enter(done, name)) {
			FUZZ_CHECK(strlen(done) == used, "%s", done);
			return;
		}
		FUZZ_CHECK(strlen(done) < SINK_PATH_MAX && !strstr(done, "//"), "%s", done);
		FUZZ_CHECK(strcmp(done + strlen(done) - strlen(name), name) == 0, "%s", done);
	}
	FUZZ_CHECK(got < 0 || strspn(rest, "/") == strlen(rest), "%s", rest);
}

static void check_temp(const char *name, const char *base)
{
	char ours[OUTPUT_NAME_MAX];

	if (strlen(base) > TEMP_BASE_MAX || strchr(base, '/'))
		return;
	for (uint64_t random = 1; random != 0; random <<= 1) {
		temp_name(ours, base, random);
		FUZZ_CHECK(temp_is_name(ours, base) && strlen(ours) < OUTPUT_NAME_MAX, "%s", ours);
	}
	if (temp_is_name(name, base))
		FUZZ_CHECK(name[0] == '.' && strlen(name) == strlen(base) + 22 && strcmp(name, base) != 0, "%s", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	char *path = fuzz_line(&in), *link = fuzz_line(&in), *name = fuzz_line(&in);

	check_walk(path, link);
	check_temp(name, path);
	free(path);
	free(link);
	free(name);
	return 0;
}
