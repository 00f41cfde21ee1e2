/* faultfs BACKING MOUNT [SEED] - a file system (FUSE) that shows the directory BACKING under MOUNT and fails on
 * command.
 *
 * Besides the files of BACKING it shows `device`, a noise source that misbehaves on command. Commands come on standard
 * input (faults.h). Prints "ready" once it is mounted; unmounts itself at the end of standard input. Exit status 77
 * with a reason: this machine lets nobody mount here. */
#define FUSE_USE_VERSION 34
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>

struct faultfs {
	struct faults faults;
	int backing; /* descriptor of the directory */
	struct fuse *fuse;
};

static const char device_path[] = "/device";
enum { DEVICE_FH = -2, READ_MAX = 65536, LOOK_NS = 20000000 };

static struct faultfs *fs(void)
{
	return fuse_get_context()->private_data;
}

static const char *inside(const char *path)
{
	return path[1] ? path + 1 : ".";
}

static int result(int rc)
{
	return rc < 0 ? -errno : rc;
}

static int fd_of(const struct fuse_file_info *fi)
{
	return (int)fi->fh;
}

/* Waits for the next command, for wait_ns at most (-1: no limit). -EINTR when the caller was killed or interrupted. */
static int wait_for_news(struct faults *f, int64_t wait_ns)
{
	struct timespec until;
	int rc = 0;
	pthread_mutex_lock(&f->mutex);
	for (unsigned seen = f->commands; rc == 0 && wait_ns != 0 && seen == f->commands;) {
		int64_t step = wait_ns < 0 || wait_ns > LOOK_NS ? LOOK_NS : wait_ns;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += (long)step;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&f->changed, &f->mutex, &until);
		wait_ns -= wait_ns < 0 ? 0 : step;
		rc = fuse_interrupted() ? -EINTR : f->ended ? -EIO : 0;
	}
	pthread_mutex_unlock(&f->mutex);
	return rc;
}

/* 0, or what the call shall answer. */
static int ask(enum fault_op op, size_t *limit)
{
	size_t unused;
	for (;;) {
		int answer = faults_ask(&fs()->faults, op, limit ? limit : &unused);
		if (answer >= 0)
			return -answer;
		int rc = wait_for_news(&fs()->faults, -1);
		if (rc < 0)
			return rc;
	}
}

static int device_read(char *buf, size_t size)
{
	struct faults *f = &fs()->faults;
	for (;;) {
		pthread_mutex_lock(&f->mutex);
		struct behave_act act = behave_next(&f->device, (uint8_t *)buf, size < READ_MAX ? size : READ_MAX);
		pthread_mutex_unlock(&f->mutex);
		int rc = act.wait_ns ? wait_for_news(f, act.wait_ns) : 0;
		if (rc < 0)
			return rc;
		if (act.wait_ns >= 0)
			return (int)act.n;
	}
}

static int fs_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	if (path && strcmp(path, device_path) == 0) {
		*st = (struct stat){.st_mode = S_IFREG | 0444, .st_nlink = 1};
		return 0;
	}
	if (fi && fd_of(fi) >= 0)
		return result(fstat(fd_of(fi), st));
	return result(fstatat(fs()->backing, inside(path), st, AT_SYMLINK_NOFOLLOW));
}

static int fs_open(const char *path, struct fuse_file_info *fi)
{
	fi->direct_io = 1;
	if (strcmp(path, device_path) == 0) {
		fi->fh = (uint64_t)DEVICE_FH;
		return 0;
	}
	int fd = openat(fs()->backing, inside(path), fi->flags & ~(O_NOFOLLOW | O_APPEND), 0);
	fi->fh = (uint64_t)fd;
	return fd < 0 ? -errno : 0;
}

static int fs_create(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	const struct fuse_context *who = fuse_get_context();
	int rc = ask(OP_CREATE, NULL);
	if (rc < 0)
		return rc;
	int fd = openat(fs()->backing, inside(path), fi->flags | O_CREAT, mode);
	if (fd < 0)
		return -errno;
	if (geteuid() == 0 && fchown(fd, who->uid, who->gid) < 0) {
		close(fd);
		return -EPERM;
	}
	fi->direct_io = 1;
	fi->fh = (uint64_t)fd;
	return 0;
}

static int fs_read(const char *path, char *buf, size_t size, off_t at, struct fuse_file_info *fi)
{
	(void)path;
	if (fd_of(fi) == DEVICE_FH)
		return device_read(buf, size);
	return result((int)pread(fd_of(fi), buf, size, at));
}

static int fs_write(const char *path, const char *buf, size_t size, off_t at, struct fuse_file_info *fi)
{
	size_t limit;
	(void)path;
	int rc = ask(OP_WRITE, &limit);
	if (rc < 0)
		return rc;
	return result((int)pwrite(fd_of(fi), buf, limit && limit < size ? limit : size, at));
}

static int fs_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	if (fd_of(fi) >= 0)
		close(fd_of(fi));
	return 0;
}

