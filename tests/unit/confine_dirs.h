/* confine_dirs.h - an output directory and a configuration to confine a child to. */
#ifndef TESTS_CONFINE_DIRS_H
#define TESTS_CONFINE_DIRS_H

#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* TMP/v/out/numbers.txt is the output, TMP/etc/r.yaml the configuration. */
struct dirs {
	char tmp[64], out[128], file[128], etc[128], yaml[128];
	int dir;
};

static inline void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

static inline int dirs_setup(void **state)
{
	struct dirs *p = calloc(1, sizeof *p);
	char path[128];
	strcpy(p->tmp, "/tmp/confine.XXXXXX");
	assert_non_null(mkdtemp(p->tmp));
	snprintf(path, sizeof path, "%s/v", p->tmp);
	mkdir(path, 0755);
	snprintf(p->out, sizeof p->out, "%s/v/out", p->tmp);
	mkdir(p->out, 0755);
	snprintf(p->file, sizeof p->file, "%s/v/out/numbers.txt", p->tmp);
	snprintf(p->etc, sizeof p->etc, "%s/etc", p->tmp);
	mkdir(p->etc, 0755);
	snprintf(p->yaml, sizeof p->yaml, "%s/etc/r.yaml", p->tmp);
	write_text(p->yaml, "a");
	p->dir = open(p->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return 0;
}

static inline int dirs_teardown(void **state)
{
	struct dirs *p = *state;
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", p->tmp);
	close(p->dir);
	int rc = system(command);
	free(p);
	return rc;
}

/* Stands for the sink's own probe: may this user create a file in the output directory? self: the directories. */
static inline int dirs_probe(void *self, struct err *e)
{
	const struct dirs *p = self;
	int fd = openat(p->dir, ".probe", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, errno == EACCES ? ERR_NOPERM : ERR_IO, errno, "uid %u cannot create files in %s",
			       (unsigned)geteuid(), p->out);
	close(fd);
	return unlinkat(p->dir, ".probe", 0);
}

static inline struct confine_needs dirs_needs(const struct dirs *p)
{
	return (struct confine_needs){.output_dir = p->dir,
				      .output_file = p->file,
				      .probe = dirs_probe,
				      .probe_self = (void *)(uintptr_t)p,
				      .owner = (uid_t)-1,
				      .group = (gid_t)-1,
				      .config_file = p->yaml};
}

#endif
