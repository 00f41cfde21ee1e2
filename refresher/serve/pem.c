#include "serve/pem.h"

#include "base/regular.h"
#include "base/wipe.h"

#include <errno.h>
#include <unistd.h>

/* Bytes read into buf[cap], or -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t cap)
{
	size_t used = 0;
	while (used < cap) {
		ssize_t n = read(fd, buf + used, cap - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int pem_read(struct pem *p, bool lock, const char *key, const char *path, struct err *e)
{
	int result = -1;
	const char *other;
	p->text = NULL;
	int fd = regular_open(path, &other);
	if (fd < 0)
		return err_set(e, errno == EACCES ? ERR_NOPERM : ERR_CONFIG, errno, "%s: %s", key, path);
	if (other) {
		err_set(e, ERR_CONFIG, 0, "%s: %s: is %s; allowed: a file", key, path, other);
		goto out;
	}
	struct locked account = {.wanted = lock};
	p->text = locked_new(PEM_MAX, &account);
	if (!p->text) {
		err_set(e, ERR_OS, ENOMEM, "%s: %s", key, path);
		goto out;
	}
	ssize_t n = read_all(fd, p->text, PEM_MAX);
	if (n < 0)
		err_set(e, ERR_CONFIG, errno, "%s: %s", key, path);
	else if (n == 0)
		err_set(e, ERR_CONFIG, 0, "%s: %s: the file is empty", key, path);
	else if (n == PEM_MAX)
		err_set(e, ERR_CONFIG, 0, "%s: %s: larger than %d bytes", key, path, PEM_MAX - 1);
	else
		result = 0;
out:
	close(fd);
	if (result < 0)
		pem_fini(p);
	return result;
}

void pem_fini(struct pem *p)
{
	locked_free(p->text, PEM_MAX);
	p->text = NULL;
}
