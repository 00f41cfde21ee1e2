#include "run/process.h"

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
	p->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	p->status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	p->fd_dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void process_close(struct process *p)
{
	if (p->statm_fd >= 0)
		close(p->statm_fd);
	if (p->status_fd >= 0)
		close(p->status_fd);
	if (p->fd_dir >= 0)
		close(p->fd_dir);
	p->statm_fd = p->status_fd = p->fd_dir = -1;
}

static void read_text(int fd, char *text, size_t cap)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, text, cap - 1, 0);
	text[n > 0 ? n : 0] = '\0';
}

/* linux_dirent64 as getdents64(2) fills it in: opendir would allocate 32 KiB at each scrape. */
static uint64_t count_entries(int dir_fd)
{
	char buf[2048] __attribute__((aligned(8)));
	unsigned short length; /* of one entry */
	uint64_t n = 0;
	ssize_t got;
	if (dir_fd < 0 || lseek(dir_fd, 0, SEEK_SET) < 0)
		return 0;
	while ((got = getdents64(dir_fd, buf, sizeof buf)) > 0)
		for (ssize_t at = 0; at < got; at += length, n++)
			memcpy(&length, buf + at + offsetof(struct dirent64, d_reclen), sizeof length);
	return n > 2 ? n - 2 : 0; /* without . and .. */
}

/* Summed as whole microseconds, so that the text of the metric stays short. */
static double timeval_seconds(struct timeval a, struct timeval b)
{
	return (double)((a.tv_sec + b.tv_sec) * 1000000 + a.tv_usec + b.tv_usec) / 1e6;
}

static void read_figures(struct process *p)
{
	char text[2048], *end;
	struct rusage use;
	struct rlimit files;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	getrusage(RUSAGE_SELF, &use);
	p->cpu_seconds = timeval_seconds(use.ru_utime, use.ru_stime);
	read_text(p->statm_fd, text, sizeof text);
	p->virtual_bytes = strtoull(text, &end, 10) * page;
	p->resident_bytes = strtoull(end, NULL, 10) * page;
	read_text(p->status_fd, text, sizeof text);
	const char *threads = strstr(text, "\nThreads:");
	p->threads = threads ? strtoull(threads + 9, NULL, 10) : 0;
	p->open_fds = count_entries(p->fd_dir);
	p->max_fds = getrlimit(RLIMIT_NOFILE, &files) == 0 ? (uint64_t)files.rlim_cur : 0;
}

void process_sample(struct process *p, struct status *s)
{
	if (p->read_mono_ns == 0 || s->now_mono_ns - p->read_mono_ns >= MAX_AGE_NS) {
		read_figures(p);
		p->read_mono_ns = s->now_mono_ns;
	}
	s->cpu_seconds = p->cpu_seconds;
	s->resident_bytes = p->resident_bytes;
	s->virtual_bytes = p->virtual_bytes;
	s->open_fds = p->open_fds;
	s->max_fds = p->max_fds;
	s->threads = p->threads;
}
