/* seccomp.c: each row is a call that a confined child makes, and the errno that it must see; 0 means that it works. A
 * row that is refused is made without the filter too, where it must see anything but ENOSYS: else it proves nothing. */
#include "rows.h"

#include "confine/seccomp.h"

#include "confine_child.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

struct row {
	const char *name;
	long (*call)(void); /* -1 with errno, as a system call */
	bool refused;
};

static long call_execve(void)
{
	return execve("/nonexistent", (char *[]){NULL}, (char *[]){NULL});
}
static long call_execveat(void)
{
	return syscall(SYS_execveat, -1, "", NULL, NULL, 0);
}
static long call_socket_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}
static long call_socket_unix(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}
static long call_socket_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}
static long call_connect(void)
{
	return connect(-1, NULL, 0);
}
static long call_bind(void)
{
	return bind(-1, NULL, 0);
}
static long call_listen(void)
{
	return listen(-1, 1);
}
static long call_ptrace(void)
{
	return ptrace(PTRACE_PEEKDATA, getppid(), NULL, NULL);
}
static long call_read_other_memory(void)
{
	char c;
	struct iovec here = {&c, 1}, there = {&c, 1};
	return process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}
static long call_kill_parent(void)
{
	return kill(getppid(), 0);
}
static long call_kill_self(void)
{
	return kill(getpid(), 0);
}
static long call_tgkill_parent(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}
static long call_tgkill_self(void)
{
	return syscall(SYS_tgkill, getpid(), gettid(), 0);
}
static long call_setuid(void)
{
	return setuid(0);
}
static long call_setgroups(void)
{
	return syscall(SYS_setgroups, 0, NULL);
}
static long call_capset(void)
{
	return syscall(SYS_capset, NULL, NULL);
}
static long call_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}
static long call_setns(void)
{
	return setns(-1, 0);
}
static long call_mount(void)
{
	return syscall(SYS_mount, NULL, NULL, NULL, 0, NULL);
}
static long call_chroot(void)
{
	return chroot("/");
}
static long call_chdir(void)
{
	return chdir("/");
}
static long call_link(void)
{
	return linkat(-1, "a", -1, "b", 0);
}
static long call_symlink(void)
{
	return symlinkat("a", -1, "b");
}
static long call_mkdir(void)
{
	return mkdirat(-1, "a", 0700);
}
static long call_mknod(void)
{
	return syscall(SYS_mknodat, -1, "a", S_IFIFO, 0);
}
static long call_ioctl(void)
{
	return syscall(SYS_ioctl, 0, 0, 0);
}
static long call_bpf(void)
{
	return syscall(SYS_bpf, -1, NULL, 0);
}
static long call_memfd(void)
{
	return syscall(SYS_memfd_create, "x", 0);
}
static long call_dup(void)
{
	return dup(0);
}
static long call_dup_by_fcntl(void)
{
	return fcntl(0, F_DUPFD, 0);
}
static long call_signal_owner(void)
{
	return fcntl(0, F_SETOWN, getpid());
}
static long call_get_flags(void)
{
	return fcntl(0, F_GETFL);
}
static long call_lock(void)
{
	struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = open("/dev/null", O_RDWR);
	return fcntl(fd, F_OFD_GETLK, &whole);
}
static long call_fork(void)
{
	long child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (child == 0)
		_exit(0);
	return child;
}
static long call_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0);
}
static long map(int prot)
{
	void *p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? -1 : 0;
}
static long call_map(void)
{
	return map(PROT_READ | PROT_WRITE);
}
static long call_map_exec(void)
{
	return map(PROT_READ | PROT_EXEC);
}
static long protect(int prot)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(p, 4096, prot);
}
static long call_protect(void)
{
	return protect(PROT_READ);
}
static long call_protect_exec(void)
{
	return protect(PROT_READ | PROT_WRITE | PROT_EXEC);
}
static long call_pkey_protect(void)
{
	return syscall(SYS_pkey_mprotect, NULL, 0, PROT_EXEC, -1);
}
static long call_set_name(void)
{
	return prctl(PR_SET_NAME, "confined");
}
static long call_set_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}
static long call_get_limit(void)
{
	struct rlimit l;
	return getrlimit(RLIMIT_NOFILE, &l);
}
static long call_set_limit(void)
{
	struct rlimit l = {0, 0};
	return setrlimit(RLIMIT_CORE, &l);
}
static long call_set_time(void)
{
	return clock_settime(CLOCK_MONOTONIC, &(struct timespec){0});
}
static long call_open(void)
{
	return open("/dev/null", O_RDONLY);
}
static long call_random(void)
{
	char buf[16];
	return syscall(SYS_getrandom, buf, sizeof buf, 0);
}
static long call_sleep(void)
{
	return nanosleep(&(struct timespec){0, 1}, NULL);
}
static void *thread_body(void *arg)
{
	char *p = malloc(1 << 20);
	memset(p, 1, 1 << 20);
	free(p);
	return arg;
}
static long call_thread(void)
{
	pthread_t t;
	int token;
	void *back = NULL;
	errno = pthread_create(&t, NULL, thread_body, &token);
	if (errno || pthread_join(t, &back) != 0)
		return -1;
	return back == &token ? 0 : -1;
}

static long call_collect(void)
{
	return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : -1;
}
static long call_wait(void)
{
	return waitpid(-1, NULL, 0);
}

