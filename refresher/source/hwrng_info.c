#include "source/hwrng_info.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HWRNG_SYSFS "/sys/class/misc/hw_random/"

void hwrng_info_open(struct hwrng_info *i)
{
	/* Old kernels have no rng_quality, and a container may have no sysfs: then it is unknown. */
	i->current_fd = open(HWRNG_SYSFS "rng_current", O_RDONLY | O_CLOEXEC);
	i->quality_fd = open(HWRNG_SYSFS "rng_quality", O_RDONLY | O_CLOEXEC);
}

void hwrng_info_close(struct hwrng_info *i)
{
	if (i->current_fd >= 0)
		close(i->current_fd);
	if (i->quality_fd >= 0)
		close(i->quality_fd);
	i->current_fd = i->quality_fd = -1;
}

/* One line of sysfs, without its line feed and with nothing in it that a label could not hold. */
static void read_line(int fd, char *line, size_t cap)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, line, cap - 1, 0); /* from offset 0 sysfs answers anew */
	line[n > 0 ? n : 0] = '\0';
	while (*line >= ' ' && *line <= '~')
		line++;
	*line = '\0';
}

void hwrng_info_read(const struct hwrng_info *i, char driver[SOURCE_DRIVER_MAX], double *quality_ratio)
{
	char text[32];

	/* The quality is bits of entropy per 1024 bits, as the driver claims; a kernel without the file claims nothing.
	 */
	read_line(i->current_fd, driver, SOURCE_DRIVER_MAX);
	read_line(i->quality_fd, text, sizeof text);
	char *end;
	long quality = strtol(text, &end, 10);
	*quality_ratio = end == text || quality < 0 || quality > 1024 ? -1 : (double)quality / 1024;
}
