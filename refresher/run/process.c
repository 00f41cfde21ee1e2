#include "run/process.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_AGE_NS = 1000000000 };

void process_open(struct process *p)
{
	/* Confinement leaves descriptors usable, but no path below /proc. */
	p->stat_fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	p->fd_dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void process_close(struct process *p)
{
	/* Done twice it closes nothing that others have opened since. */
	if (p->stat_fd >= 0)
		close(p->stat_fd);
	if (p->fd_dir >= 0)
		close(p->fd_dir);
	p->stat_fd = p->fd_dir = -1;
}

/* The number behind the nth space of text; 0 where there is none. */
static uint64_t number_behind(const char *text, unsigned spaces)
{
	for (; *text && spaces > 0; text++)
		spaces -= *text == ' ';
	return strtoull(text, NULL, 10);
}

/* proc_pid_stat(5): the program's name, which may have spaces, ends with the last parenthesis; then come the third
 * field and the others. The 20th is the number of threads, the 23rd the bytes of the address space, the 24th its
 * resident pages. */
static void read_stat(int fd, struct process_counts *c)
{
	char text[2048];

	/* From offset 0 the kernel answers anew. */
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	const char *at = strrchr(text, ')');
	if (!at)
		return;
	c->threads = number_behind(at, 18);
	c->virtual_bytes = number_behind(at, 21);
	c->resident_bytes = number_behind(at, 22) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* linux_dirent64 as getdents64(2) fills it in: opendir would allocate 32 KiB at each scrape. */
static uint64_t count_entries(int dir_fd)
{
	char buf[2048] __attribute__((aligned(8)));
	unsigned short length; /* of one entry */
	uint64_t n = 0;
	ssize_t got;

	/* The directory is read from its beginning each time; an entry's length leads to the next one. */
	if (dir_fd < 0 || lseek(dir_fd, 0, SEEK_SET) < 0)
		return 0;
	while ((got = getdents64(dir_fd, buf, sizeof buf)) > 0)
		for (ssize_t at = 0; at < got; at += length, n++)
			memcpy(&length, buf + at + offsetof(struct dirent64, d_reclen), sizeof length);
	return n > 2 ? n - 2 : 0; /* without . and .. */
}

static void read_figures(struct process *p)
{
	struct rlimit files;
	struct process_counts *c = &p->counts;

	/* What cannot be read stays 0, unknown. */
	*c = (struct process_counts){.open_fds = count_entries(p->fd_dir)};
	read_stat(p->stat_fd, c);

	/* All threads, those that have ended too. */
	c->cpu_seconds = clock_seconds(clock_ns(CLOCK_PROCESS_CPUTIME_ID));

	/* Where there is no limit there is no number to show for it either. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		c->max_fds = files.rlim_cur;
}

void process_sample(struct process *p, int64_t now_ns, struct process_counts *out)
{
	/* A scrape, a page and a probe within a second share one reading. */
	if (p->read_ns == 0 || now_ns - p->read_ns >= MAX_AGE_NS) {
		read_figures(p);
		p->read_ns = now_ns;
	}
	*out = p->counts;
}
