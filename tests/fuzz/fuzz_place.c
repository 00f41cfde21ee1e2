/* Paths of the output: the parts of a path lead back to it, a link never leads out of the buffer, and our own temporary
 * names are known as such. An input is lines: path, text of a link, name in the directory. */
#include "fuzz.h"

#include "sink/place.h"
#include "sink/temp.h"

static void check_split(const char *path)
{
	char dir[SINK_PATH_MAX], base[256], joined[SINK_PATH_MAX];

	if (!place_split(path, dir, sizeof dir, base, sizeof base))
		return;
	FUZZ_CHECK(!strchr(base, '/') && dir[0] != '\0', "%s -> %s and %s", path, dir, base);
	if (place_join(dir, base, joined, sizeof joined)) {
		char dir2[SINK_PATH_MAX], base2[256];
		FUZZ_CHECK(place_split(joined, dir2, sizeof dir2, base2, sizeof base2), "%s", joined);
		FUZZ_CHECK(strcmp(base, base2) == 0, "%s -> %s", path, joined);
	}
}

static void check_join(const char *dir, const char *link)
{
	char out[SINK_PATH_MAX], small[16];

	if (place_join(dir, link, out, sizeof out))
		FUZZ_CHECK(strlen(out) >= strlen(link) && strcmp(out + strlen(out) - strlen(link), link) == 0, "%s",
			   out);
	if (link[0] == '/' && strlen(link) < sizeof out)
		FUZZ_CHECK(strcmp(out, link) == 0, "%s", out);
	if (place_join(dir, link, small, sizeof small))
		FUZZ_CHECK(strnlen(small, sizeof small) < sizeof small, "no end");
}

static void check_temp(const char *name, const char *base)
{
	char ours[TEMP_NAME_MAX];

	if (strlen(base) > TEMP_BASE_MAX || strchr(base, '/'))
		return;
	for (int attempt = 0; attempt < TEMP_TRIES; attempt++) {
		temp_name(ours, base, 4194304, attempt);
		FUZZ_CHECK(temp_is_name(ours, base) && strlen(ours) < TEMP_NAME_MAX, "%s", ours);
	}
	if (temp_is_name(name, base))
		FUZZ_CHECK(name[0] == '.' && strlen(name) > strlen(base) + 6 && strcmp(name, base) != 0, "%s", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	char *path = fuzz_line(&in), *link = fuzz_line(&in), *name = fuzz_line(&in);

	check_split(path);
	check_join(path, link);
	check_temp(name, path);
	free(path);
	free(link);
	free(name);
	return 0;
}
