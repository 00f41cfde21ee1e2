#include "run/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
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

/* The whole small file as text, "" where it cannot be read. */
static void read_text(int fd, char *text, size_t cap)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, text, cap - 1, 0);
	text[n > 0 ? n : 0] = '\0';
}

/* The decimal number at *text, which moves behind it. */
static uint64_t next_number(const char **text)
{
	char *end;
	uint64_t n = strtoull(*text, &end, 10);
	if (end == *text)
		return 0;
	*text = end;
	return n;
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

/* Bytes of so many pages. */
static uint64_t page_bytes(uint64_t pages)
{
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void read_figures(struct process *p)
{
	char text[2048];
	const char *at = text;
	struct rusage use;
	struct rlimit files;
	getrusage(RUSAGE_SELF, &use);
	p->counts.cpu_seconds = timeval_seconds(use.ru_utime, use.ru_stime);

	/* proc(5): statm begins with the pages of the whole address space and those that are resident. */
	read_text(p->statm_fd, text, sizeof text);
	p->counts.virtual_bytes = page_bytes(next_number(&at));
	p->counts.resident_bytes = page_bytes(next_number(&at));
	read_text(p->status_fd, text, sizeof text);
	at = strstr(text, "\nThreads:");
	at = at ? at + strlen("\nThreads:") : "";
	p->counts.threads = next_number(&at);
	p->counts.open_fds = count_entries(p->fd_dir);

	/* Where there is no limit there is no number to show for it either. */
	bool limited = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY;
	p->counts.max_fds = limited ? (uint64_t)files.rlim_cur : 0;
}

void process_sample(struct process *p, int64_t now_ns, struct process_counts *out)
{
	if (p->read_ns == 0 || now_ns - p->read_ns >= MAX_AGE_NS) {
		read_figures(p);
		p->read_ns = now_ns;
	}
	*out = p->counts;
}