static int fs_fsync(const char *path, int datasync, struct fuse_file_info *fi)
{
	(void)path;
	(void)datasync;
	int rc = ask(OP_FSYNC, NULL);
	return rc < 0 ? rc : result(fsync(fd_of(fi)));
}

static int fs_fsyncdir(const char *path, int datasync, struct fuse_file_info *fi)
{
	(void)path;
	(void)datasync;
	(void)fi;
	return ask(OP_FSYNCDIR, NULL);
}

static int fs_rename(const char *from, const char *to, unsigned flags)
{
	int rc = ask(OP_RENAME, NULL);
	if (rc < 0)
		return rc;
	return result(renameat2(fs()->backing, inside(from), fs()->backing, inside(to), flags));
}

static int fs_unlink(const char *path)
{
	int rc = ask(OP_UNLINK, NULL);
	return rc < 0 ? rc : result(unlinkat(fs()->backing, inside(path), 0));
}

static int fs_chmod(const char *path, mode_t mode, struct fuse_file_info *fi)
{
	int rc = ask(OP_CHMOD, NULL);
	if (rc < 0)
		return rc;
	return fi && fd_of(fi) >= 0 ? result(fchmod(fd_of(fi), mode))
				    : result(fchmodat(fs()->backing, inside(path), mode, 0));
}

static int fs_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)path;
	int rc = ask(OP_TRUNCATE, NULL);
	if (rc < 0)
		return rc;
	return fi && fd_of(fi) >= 0 ? result(ftruncate(fd_of(fi), size)) : -ENOSYS;
}

static int fs_flock(const char *path, struct fuse_file_info *fi, int how)
{
	(void)path;
	int rc = ask(OP_LOCK, NULL);
	return rc < 0 ? rc : result(flock(fd_of(fi), how));
}

static int fs_readdir(const char *path, void *buf, fuse_fill_dir_t put, off_t at, struct fuse_file_info *fi,
		      enum fuse_readdir_flags flags)
{
	(void)path;
	(void)at;
	(void)fi;
	(void)flags;
	int fd = openat(fs()->backing, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return -errno;
	for (const struct dirent *e; (e = readdir(d));)
		put(buf, e->d_name, NULL, 0, 0);
	closedir(d);
	return 0;
}

static int fs_statfs(const char *path, struct statvfs *st)
{
	(void)path;
	return result(fstatvfs(fs()->backing, st));
}

static void *fs_init(struct fuse_conn_info *connection, struct fuse_config *c)
{
	(void)connection;
	c->hard_remove = 1;
	c->nullpath_ok = 1;
	c->intr = 1; /* a killed caller is let go, as by a good file system: its thread gets SIGUSR1 */
	c->attr_timeout = c->entry_timeout = c->negative_timeout = 0;
	return fuse_get_context()->private_data;
}

static const struct fuse_operations operations = {
	.init = fs_init,
	.getattr = fs_getattr,
	.open = fs_open,
	.create = fs_create,
	.read = fs_read,
	.write = fs_write,
	.release = fs_release,
	.fsync = fs_fsync,
	.rename = fs_rename,
	.unlink = fs_unlink,
	.chmod = fs_chmod,
	.truncate = fs_truncate,
	.readdir = fs_readdir,
	.fsyncdir = fs_fsyncdir,
	.flock = fs_flock,
	.statfs = fs_statfs,
};

static void woken(int signal_number)
{
	(void)signal_number;
}

static void *loop(void *arg)
{
	struct faultfs *f = arg;
	struct fuse_loop_config many = {.max_idle_threads = 10};
	fuse_loop_mt(f->fuse, &many);
	return NULL;
}

static void nothing(void *arg)
{
	(void)arg;
}

static int mount_it(struct faultfs *f, const char *at)
{
	char common[] = "fsname=faultfs,default_permissions", all[] = "fsname=faultfs,default_permissions,allow_other";
	char name[] = "faultfs", option[] = "-o";
	char *argv[] = {name, option, geteuid() == 0 ? all : common, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);
	f->fuse = fuse_new(&args, &operations, sizeof operations, f);
	int rc = f->fuse ? fuse_mount(f->fuse, at) : -1;
	fuse_opt_free_args(&args);
	return rc;
}

int main(int argc, char **argv)
{
	static struct faultfs f;
	pthread_t thread;
	if (argc < 3)
		return 64;
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = woken}, NULL); /* the library has none for it */
	faults_init(&f.faults, argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
	f.backing = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f.backing < 0 || access("/dev/fuse", R_OK | W_OK) < 0 || mount_it(&f, argv[2]) < 0) {
		printf("FUSE cannot be used here\n");
		return 77;
	}
	umask(0);
	if (pthread_create(&thread, NULL, loop, &f) != 0)
		return 71;
	printf("ready\n");
	fflush(stdout);
	faults_serve(&f.faults, nothing, NULL);
	fuse_exit(f.fuse);
	fuse_unmount(f.fuse); /* wakes the loop */
	pthread_join(thread, NULL);
	fuse_destroy(f.fuse);
	return 0;
}
