/* idle_floor.c - what the kernel alone costs for a node's file and a node's probes: the least program with the same
 * work.
 *
 * idle_floor DIR: puts 109.6 kB in place in DIR at the start and each 30 s, by the bare system calls of such a file,
 * and answers every connection to a free port of 127.0.0.1 with one fixed page of 30 bytes, without a look at what was
 * asked. Prints "port N" and goes on until it is ended. What the daemon needs beside this is its own and its library's.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { FILE_BYTES = 109600, INTERVAL_SECONDS = 30 };

static void put_file(int dir)
{
	static char text[FILE_BYTES];
	int fd = openat(dir, ".floor", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, sizeof text) != sizeof text || fchmod(fd, 0444) != 0 || fsync(fd) != 0 ||
	    renameat(dir, ".floor", dir, "floor") != 0 || fsync(dir) != 0)
		exit(EXIT_FAILURE);
	close(fd);
}

static void answer(int listener)
{
	static const char page[] =
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
	char request[4096];
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (recv(fd, request, sizeof request, 0) > 0 && send(fd, page, sizeof page - 1, MSG_NOSIGNAL) > 0)
		shutdown(fd, SHUT_WR);
	close(fd);
}

static int listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		exit(EXIT_FAILURE);
	printf("port %u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	const struct itimerspec interval = {.it_interval.tv_sec = INTERVAL_SECONDS, .it_value.tv_nsec = 1};
	int dir = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	if (dir < 0 || timer < 0 || timerfd_settime(timer, 0, &interval, NULL) != 0)
		return EXIT_FAILURE;
	struct pollfd p[] = {{.fd = timer, .events = POLLIN}, {.fd = listen_somewhere(), .events = POLLIN}};
	uint64_t ticks;
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents && read(timer, &ticks, sizeof ticks) == sizeof ticks)
			put_file(dir);
		if (p[1].revents)
			answer(p[1].fd);
	}
	return EXIT_FAILURE;
}
