#include "confine/trial.h"

#include "base/mount.h"
#include "confine/caps.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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

/* Longer names are refused by the sink (TEMP_BASE_MAX). */
void trial_name(char out[TRIAL_NAME_MAX], const char *base, long pid)
{
	snprintf(out, TRIAL_NAME_MAX, ".%.225s.tmp.%ld", base, pid);
}

static struct trial failed(enum trial_end end)
{
	return (struct trial){end, errno};
}

static struct trial create(const struct confine_needs *n, const char *base)
{
	char name[TRIAL_NAME_MAX];
	struct trial t = {TRIAL_FINE, 0};
	trial_name(name, base, (long)getpid());
	int fd = openat(n->output_dir, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(TRIAL_CREATE);
	if ((n->owner != (uid_t)-1 || n->group != (gid_t)-1) && fchown(fd, n->owner, n->group) < 0)
		t = failed(TRIAL_OWN);
	close(fd);
	unlinkat(n->output_dir, name, 0);
	return t;
}

static struct trial replace(const struct confine_needs *n, const char *base)
{
	struct trial t = create(n, base);
	if (t.end == TRIAL_FINE && !may_replace(n, base))
		t = (struct trial){TRIAL_REPLACE, 0};
	return t;
}

/* FILE is open already, so its present self needs no right. What is asked is whether one could be had again, should
 * someone remove or replace it: it can be opened, or another made. */
static struct trial hold(const struct confine_needs *n, const char *base)
{
	int fd = openat(n->output_dir, base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return (struct trial){TRIAL_FINE, 0};
	}
	struct trial opened = failed(TRIAL_OPEN), created = create(n, base);
	return created.end == TRIAL_CREATE && opened.sys_errno != ENOENT ? opened : created;
}

static struct trial in_child(const struct identity *id, bool keep_caps, const struct confine_needs *n)
{
	struct err e = {0};
	if (identity_become(id, &e) < 0 || (!keep_caps && caps_clear(&e) < 0))
		return (struct trial){TRIAL_BECOME, e.sys_errno};
	if (n->output_dir < 0)
		return (struct trial){TRIAL_FINE, 0};
	const char *base = base_name(n->output_file);
	if (mount_is_root(n->output_dir, base) == 1)
		return (struct trial){TRIAL_FINE, 0};
	return n->output_held ? hold(n, base) : replace(n, base);
}

/* answer: shared with the child. */
static void fork_and_wait(struct trial *answer, const struct identity *id, bool keep_caps,
			  const struct confine_needs *n)
{
	int status = -1;
	pid_t got, child = fork();
	if (child == 0) {
		*answer = in_child(id, keep_caps, n);
		_exit(0);
	}
	if (child < 0) {
		*answer = failed(TRIAL_BROKEN);
		return;
	}
	do
		got = waitpid(child, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		*answer = (struct trial){TRIAL_BROKEN, 0};
}

struct trial trial_run(const struct identity *id, bool keep_caps, const struct confine_needs *n)
{
	/* Not a pipe: where descriptors are short it could not say so. */
	struct trial *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return failed(TRIAL_BROKEN);
	*shared = (struct trial){TRIAL_BROKEN, 0};
	fork_and_wait(shared, id, keep_caps, n);
	struct trial t = *shared;
	munmap(shared, sizeof *shared);
	return t;
}

static bool is_denied(int sys_errno)
{
	return sys_errno == EACCES || sys_errno == EPERM;
}

enum err_code trial_code(const struct trial *t)
{
	if (err_is_shortage(t->sys_errno))
		return ERR_OS;
	switch (t->sys_errno) {
	case 0:
	case EACCES:
	case EPERM:
		return ERR_NOPERM;
	case EAGAIN: /* RLIMIT_NPROC */
		return ERR_OS;
	case ENOSPC:
	case EDQUOT:
	case EIO:
		return ERR_IO;
	default:
		return t->end == TRIAL_BECOME ? ERR_NOPERM : ERR_CANTCREAT;
	}
}

/* For what is nobody's right. */
static const char *remedy(int sys_errno)
{
	switch (sys_errno) {
	case EMFILE:
		return "; raise the limit of open files (RLIMIT_NOFILE)";
	case ENFILE:
		return "; raise the system's limit of open files (fs.file-max)";
	case ENOSPC:
		return "; free space or inodes there, or set a larger sizeLimit";
	case EDQUOT:
		return "; free space, or raise that user's quota";
	case EROFS:
		return "; mount an emptyDir there, or choose another FILE";
	default:
		return "";
	}
}

/* What is tried, and in which directory; a very long one is cut, so that the remedy behind it is not. */
struct scene {
	unsigned uid, gid;
	const char *dir;
	int dir_len;
	struct stat dir_st;
};

static struct scene look(const struct identity *id, const struct confine_needs *n)
{
	struct scene s = {.uid = (unsigned)id->uid, .gid = (unsigned)id->gid, .dir = ".", .dir_len = 1};
	const char *slash = n->output_file ? strrchr(n->output_file, '/') : NULL;
	ptrdiff_t len = slash ? slash - n->output_file : 1;
	if (slash)
		s.dir = n->output_file;
	s.dir_len = len < 1 ? 1 : len > 150 ? 150 : (int)len;
	if (n->output_dir < 0 || fstat(n->output_dir, &s.dir_st) < 0)
		s.dir_st = (struct stat){.st_uid = (uid_t)-1};
	return s;
}

static void explain_become(const struct scene *s, int sys_errno, char *out, size_t cap)
{
	if (is_denied(sys_errno))
		snprintf(out, cap,
			 "this process may not become uid %u; give it the capabilities SETUID and SETGID, or "
			 "start it as that user",
			 s->uid);
	else
		snprintf(out, cap, "this process cannot become uid %u, gid %u: %s%s", s->uid, s->gid,
			 strerror(sys_errno),
			 sys_errno == EINVAL ? "; its user namespace does not have them" : remedy(sys_errno));
}

static void explain_create(const struct scene *s, int sys_errno, char *out, size_t cap)
{
	const unsigned mode = s->dir_st.st_mode & 07777;
	int n = snprintf(out, cap, "uid %u cannot create files in %.*s", s->uid, s->dir_len, s->dir);
	size_t used = n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap;
	if (!is_denied(sys_errno))
		snprintf(out + used, cap - used, ": %s%s", strerror(sys_errno), remedy(sys_errno));
	else if (s->dir_st.st_uid != s->uid)
		snprintf(out + used, cap - used,
			 "; chown that directory to %u:%u, set confine.user to its owner, or choose another FILE",
			 s->uid, s->gid);
	else if ((mode & 0300) != 0300)
		snprintf(out + used, cap - used,
			 ", which is its own but has mode %04o; chmod u+wx that directory, or choose another FILE",
			 mode);
	else
		snprintf(out + used, cap - used,
			 ", which is its own with mode %04o; look at its ACL and attributes (getfacl, lsattr), or "
			 "choose "
			 "another FILE",
			 mode);
}

static void explain_open(const struct scene *s, const struct confine_needs *n, int sys_errno, char *out, size_t cap)
{
	struct stat st;
	if (!is_denied(sys_errno) || fstatat(n->output_dir, base_name(n->output_file), &st, AT_SYMLINK_NOFOLLOW) < 0) {
		snprintf(out, cap, "uid %u cannot open %.150s for writing: %s%s", s->uid, n->output_file,
			 strerror(sys_errno), remedy(sys_errno));
		return;
	}
	snprintf(out, cap,
		 "uid %u cannot write %.150s, of %u:%u with mode %04o in a directory of %u:%u with mode %04o; chown "
		 "it to %u:%u, or set confine.user to its owner",
		 s->uid, n->output_file, (unsigned)st.st_uid, (unsigned)st.st_gid, (unsigned)(st.st_mode & 07777),
		 (unsigned)s->dir_st.st_uid, (unsigned)s->dir_st.st_gid, (unsigned)(s->dir_st.st_mode & 07777), s->uid,
		 s->gid);
}

static void explain_own(const struct scene *s, const struct confine_needs *n, int sys_errno, char *out, size_t cap)
{
	bool denied = is_denied(sys_errno);
	snprintf(out, cap,
		 "uid %u cannot give files to output.owner %u:%u%s%s%s; set confine.user to that owner, or leave "
		 "output.owner empty",
		 s->uid, (unsigned)n->owner, (unsigned)n->group, denied ? "" : ": ", denied ? "" : strerror(sys_errno),
		 denied ? "" : remedy(sys_errno));
}

void trial_explain(const struct trial *t, const struct identity *id, const struct confine_needs *n, char *out,
		   size_t cap)
{
	const struct scene s = look(id, n);
	switch (t->end) {
	case TRIAL_BECOME:
		explain_become(&s, t->sys_errno, out, cap);
		return;
	case TRIAL_OPEN:
		explain_open(&s, n, t->sys_errno, out, cap);
		return;
	case TRIAL_CREATE:
		explain_create(&s, t->sys_errno, out, cap);
		return;
	case TRIAL_OWN:
		explain_own(&s, n, t->sys_errno, out, cap);
		return;
	case TRIAL_REPLACE:
		snprintf(out, cap,
			 "uid %u can neither rename nor replace %.150s: it is another user's in a sticky directory; "
			 "remove it once, or choose another FILE",
			 s.uid, n->output_file);
		return;
	case TRIAL_FINE:
	case TRIAL_BROKEN:
		snprintf(out, cap, "no child process could try whether uid %u can write in %.*s%s%s", s.uid, s.dir_len,
			 s.dir, t->sys_errno ? ": " : "", t->sys_errno ? strerror(t->sys_errno) : "");
		return;
	}
}
