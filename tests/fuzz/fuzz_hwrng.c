/* What sysfs says of the generator: the driver is one printable line that fits, the quality a ratio or unknown. An
 * input is the two files, the first up to a NUL. */
#include "fuzz.h"

#include "source/hwrng_info.h"

#include <sys/mman.h>
#include <unistd.h>

static void put(int fd, const uint8_t *p, size_t n)
{
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, p, n, 0) != (ssize_t)n)
		abort();
}

/* The files are made once. */
static struct hwrng_info *files(void)
{
	static struct hwrng_info info = {-1, -1};

	if (info.current_fd < 0)
		info = (struct hwrng_info){memfd_create("current", 0), memfd_create("quality", 0)};
	return &info;
}

static void check_driver(const char driver[SOURCE_DRIVER_MAX], const uint8_t *p, size_t n)
{
	size_t len = strnlen(driver, SOURCE_DRIVER_MAX);

	FUZZ_CHECK(len < SOURCE_DRIVER_MAX && len <= n, "%zu bytes", len);
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK(driver[i] >= ' ' && driver[i] <= '~' && driver[i] == (char)p[i], "%s", driver);
	if (len < n && len < SOURCE_DRIVER_MAX - 1)
		FUZZ_CHECK(p[len] < ' ' || p[len] > '~', "%s ends too early", driver);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct hwrng_info *info = files();
	const struct hwrng_info missing = {-1, -1};
	const uint8_t *nul = len ? memchr(data, 0, len) : NULL;
	size_t first = nul ? (size_t)(nul - data) : len, rest = nul ? first + 1 : len;
	char *driver = malloc(SOURCE_DRIVER_MAX);
	double quality;

	if (!driver)
		abort();
	put(info->current_fd, data, first);
	put(info->quality_fd, data + rest, len - rest);
	memset(driver, '?', SOURCE_DRIVER_MAX);
	hwrng_info_read(info, driver, &quality);
	check_driver(driver, data, first);
	FUZZ_CHECK((quality >= 0 && quality <= 1) || (quality >= -1 && quality <= -1), "%g", quality);
	hwrng_info_read(&missing, driver, &quality);
	FUZZ_CHECK(driver[0] == '\0' && quality < 0, "%s %g", driver, quality);
	free(driver);
	return 0;
}
