/* The part of fake_io.h that arranges files and looks at them, past the seam. */
#include "fake_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *fake_io_path(const struct fake_io *f, const char *name, char out[512])
{
	snprintf(out, 512, "%s/%s", f->dir, name);
	return out;
}

void fake_file_write(const struct fake_io *f, const char *name, const char *text)
{
	char path[512];
	FILE *to = fopen(fake_io_path(f, name, path), "w");
	if (!to || fputs(text, to) < 0 || fclose(to) != 0) {
		perror(path);
		abort();
	}
}

int fake_file_read(const struct fake_io *f, const char *name, char *out, size_t len)
{
	char path[512];
	int fd = open(fake_io_path(f, name, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	size_t used = 0;
	ssize_t n;
	while (used < len - 1 && (n = read(fd, out + used, len - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	out[used] = '\0';
	return (int)used;
}

unsigned fake_file_count(const struct fake_io *f, const char *part)
{
	unsigned n = 0;
	DIR *d = opendir(f->dir);
	const struct dirent *entry;
	while (d && (entry = readdir(d)))
		n += strstr(entry->d_name, part) != NULL;
	if (d)
		closedir(d);
	return n;
}
