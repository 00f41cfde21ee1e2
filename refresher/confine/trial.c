#include "confine/trial.h"

#include "base/mount.h"
#include "confine/caps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The sticky bit lets only the owner of the file or of the directory rename over a file. */
static bool may_replace(const struct confine_needs *n, const char *base)
{
	struct stat dir, old;
	if (fstat(n->output_dir, &dir) < 0 || !(dir.st_mode & S_ISVTX))
		return true;
	if (fstatat(n->output_dir, base, &old, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	return old.st_uid == geteuid() || dir.st_uid == geteuid();
}

/* The name is one that the sink takes for a left-over and sweeps away, should this process die in between. */
static enum trial create(const struct confine_needs *n, const char *base)
{
	char name[256];
	enum trial result = TRIAL_FINE;
	snprintf(name, sizeof name, ".%.200s.tmp.%ld", base, (long)getpid());
	int fd = openat(n->output_dir, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return TRIAL_CREATE;
	if ((n->owner != (uid_t)-1 || n->group != (gid_t)-1) && fchown(fd, n->owner, n->group) < 0)
		result = TRIAL_OWN;
	close(fd);
	unlinkat(n->output_dir, name, 0);
	return result;
}

static enum trial in_child(const struct identity *id, bool keep_caps, const struct confine_needs *n)
{
	struct err ignored;
	if (identity_become(id, &ignored) < 0 || (!keep_caps && caps_clear(&ignored) < 0))
		return TRIAL_BECOME;
	if (n->output_dir < 0)
		return TRIAL_FINE;
	const char *base = base_name(n->output_file);
	if (mount_is_root(n->output_dir, base) == 1)
		return TRIAL_FINE;
	enum trial result = create(n, base);
	return result == TRIAL_FINE && !may_replace(n, base) ? TRIAL_REPLACE : result;
}

enum trial trial_run(const struct identity *id, bool keep_caps, const struct confine_needs *n)
{
	int status = -1;
	pid_t got, child = fork();
	if (child < 0)
		return TRIAL_BROKEN;
	if (child == 0)
		_exit((int)in_child(id, keep_caps, n));
	do
		got = waitpid(child, &status, 0);
	while (got < 0 && errno == EINTR);
	return got == child && WIFEXITED(status) && WEXITSTATUS(status) < TRIAL_BROKEN ? (enum trial)WEXITSTATUS(status)
										       : TRIAL_BROKEN;
}