static const struct row rows[] = {
	{"execve is gone", call_execve, true},
	{"execveat is gone", call_execveat, true},
	{"no TCP socket can be made", call_socket_inet, true},
	{"no Unix socket can be made", call_socket_unix, true},
	{"no netlink socket can be made", call_socket_netlink, true},
	{"connect is gone", call_connect, true},
	{"bind is gone", call_bind, true},
	{"listen is gone", call_listen, true},
	{"ptrace is gone", call_ptrace, true},
	{"another process's memory cannot be read", call_read_other_memory, true},
	{"kill of another process is gone", call_kill_parent, true},
	{"kill is gone even for oneself", call_kill_self, true},
	{"tgkill of another process is gone", call_tgkill_parent, true},
	{"tgkill of oneself is left, for abort", call_tgkill_self, false},
	{"setuid is gone", call_setuid, true},
	{"setgroups is gone", call_setgroups, true},
	{"capset is gone", call_capset, true},
	{"no user namespace can be made", call_unshare, true},
	{"setns is gone", call_setns, true},
	{"mount is gone", call_mount, true},
	{"chroot is gone", call_chroot, true},
	{"chdir is gone", call_chdir, true},
	{"hard links are gone", call_link, true},
	{"symbolic links are gone", call_symlink, true},
	{"directories cannot be made", call_mkdir, true},
	{"device nodes and fifos cannot be made", call_mknod, true},
	{"ioctl is gone", call_ioctl, true},
	{"bpf is gone", call_bpf, true},
	{"memfd_create is gone", call_memfd, true},
	{"dup is gone", call_dup, true},
	{"fcntl cannot duplicate", call_dup_by_fcntl, true},
	{"fcntl cannot direct signals", call_signal_owner, true},
	{"fcntl gets flags", call_get_flags, false},
	{"fcntl locks files", call_lock, false},
	{"clone makes no process", call_fork, true},
	{"clone3, which no filter can look into, is gone", call_clone3, true},
	{"a thread starts, allocates and ends", call_thread, false},
	{"memory can be mapped", call_map, false},
	{"memory cannot be mapped executable", call_map_exec, true},
	{"memory can be protected", call_protect, false},
	{"memory cannot be made executable", call_protect_exec, true},
	{"nor by pkey_mprotect", call_pkey_protect, true},
	{"a thread names itself", call_set_name, false},
	{"prctl does nothing else", call_set_dumpable, true},
	{"limits can be asked", call_get_limit, false},
	{"limits cannot be set", call_set_limit, true},
	{"the clock cannot be set", call_set_time, true},
	{"files can be opened", call_open, false},
	{"getrandom works", call_random, false},
	{"sleeping works", call_sleep, false},
	{"children can be collected", call_collect, false},
	{"but not waited for", call_wait, true},
};

static int confined(void)
{
	struct confine_layer l = {0};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	seccomp_enter(&l);
	return l.holds && !l.warning[0] ? 0 : -1;
}

static int bare(const void *arg)
{
	const struct row *r = arg;
	return r->call() < 0 ? errno : 0;
}

static int filtered(const void *arg)
{
	return confined() < 0 ? 255 : bare(arg);
}

static void test_row(void **state)
{
	const struct row *r = *state;
	if (SANITIZED && r->call == call_thread)
		skip_since("not under a sanitizer");
	if (!r->refused) {
		assert_int_equal(in_child(filtered, r), 0);
		return;
	}
	assert_int_not_equal(in_child(bare, r), ENOSYS);
	assert_int_equal(in_child(filtered, r), ENOSYS);
}

static int aborts(const void *arg)
{
	(void)arg;
	if (confined() < 0)
		return 255;
	abort();
}

static void test_abort_still_kills(void **state)
{
	(void)state;
	if (SANITIZED)
		skip_since("not under a sanitizer");
	assert_int_equal(in_child(aborts, NULL), CHILD_SIGNAL + SIGABRT);
}

static int status_of_self(const void *arg)
{
	(void)arg;
	char text[4096];
	if (confined() < 0)
		return 255;
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "\nSeccomp:\t2\n") != NULL;
}

static void test_kernel_says_filter(void **state)
{
	(void)state;
	assert_int_equal(in_child(status_of_self, NULL), 1);
}

static pthread_barrier_t meet;

static void *early_thread(void *arg)
{
	pthread_barrier_wait(&meet); /* the filter is loaded after this ... */
	pthread_barrier_wait(&meet); /* ... and before this */
	*(long *)arg = call_socket_unix() < 0 ? errno : 0;
	return NULL;
}

static int older_thread(const void *arg)
{
	(void)arg;
	pthread_t t;
	long seen = 0;
	pthread_barrier_init(&meet, NULL, 2);
	pthread_create(&t, NULL, early_thread, &seen);
	pthread_barrier_wait(&meet);
	if (confined() < 0)
		return 255;
	pthread_barrier_wait(&meet);
	pthread_join(t, NULL);
	return (int)seen;
}

static void test_a_thread_from_before_is_bound_too(void **state)
{
	(void)state;
	if (SANITIZED)
		skip_since("not under a sanitizer");
	assert_int_equal(in_child(older_thread, NULL), ENOSYS);
}

static int without_no_new_privs(const void *arg)
{
	(void)arg;
	struct confine_layer l = {0};
	if (geteuid() == 0 && setresuid(65532, 65532, 65532) < 0)
		return 255;
	seccomp_enter(&l);
	return !l.holds && l.warning[0] && l.detail[0];
}

static void test_refusal_is_a_warning(void **state)
{
	(void)state;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		skip_since("no_new_privs is on already");
	assert_int_equal(in_child(without_no_new_privs, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_abort_still_kills),
		cmocka_unit_test(test_kernel_says_filter),
		cmocka_unit_test(test_a_thread_from_before_is_bound_too),
		cmocka_unit_test(test_refusal_is_a_warning),
	};
	int failed = ROWS_RUN("confine seccomp", test_row, rows);
	return failed + cmocka_run_group_tests_name("confine seccomp", others, NULL, NULL);
}
